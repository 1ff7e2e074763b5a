"""PostgreSQL and Redis frozen, cut off or out of space while gates and people go on asking."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest

from common.db.postgresql.patience import CONNECT_SECONDS, PROBE_SECONDS, SILENT_SECONDS
from parking.embedded.processes import wait_until
from tests.faults.box import Box
from tests.faults.kills import Report, traffic
from tests.in_time import assert_in_time

# One installation serves them all, so one process of a parallel run has to take them all.
GATE = "cars-entry-1"
LANES = 8
ANSWER_SECONDS = 1.0
FROZEN_SECONDS = max(SILENT_SECONDS + PROBE_SECONDS, CONNECT_SECONDS)
# What a busy machine may add to an answer that waits for nothing.
SLACK_SECONDS = float(os.environ.get("FAULTS_SLACK", "2.0"))


@pytest.fixture(scope="module")
def key(box: Box) -> str:
    return json.loads(box.manage("issue_device_key", GATE))["key"]


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """Stop processes as a hanging machine or disk would: their sockets stay open and nobody answers."""
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def read(plate: str = "") -> dict:
    return {"event_id": str(uuid4()), "plate": plate or f"FR {uuid4().int % 10**6:06}", "confidence": 0.97}


def ask(box: Box, key: str, body: dict) -> tuple[int, dict, float]:
    """Send a read and return its status, its answer and the seconds it took."""
    began = time.monotonic()
    status, answer, headers = box.ask(f"/api/v1/gates/{GATE}/reads", body, key)
    seconds = time.monotonic() - began
    if status != 200:
        assert headers["Content-Type"] == "application/problem+json", answer
        assert headers["Retry-After"] == "1"
    return status, json.loads(answer), seconds


def ask_from_all_lanes(box: Box, key: str) -> list[tuple[int, dict, float]]:
    with ThreadPoolExecutor(LANES) as lanes:
        return list(lanes.map(lambda _: ask(box, key, read()), range(LANES)))


def assert_refused_in_time(answers: list[tuple[int, dict, float]], limit: float = ANSWER_SECONDS) -> None:
    assert {(status, answer["code"]) for status, answer, _ in answers} == {(503, "unavailable")}
    slowest = max(seconds for *_, seconds in answers)
    sys.stdout.write(f"refused within {slowest:.2f} s\n")
    assert_in_time(slowest, limit + SLACK_SECONDS)


def assert_friendly_page(box: Box) -> None:
    status, page, _ = box.ask("/")
    assert status == 503
    assert b"Back in a moment" in page
    assert b"Traceback" not in page


def opens(box: Box, key: str, body: dict, *, seconds: float = 10) -> bool:
    return wait_until(lambda: ask(box, key, body)[0] == 200, seconds=seconds)


def test_frozen_postgres_is_said_and_resumed_at_once(box: Box, key: str) -> None:
    ask_from_all_lanes(box, key)
    sent = read()
    with frozen(box._postgres()):
        status, _, seconds = ask(box, key, sent)
        assert status == 503
        assert_in_time(seconds, FROZEN_SECONDS + SLACK_SECONDS)
        for _ in range(3):
            assert_refused_in_time(ask_from_all_lanes(box, key), FROZEN_SECONDS)
        assert_friendly_page(box)
        assert box.ask("/healthz")[0] == 200
        assert json.loads(box.ask("/readyz")[1])["down"]["database"]
    assert opens(box, key, sent, seconds=3)
    assert wait_until(lambda: ask(box, key, sent)[1].get("replayed"), seconds=3)


def test_lost_postgres_is_said_within_a_second_and_resumed_by_itself(box: Box, key: str) -> None:
    ask_from_all_lanes(box, key)
    sent = read()
    with frozen([box.up.pid]):
        # The supervisor sleeps, so nobody brings it back.
        os.kill(box.pids("postgres")[0], signal.SIGKILL)
        assert wait_until(lambda: not box._postgres(), seconds=10)
        for _ in range(3):
            assert_refused_in_time(ask_from_all_lanes(box, key))
        assert_friendly_page(box)
    assert opens(box, key, sent)


@pytest.mark.parametrize("how", ["frozen", "lost"])
def test_gates_pages_and_payments_go_on_without_redis(box: Box, key: str, how: str) -> None:
    ticket = ask(box, key, read())[1]["ticket"]["link"].rsplit("/", 1)[-1]
    with frozen(box.pids("redis") if how == "frozen" else [box.up.pid]):
        if how == "lost":
            os.kill(box.pids("redis")[0], signal.SIGKILL)
        assert {status for status, *_ in ask_from_all_lanes(box, key)} == {200}
        for path in ("/", "/lots/cars", f"/api/v1/tickets/{ticket}/fee", "/pay/"):
            began = time.monotonic()
            assert box.ask(path)[0] == 200, path
            assert_in_time(time.monotonic() - began, ANSWER_SECONDS + SLACK_SECONDS)
        began = time.monotonic()
        paid = box.ask(f"/api/v1/tickets/{ticket}/pay", {"method": "card", "token": "tok_ok", "amount": None})
        assert paid[0] in {200, 409}, paid
        assert_in_time(time.monotonic() - began, ANSWER_SECONDS + SLACK_SECONDS)
    assert wait_until(box.is_ready, seconds=20)


def test_wrong_device_clocks_leave_everything_clean(box: Box) -> None:
    report = Report(seed=int(time.time()))
    with traffic(box, report, skew=13.0):
        time.sleep(5)
    assert report.traffic["reconciles"], report
    assert "every invariant holds" in box.manage("verify")


def test_outages_left_nothing_broken(box: Box) -> None:
    assert "every invariant holds" in box.manage("verify")
