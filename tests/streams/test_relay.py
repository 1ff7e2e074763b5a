"""Streams that the web process passes on: whose they are, and what can't be forged."""

import pytest
from django.core import signing

from parking.streaming.relay import RELAYED_FOR, SALT, Relay, _request, relayed_address
from tests.streams.loops import run_in_a_thread

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/stream/lots/central/",
    "QUERY_STRING": "",
    "REMOTE_ADDR": "203.0.113.7",
    "HTTP_HOST": "parking.example",
    "HTTP_COOKIE": "sessionid=abc",
    "HTTP_LAST_EVENT_ID": "1-2",
    RELAYED_FOR: "forged",
}


def lines_of(environ: dict[str, str]) -> list[str]:
    return _request(environ).decode("latin-1").split("\r\n")


def test_what_decides_is_passed_on_with_the_address_of_the_client():
    first, relayed, *others = lines_of(ENVIRON)
    assert first == "GET /stream/lots/central/ HTTP/1.0"
    assert others == ["Host: parking.example", "Cookie: sessionid=abc", "Last-Event-ID: 1-2", "", ""]
    name, _, value = relayed.partition(": ")
    assert name == "X-Relayed-For"
    assert relayed_address({RELAYED_FOR: value}) == "203.0.113.7"


@pytest.mark.parametrize(
    "forged",
    ["198.51.100.1", "", "x:y:z", signing.dumps("198.51.100.1")],
    ids=["plain", "empty", "odd", "without salt"],
)
def test_nobody_else_says_what_the_address_is(forged):
    environ = {RELAYED_FOR: forged}
    assert relayed_address(environ) is None
    assert environ == {}


def test_an_old_address_is_not_believed(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("django.core.signing.time.time", lambda: 1_000_000.0)
        old = signing.dumps("203.0.113.7", salt=SALT)
    assert relayed_address({RELAYED_FOR: old}) is None


def test_an_address_that_was_asked_for_adds_no_line():
    environ = ENVIRON | {"PATH_INFO": "/stream/lots/a\r\nX-Evil: 1/é /", "QUERY_STRING": "lot=a"}
    assert lines_of(environ)[0] == "GET /stream/lots/a%0D%0AX-Evil%3A%201/%E9%20/?lot=a HTTP/1.0"
    assert len(lines_of(environ)) == len(lines_of(ENVIRON))


@pytest.mark.parametrize(
    ("method", "path", "taken"),
    [("GET", "/stream/lots/", True), ("POST", "/stream/lots/", False), ("GET", "/api/v1/stream/gates/x/", False)],
)
def test_only_streams_are_passed_on(method, path, taken):
    assert Relay("http://127.0.0.1:1").takes({"REQUEST_METHOD": method, "PATH_INFO": path}) is taken


class Refused:
    status = 0

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


def test_while_nobody_streams_the_answer_is_503_and_at_once():
    answer = Refused()
    run_in_a_thread(Relay("http://127.0.0.1:1").pass_on(ENVIRON, answer))
    assert answer.status == 503
    assert "Retry-After" in answer.headers
