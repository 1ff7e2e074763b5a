"""A program that the supervisor runs."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from parking.embedded.processes import die_with_parent


@dataclass
class Command:
    """A command line with its environment. It is ready when `probe` says so, or once it has notified.

    `notify` is the unix socket for its readiness message (systemd's NOTIFY_SOCKET), `nice` its niceness.
    """

    name: str
    line: list[str]
    environment: Mapping[str, str]
    folder: Path
    probe: Callable[[], bool] | None = None
    notify: Path | None = None
    nice: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    _channel: socket.socket | None = field(default=None, init=False)
    _announced: bool = field(default=False, init=False)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process in a new session, with its output in a pipe."""
        environment = {**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"}
        die_too = die_with_parent(signal.SIGTERM)

        def prepare() -> None:
            die_too()
            os.nice(self.nice)

        if self.notify:
            self._listen(self.notify)
            environment["NOTIFY_SOCKET"] = str(self.notify)
        return subprocess.Popen(
            self.line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=environment,
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - the supervisor has one thread
        )

    @property
    def must_answer(self) -> bool:
        """Return whether the machine counts as ready only once this process is."""
        return self.probe is not None or self.notify is not None

    def answers(self) -> bool:
        """Return whether the process works."""
        if self.probe:
            return self.probe()
        return self.notify is None or self._has_announced()

    def _listen(self, path: Path) -> None:
        self._announced = False
        if self._channel:
            self._channel.close()
        path.unlink(missing_ok=True)
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._channel.setblocking(False)
        self._channel.bind(str(path))

    def _has_announced(self) -> bool:
        if self._channel and not self._announced:
            try:
                self._announced = b"READY=1" in self._channel.recv(64)
            except BlockingIOError:
                return False
        return self._announced
