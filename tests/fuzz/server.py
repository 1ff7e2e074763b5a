"""The web server itself over the test database, and a client that sends exactly the bytes it is told to."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from parking.supervisor.process_plan import web_answers, web_line

PROJECT = Path(__file__).parents[2]
HOST = "127.0.0.1"
START_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """What is sent; `target` is a path with its query, percent-encoded."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Server:
    """A running web process and one kept connection to it."""

    def __init__(self, port: int, log: Path, pid: int = 0) -> None:
        self.port, self.log, self.pid = port, log, pid
        self._connection = http.client.HTTPConnection(HOST, port, timeout=60)

    def send(self, request: Request) -> Answer:
        """Send a request as it is; a connection that the server has closed is opened again."""
        try:
            return self._sent(request)
        except (http.client.HTTPException, ConnectionError, BrokenPipeError):
            self._connection.close()
            return self._sent(request)

    def _sent(self, request: Request) -> Answer:
        connection = self._connection
        connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in ({"Host": f"{HOST}:{self.port}"} | request.headers).items():
            connection.putheader(name, value.encode("latin-1", "replace"))
        connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())

    def kill(self) -> None:
        """End all of its processes at once."""
        os.killpg(self.pid, signal.SIGKILL)

    def told(self) -> str:
        """Return the end of what the server has written."""
        return self.log.read_text(errors="replace")[-6_000:]


@contextmanager
def running_server(
    folder: Path, *, serves: str = "everything", port: int | None = None, **settings: str
) -> Iterator[Server]:
    """Run a web process on the test database until the block ends, with more settings if any are given."""
    port = port or free_port()
    log = folder / f"{serves}.log"
    line = [sys.executable, *web_line(HOST, port, workers=1, threads=1)[1:]]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            line, cwd=PROJECT, env=_environment(serves) | settings, stdout=out, stderr=out, start_new_session=True
        ) as process,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not web_answers(port, HOST):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.1)
            yield Server(port, log, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def _environment(serves: str) -> dict[str, str]:
    database = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "parking.settings",
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "PARKING_DATA": str(settings.PARKING_DATA),
        "PARKING_SERVES": serves,
        "PYTHONPATH": str(PROJECT),
        "PYTHONWARNINGS": "ignore",
    }
