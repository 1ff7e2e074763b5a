"""What a web process does with clients that send slowly, wrongly or in chunks, over real sockets and with one thread."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from parking.embedded.processes import wait_until
from tests.in_time import assert_in_time

PROJECT = Path(__file__).parents[2]
BODY_SECONDS = 1.0
LARGEST_BODY = 1_048_576
IDLE = 32
SOON = 2.0


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "parking.serve", "--port", str(port), "--workers", "1", "--threads", "1"]
    line += ["--body-seconds", str(BODY_SECONDS), "--log-level", "warning", "tests.runtime.echo:application"]
    log = tmp_path_factory.mktemp("front") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(line, cwd=PROJECT, stdout=output, stderr=output)
    assert wait_until(lambda: process.poll() is not None or answers(port), seconds=60), log.read_text()
    yield port
    process.terminate()
    process.wait(20)


def answers(port: int) -> bool:
    try:
        return asked(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")[0] == 200
    except OSError:
        return False


def connected(port: int, sent: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(sent)
    return connection


def answer_on(connection: socket.socket) -> tuple[int, bytes]:
    """Return status and body of what comes until the server closes."""
    received = b""
    while part := connection.recv(65_536):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def asked(port: int, sent: bytes) -> tuple[int, bytes]:
    with connected(port, sent) as connection:
        return answer_on(connection)


def request(*headers: str, body: bytes = b"", path: str = "/", method: str = "POST") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def seconds_of_a_request(port: int) -> float:
    began = time.monotonic()
    assert asked(port, request("Content-Length: 2", body=b"ok"))[0] == 200
    return time.monotonic() - began


@pytest.mark.parametrize(
    "unfinished",
    [
        pytest.param(request("Content-Length: 100", body=b"{"), id="a body that stops"),
        pytest.param(request("Content-Length: 100"), id="a body that never begins"),
        pytest.param(request("Content-Length: 9", path="/api/v1/gates/x/reads"), id="a read without a key"),
        pytest.param(request("Transfer-Encoding: chunked", body=b"5\r\nab"), id="a chunk that stops"),
        pytest.param(request("Transfer-Encoding: chunked", body=b"2\r\nab\r\n"), id="chunks without an end"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: local", id="headers that stop"),
    ],
)
def test_requests_that_never_end_hold_up_nobody(port, unfinished):
    idle = [connected(port, unfinished) for _ in range(IDLE)]
    try:
        assert_in_time(max(seconds_of_a_request(port) for _ in range(5)), SOON)
    finally:
        for connection in idle:
            connection.close()
    assert_in_time(seconds_of_a_request(port), SOON)


@pytest.mark.parametrize("headers", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_a_body_that_is_too_late_is_given_up(port, headers):
    began = time.monotonic()
    status, _body = asked(port, request(headers))
    assert status == 408
    took = time.monotonic() - began
    assert took > BODY_SECONDS * 0.9
    assert_in_time(took, BODY_SECONDS + SOON)


def test_a_body_that_drips_has_the_same_time_as_any(port):
    with connected(port, request("Content-Length: 100")) as connection:
        for _ in range(3):
            time.sleep(BODY_SECONDS / 4)
            connection.sendall(b"x")
        assert answer_on(connection)[0] == 408


def test_the_api_is_told_by_a_problem_document(port):
    status, body = asked(port, request("Content-Length: 100", path="/api/v1/anything"))
    assert (status, json.loads(body)["code"]) == (408, "timeout")


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (request("Content-Length: 5", body=b"whole"), "whole"),
        (request("Transfer-Encoding: chunked", body=chunks(b"in ", b"parts")), "in parts"),
        (request("Transfer-Encoding: chunked", body=chunks()), ""),
        (request("Content-Length: 0"), ""),
        (request(), ""),
    ],
)
def test_bodies_arrive_whole_with_their_length(port, sent, body):
    status, answer = asked(port, sent)
    seen = json.loads(answer)
    assert (status, seen["body"]) == (200, body)
    assert int(seen.get("CONTENT_LENGTH", 0)) == len(body)
    assert "HTTP_TRANSFER_ENCODING" not in seen


@pytest.mark.parametrize(
    "sent",
    [
        request("Content-Length: x"),
        request("Content-Length: -1"),
        request("Content-Length: +2", body=b"ab"),
        request("Content-Length: 2", "Content-Length: 3", body=b"abc"),
        request("Transfer-Encoding: chunked", body=b"zz\r\n"),
        request("Transfer-Encoding: chunked", body=b"2\r\nab\r\nzz\r\n"),
        request("Transfer-Encoding: gzip", body=b"ab"),
    ],
)
def test_a_body_without_a_clear_end_is_refused(port, sent):
    assert asked(port, sent)[0] == 400


def test_chunks_count_when_a_length_is_told_too(port):
    status, answer = asked(port, request("Content-Length: 3", "Transfer-Encoding: chunked", body=chunks(b"chunked")))
    assert status == 400 or json.loads(answer)["body"] == "chunked"


@pytest.mark.parametrize(
    "sent",
    [
        request(f"Content-Length: {LARGEST_BODY + 1}"),
        request("Content-Length: 99999999999999999"),
        request(
            "Transfer-Encoding: chunked", body=b"%x\r\n" % (LARGEST_BODY + 1) + b"x" * (LARGEST_BODY + 1) + b"\r\n"
        ),
    ],
)
def test_too_much_is_refused_before_it_has_come(port, sent):
    assert asked(port, sent)[0] == 413


def test_the_largest_body_is_taken(port):
    status, answer = asked(port, request(f"Content-Length: {LARGEST_BODY}", body=b"x" * LARGEST_BODY))
    assert (status, len(json.loads(answer)["body"])) == (200, LARGEST_BODY)


def test_a_picture_may_be_larger_where_one_is_uploaded(port):
    size = 5_000_000
    page = request(f"Content-Length: {size}", body=b"x" * size, path="/manage/lots/central/entrance/")
    assert asked(port, page)[0] == 200
    assert asked(port, request("Content-Length: 5100001", path="/manage/lots/central/entrance/"))[0] == 413
    assert asked(port, request(f"Content-Length: {size}", path="/manage/lots/central/entrance/x"))[0] == 413


def test_headers_reach_the_application_as_sent(port):
    sent = request("Cookie: a=1", "Cookie: b=2", "X-Forwarded-For: 1.1.1.1", "X_Forwarded_For: 6.6.6.6", method="GET")
    seen = json.loads(asked(port, sent)[1])
    assert seen["HTTP_COOKIE"] == "a=1; b=2"
    assert seen["HTTP_X_FORWARDED_FOR"] == "1.1.1.1"
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert json.loads(asked(port, request(path="/caf%C3%A9"))[1])["PATH_INFO"] == "/café".encode().decode("latin-1")


def test_a_mistake_of_the_application_ends_no_thread(port):
    assert asked(port, request(path="/fails"))[0] == 500
    assert_in_time(seconds_of_a_request(port), SOON)


def test_clients_that_go_away_leave_nothing(port):
    for _ in range(IDLE):
        connected(port, request("Content-Length: 100", body=b"{")).close()
    assert_in_time(seconds_of_a_request(port), SOON)


def test_one_that_waits_for_news_keeps_no_thread(port):
    waiting = [
        connected(port, b"GET /waits HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") for _ in range(20)
    ]
    began = time.monotonic()
    assert answers(port), "the only thread is free"
    assert_in_time(time.monotonic() - began, 0.5)
    assert [answer_on(connection)[0] for connection in waiting] == [200] * 20
    took = time.monotonic() - began
    assert took > 0.5
    assert_in_time(took, SOON)
    for connection in waiting:
        connection.close()
