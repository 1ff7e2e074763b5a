"""Two thousand connections to one process that streams: an entry is told to all within a second."""

import re
import resource
import selectors
import socket
import statistics
import sys
import time
from pathlib import Path

import pytest
from django.urls import get_resolver

from tests.fuzz.server import Server, running_server
from tests.gates.lanes import Lanes

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]
CONNECTIONS, ENTRIES = 2_000, 10
SECONDS = 1.0
KILOBYTES = 40
"""The most that a connection may cost."""


class Audience:
    """Connections that follow one lot."""

    def __init__(self, port: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._got: dict[socket.socket, bytes] = {}
        for number in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            connection.sendall(b"GET /stream/lots/told/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.setblocking(False)
            self._got[connection] = b""
            self._selector.register(connection, selectors.EVENT_READ)
            if number % 50 == 49:
                self.wait_for(b"data: on", began=time.monotonic(), seconds=30)
        self.forget()

    def forget(self) -> None:
        for connection in self._got:
            self._got[connection] = b""

    def wait_for(self, wanted: bytes, *, began: float, seconds: float) -> list[float]:
        """Return after how many seconds each has got that, all that have it by then."""
        told = {connection: 0.0 for connection, got in self._got.items() if wanted in got}
        while len(told) < len(self._got) and time.monotonic() < began + seconds:
            for key, _events in self._selector.select(0.1):
                part = key.fileobj.recv(65_536)
                assert part, "the server has closed a connection"
                self._got[key.fileobj] += part
                if key.fileobj not in told and wanted in self._got[key.fileobj]:
                    told[key.fileobj] = time.monotonic() - began
        return list(told.values())

    def close(self) -> None:
        for connection in self._got:
            connection.close()


def test_an_entry_shows_on_all_of_two_thousand_within_a_second(tmp_path):
    _allow_files()
    assert get_resolver().url_patterns  # as processes that serve have it before their first request
    lanes = Lanes(slug="told", spots={"regular": 50})
    with running_server(tmp_path, serves="streams", STREAMS_PER_ADDRESS="0") as server:
        before = memory_of(server)
        audience = Audience(server.port)
        each = (memory_of(server) - before) / CONNECTIONS
        slowest, medians = [], []
        for entry in range(1, ENTRIES + 1):
            audience.forget()
            began = time.monotonic()
            lanes.entry.read(f"ZH {entry}")
            told = audience.wait_for(b'"free": %d,' % (50 - entry), began=began, seconds=10)
            assert len(told) == CONNECTIONS
            slowest.append(max(told))
            medians.append(statistics.median(told))
            time.sleep(1.0)
        audience.close()
    told = f"median {statistics.median(medians):.3f} s, slowest {max(slowest):.3f} s, {each:.1f} KB a connection"
    sys.stdout.write(f"{told}\n")
    assert max(slowest) < SECONDS
    assert each < KILOBYTES


def memory_of(server: Server) -> float:
    """Return the kilobytes that the process's workers have for themselves."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    told = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in children]
    return sum(int(size) for text in told for size in re.findall(r"^Private_\w+:\s+(\d+)", text, re.MULTILINE))


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 500
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), hard))
