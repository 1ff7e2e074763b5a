"""The loop that keeps processes running."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from parking.embedded.sharing import Runnable
from parking.supervisor.backoff import Backoff
from parking.supervisor.output import Output, say

TICK_SECONDS = 0.1
STOP_SECONDS = 20


@dataclass
class Supervised:
    """A server with its current process, or with the time of its next start."""

    server: Runnable
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    ask_at: float = 0.0
    answered: bool = False
    adopted: bool = False
    backoff: Backoff = field(default_factory=Backoff)

    def start(self, output: Output) -> None:
        """Start the process now and follow its output."""
        self.adopt(self.server.start())
        if self.process:
            output.watch(self.server.name, self.process)

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        """Manage a process that is already running."""
        self.process, self.started, self.ask_at, self.answered = process, time.monotonic(), 0.0, False

    def answers(self) -> bool:
        """Return whether the current process has become ready; probes get rarer the longer it takes."""
        now = time.monotonic()
        if not self.answered and self.process is not None and now >= self.ask_at:
            self.ask_at = now + max(TICK_SECONDS, (now - self.started) / 10)
            self.answered = self.server.answers()
        return self.answered

    def bury(self) -> None:
        """Record the death of the process, end the rest of its session, and schedule the next start."""
        if self.process is None:
            return
        now = time.monotonic()
        wait = self.backoff.wait_after(now - self.started)
        say(f"{self.server.name} ended with status {self.process.returncode}; it starts again in {wait:g} s")
        end_session(self.process, signal.SIGKILL)
        self.process, self.start_at = None, now + wait


class Supervisor:
    """Runs servers, then the commands that need them, until told to stop."""

    def __init__(self) -> None:
        self._all: list[Supervised] = []
        self._output = Output()

    def adopt(self, server: Runnable, process: subprocess.Popen[bytes]) -> None:
        """Manage a server that is already running."""
        supervised = Supervised(server, adopted=True)
        supervised.adopt(process)
        self._all.append(supervised)

    def add(self, servers: Sequence[Runnable]) -> None:
        """Start these in the next iteration, in this order."""
        self._all += [Supervised(server) for server in servers]

    def all_answer(self) -> bool:
        """Return whether every process has become ready since its start."""
        return all(supervised.answers() for supervised in self._all)

    def silent(self) -> list[str]:
        """Return the names of processes that are not ready yet."""
        return [supervised.server.name for supervised in self._all if not supervised.answers()]

    def turn(self) -> None:
        """Start due processes, detect dead ones and forward output; takes `TICK_SECONDS` when idle."""
        for supervised in self._all:
            if supervised.process is not None and supervised.process.poll() is not None:
                supervised.bury()
            if supervised.process is None and time.monotonic() >= supervised.start_at:
                self._start(supervised)
        self._output.pass_on(TICK_SECONDS)

    def stop(self) -> None:
        """Stop the commands together, then the servers, each by force when it takes too long."""
        self._stop_together([supervised for supervised in self._all if not supervised.adopted])
        for supervised in reversed([supervised for supervised in self._all if supervised.adopted]):
            self._stop_together([supervised])
        self._output.pass_on(0)

    def _start(self, supervised: Supervised) -> None:
        try:
            supervised.start(self._output)
        except Exception as error:  # noqa: BLE001 - whatever keeps one from starting must not end the others
            supervised.start_at = time.monotonic() + supervised.backoff.wait_after(0)
            say(f"{supervised.server.name} could not be started: {error}")

    def _stop_together(self, group: Sequence[Supervised]) -> None:
        running = [(each.server, each.process) for each in group if each.process is not None]
        for server, process in running:
            with suppress(ProcessLookupError):
                process.send_signal(server.stop_signal)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(process.poll() is None for _server, process in running):
            self._output.pass_on(TICK_SECONDS / 4)
        for server, process in running:
            if process.poll() is None:
                say(f"{server.name} did not stop within {STOP_SECONDS} s and is ended by force")
            end_session(process, signal.SIGKILL)
            process.wait()


def end_session(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal every process of the group that this process leads, also after its end."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
