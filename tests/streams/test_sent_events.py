"""A process that streams, over real sockets: what happens at a lot is told within a moment, and who asks wrongly is refused."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.test import Client

from tests.factories import make_user
from tests.fuzz.server import running_server
from tests.gates.lanes import Lanes
from tests.in_time import assert_in_time

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def port(django_db_setup, tmp_path_factory) -> Iterator[int]:
    with running_server(tmp_path_factory.mktemp("streams"), serves="streams") as server:
        yield server.port


class Stream:
    """A connection that follows something."""

    def __init__(self, port: int, path: str, **headers: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        self.got = ""

    def until(self, wanted: str, seconds: float = 10) -> str:
        """Return what came until `wanted` did."""
        give_up = time.monotonic() + seconds
        while wanted not in self.got:
            self._socket.settimeout(max(0.01, give_up - time.monotonic()))
            part = self._socket.recv(65_536)
            assert part, self.got
            self.got += part.decode()
        return self.got

    @property
    def status(self) -> int:
        return int(self.until("\r\n\r\n").split()[1])

    def close(self) -> None:
        self._socket.close()


def test_an_entry_is_told_within_a_second(port):
    lanes = Lanes(slug="told")
    with closing(Stream(port, "/stream/lots/told/")) as stream:
        assert "text/event-stream" in stream.until("event: beat\ndata: on")
        began = time.monotonic()
        lanes.entry.read("ZH 1")
        stream.until('"free": 4')
        assert_in_time(time.monotonic() - began, 1.0)


def test_a_read_that_is_denied_is_told_to_those_who_work_there(port):
    lanes = Lanes(slug="told")
    client = Client()
    client.force_login(make_user("attendant", lanes.lot.operator))
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    with closing(Stream(port, "/stream/lanes/told/", Cookie=cookie)) as stream:
        stream.until("event: beat\ndata: on")
        lanes.exit.read("ZH 404")
        stream.until("event: lot")


@pytest.mark.parametrize("last", ["", "x", "-1", "0-99999999999999999999", "a" * 8000])
def test_a_wrong_last_event_is_answered_by_the_present(port, last):
    Lanes(slug="told")
    with closing(Stream(port, "/stream/lots/told/", **{"Last-Event-ID": last})) as stream:
        assert stream.status == 200
        stream.until('"free": 5')


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/stream/lanes/told/", 401),
        ("/stream/lots/untold/", 404),
        ("/stream/lots/", 400),
        ("/stream/lots/?lot=%00", 404),
        ("/", 404),
        ("/readyz", 200),
    ],
)
def test_what_is_not_streamed_is_refused(port, path, status):
    with closing(Stream(port, path)) as stream:
        assert stream.status == status


def test_one_address_has_so_many_streams_and_others_begin_once_they_end(port):
    Lanes(slug="told")
    streams = [Stream(port, "/stream/lots/told/") for _ in range(101)]
    try:
        assert sorted(stream.status for stream in streams) == [200] * 100 + [429]
        for stream in streams[:50]:
            stream.close()
        give_up = time.monotonic() + 5
        while (again := Stream(port, "/stream/lots/told/")).status != 200:
            again.close()
            assert time.monotonic() < give_up
            time.sleep(0.05)
        again.close()
    finally:
        for stream in streams:
            stream.close()


def test_a_client_that_takes_nothing_holds_up_nobody(port):
    lanes = Lanes(slug="told")
    sleepy, awake = Stream(port, "/stream/lots/told/"), Stream(port, "/stream/lots/told/")
    with closing(sleepy), closing(awake):
        awake.until("event: beat")
        lanes.entry.read("ZH 1")
        awake.until('"free": 4')
