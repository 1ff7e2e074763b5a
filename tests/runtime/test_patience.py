"""Connections that give up on a frozen server, but not on a slow one."""

import socket
import time
from pathlib import Path

import psycopg
import pytest
from django.db import InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponse

from common.breaker import Breaker
from common.db.postgresql import base
from common.db.postgresql.base import PatientConnection
from common.db.postgresql.greeting import answers_greeting
from common.db.postgresql.patience import CONNECT_SECONDS, LEAVE_ALONE_SECONDS, SILENT_SECONDS, WaitAtMost
from common.web.outages import failed, is_outage
from tests.in_time import assert_in_time


@pytest.fixture(autouse=True)
def breaker(monkeypatch):
    fresh = Breaker(LEAVE_ALONE_SECONDS)
    monkeypatch.setattr(base, "breaker", fresh)
    return fresh


@pytest.fixture
def silent(tmp_path):
    """A server that takes connections and never says a word."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / ".s.PGSQL.5432"))
        server.listen()
        yield tmp_path


@pytest.mark.django_db(transaction=True)
def test_slow_answer_is_waited_for(breaker):
    with WaitAtMost(10), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [SILENT_SECONDS * 1.5])
    assert not breaker.is_open


@pytest.mark.django_db(transaction=True)
def test_patience_ends_also_with_a_living_server(breaker):
    started = time.monotonic()
    with WaitAtMost(0.6), pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(3)")
    assert_in_time(time.monotonic() - started, 3)
    assert not breaker.is_open
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_frozen_server_is_given_up_and_then_left_alone(breaker, monkeypatch):
    monkeypatch.setattr(base, "answers_greeting", lambda *_args, **_more: False)
    started = time.monotonic()
    with WaitAtMost(10), pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(8)")
    assert_in_time(time.monotonic() - started, SILENT_SECONDS + 1)
    assert breaker.is_open
    assert connection.connection.closed
    connection.close()


def test_connecting_to_a_silent_server_ends_soon_and_then_at_once(silent: Path, breaker):
    started = time.monotonic()
    with WaitAtMost(10), pytest.raises(psycopg.OperationalError):
        PatientConnection.connect(host=str(silent))
    assert_in_time(time.monotonic() - started, CONNECT_SECONDS + 1)
    started = time.monotonic()
    with WaitAtMost(10), pytest.raises(psycopg.OperationalError, match="left alone"):
        PatientConnection.connect(host=str(silent))
    assert_in_time(time.monotonic() - started, CONNECT_SECONDS / 2)


def test_vanished_server_is_noticed_unless_the_address_says_otherwise(monkeypatch):
    assert connection.get_connection_params()["tcp_user_timeout"] == base.VANISHED["tcp_user_timeout"]
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"tcp_user_timeout": 5})
    assert connection.get_connection_params()["tcp_user_timeout"] == 5


def test_greeting_tells_the_living_from_the_silent_and_the_gone(silent: Path, tmp_path: Path, db):
    living = connection.connection.info
    assert answers_greeting(living.host, living.port, seconds=3)
    assert not answers_greeting(str(silent), 5432, seconds=0.1)
    assert not answers_greeting(str(tmp_path / "none"), 5432, seconds=0.1)


@pytest.mark.parametrize(
    ("cause", "outage"),
    [
        (psycopg.errors.DiskFull(), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.CannotConnectNow(), True),
        (psycopg.errors.LockNotAvailable(), True),
        (psycopg.errors.SerializationFailure(), True),
        (psycopg.errors.ReadOnlySqlTransaction(), True),
        (psycopg.errors.InFailedSqlTransaction(), False),
        (psycopg.errors.DivisionByZero(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_the_database_is_to_blame_for_is_an_outage(cause, outage):
    with pytest.raises(Exception) as raised, connection.wrap_database_errors:  # noqa: PT011 - one of several kinds
        raise cause
    assert is_outage(raised.value) is outage


def answer_to(error: Exception, request: HttpRequest) -> HttpResponse:
    try:
        raise error
    except type(error):
        return failed(request)


def test_page_without_database_says_so(rf):
    answer = answer_to(OperationalError("gone"), rf.get("/"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert b"Back in a moment" in answer.content


def test_program_without_database_is_told_to_send_again(rf):
    answer = answer_to(OperationalError("gone"), rf.get("/api/v1/lots"))
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")


def test_page_with_a_mistake_of_ours_is_still_an_error(rf):
    assert answer_to(InternalError("ours"), rf.get("/")).status_code == 500
