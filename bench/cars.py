"""Cars without think time: each connection repeats an entry and the exit of the same car."""

import json
import random
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.box import HOST
from bench.site import Lanes


@dataclass(slots=True)
class Outcome:
    """The results of reads: the seconds of each, and how many were not answered with 200 and `open`."""

    entries: list[float] = field(default_factory=list)
    exits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: "Outcome") -> None:
        """Add the results of more reads."""
        self.entries += other.entries
        self.exits += other.exits
        self.errors += other.errors
        self.seconds += other.seconds

    @property
    def reads(self) -> list[float]:
        """Return the seconds of all reads, sorted."""
        return sorted(self.entries + self.exits)


class Connection:
    """A keep-alive connection with minimal HTTP, to use little CPU."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, way: tuple[str, str], plate: str) -> tuple[float, bytes]:
        """Send a read and return its duration and the response."""
        path, key = way
        body = f'{{"event_id":"{uuid.uuid4()}","plate":"{plate}","confidence":0.97}}'
        request = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        return self.ask(request)

    def ask(self, request: str) -> tuple[float, bytes]:
        """Send a request and return its duration and the response."""
        started = time.perf_counter()
        self._socket.sendall(request.encode())
        answer = self._answer()
        return time.perf_counter() - started, answer

    def _answer(self) -> bytes:
        data = b""
        while True:
            part = self._socket.recv(65536)
            if not part:
                raise ConnectionError("the server hung up")
            data += part
            head, end, body = data.partition(b"\r\n\r\n")
            if end and (b" 304 " in head[:20] or len(body) >= _length(head)):
                return data


def warm_up(port: int, lanes: Sequence[Lanes], *, connections: int) -> None:
    """Drive a car through every lot on each connection, so that every process has cached every lane."""

    def visit() -> None:
        connection = Connection(port)
        for lot in lanes:
            pass_through(connection, lot, f"WU {uuid.uuid4().int % 10**10}", Outcome())

    threads = [threading.Thread(target=visit) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def drive(port: int, lanes: Sequence[Lanes], *, connections: int, seconds: float, pause: float = 0.0) -> Outcome:
    """Drive cars through random lots on several connections for some seconds, with `pause` seconds between reads."""
    outcome, stop_at = Outcome(), time.monotonic() + seconds
    threads = [
        threading.Thread(target=_drive_one, args=(port, lanes, number, stop_at, pause, outcome))
        for number in range(connections)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.monotonic() - started
    return outcome


def _drive_one(  # noqa: PLR0913, PLR0917 - the facts of one thread
    port: int, lanes: Sequence[Lanes], number: int, stop_at: float, pause: float, outcome: Outcome
) -> None:
    draw, connection = random.Random(), Connection(port)
    while time.monotonic() < stop_at:
        pass_through(connection, draw.choice(lanes), f"ZH {draw.randrange(10**8)} {number}", outcome, pause)


def pass_through(connection: Connection, lot: Lanes, plate: str, outcome: Outcome, pause: float = 0.0) -> None:
    """Send a car's entry and its exit, with `pause` seconds after each."""
    for way, taken in ((lot.entry, outcome.entries), (lot.exit, outcome.exits)):
        took, answer = connection.read(way, plate)
        taken.append(took)
        if not _opens(answer):
            outcome.errors.append(answer.decode(errors="replace"))
        if pause:
            time.sleep(pause)


def _opens(answer: bytes) -> bool:
    head, _end, body = answer.partition(b"\r\n\r\n")
    return b" 200 " in head[:20] and json.loads(body)["action"] == "open"


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ConnectionError("an answer without a length")
