"""Prefixes every line of output with the name of its process."""

import os
import selectors
import subprocess
import sys

WIDTH = 8
CHUNK = 65536


class Output:
    """Reads the pipes of running processes and prints whole lines."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._rest: dict[int, bytes] = {}

    def watch(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Print this process's output from now on, if it writes to a pipe."""
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
            self._rest[process.stdout.fileno()] = b""
            self._selector.register(process.stdout, selectors.EVENT_READ, name)

    def pass_on(self, seconds: float) -> None:
        """Wait up to `seconds` for output and print it."""
        for key, _events in self._selector.select(seconds):
            data = os.read(key.fd, CHUNK)
            *lines, self._rest[key.fd] = (self._rest[key.fd] + data).split(b"\n")
            if not data:
                lines.append(self._rest.pop(key.fd))
                self._selector.unregister(key.fileobj)
            for line in lines:
                if line.strip():
                    say(line.decode(errors="replace"), name=key.data)


def say(line: str, *, name: str = "up") -> None:
    """Print a line with the name of its process; errors of a closed terminal are ignored."""
    try:
        sys.stdout.write(f"{name:<{WIDTH}}| {line}\n")
        sys.stdout.flush()
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - stands in for the lost terminal from now on
