"""The embedded Redis: a broker and cache whose contents may be lost."""

import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from parking.embedded import processes
from parking.embedded.layout import Layout
from parking.embedded.server_user import Owner, redis_program

PROGRAMS = frozenset({"redis-server", "valkey-server"})


@dataclass(frozen=True, slots=True)
class Redis:
    """A Redis (or Valkey) server in a layout."""

    layout: Layout
    owner: Owner

    name = "redis"
    stop_signal = signal.SIGTERM

    @property
    def log(self) -> Path:
        return self.layout.logs / "redis.log"

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and return at once; one that outlived its starter is ended first."""
        self.end_leftovers()
        folder = self.layout.redis.resolve()
        options = {
            "port": "0",
            "unixsocket": str(self.layout.redis_socket.resolve()),
            "unixsocketperm": "700",
            "dir": str(folder),
            "save": "",
            "appendonly": "no",
            "loglevel": "warning",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return processes.start_server(
            [str(redis_program(self.layout, self.owner)), *words],
            owner=self.owner,
            log=self.log,
            death_signal=signal.SIGTERM,
        )

    def answers(self) -> bool:
        """Return whether the server answers a ping."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.layout.redis_socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def end_leftovers(self) -> None:
        """End servers that outlived their starter."""
        for pid in processes.running_in(self.layout.redis, PROGRAMS):
            processes.end_process(pid, (signal.SIGTERM, 5), (signal.SIGKILL, 5))
