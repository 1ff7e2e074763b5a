"""What the health pages say when servers are away."""

import time

import pytest
from celery import current_app
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

from common.web import servers
from parking.celery import app
from tests.in_time import assert_in_time


def test_healthz_needs_no_server(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_is_ok_when_all_answer(client, db):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "down": {}})


def test_readyz_names_a_lost_redis_quickly(client, db, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    started = time.monotonic()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["down"]) == (503, {"redis": "does not answer"})
    assert_in_time(time.monotonic() - started, 2)


def test_readyz_names_a_lost_database(client, db, monkeypatch):
    def refuse(*_args):
        raise DatabaseError

    with monkeypatch.context() as lost:
        lost.setattr(connection, "cursor", refuse)
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["down"]["database"] == "does not answer"


def test_readyz_names_missing_migrations_and_asks_again(client, db, monkeypatch):
    servers._fully_migrated_once.cache_clear()
    monkeypatch.setattr(servers.MigrationExecutor, "migration_plan", lambda *_args: ["one"])
    assert client.get("/readyz").json()["down"] == {"migrations": "not applied"}
    monkeypatch.undo()
    assert client.get("/readyz").status_code == 200


def test_health_pages_only_answer_reads(client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


def test_our_task_queue_is_the_current_one():
    assert current_app.main == app.main == "parking"


def test_task_sent_while_redis_is_away_fails_at_once(tmp_path):
    started = time.monotonic()
    with (
        app.connection_for_write(f"redis+socket://{tmp_path}/none.sock") as nowhere,
        pytest.raises(OperationalError),
    ):
        app.send_task("nobody.listens", connection=nowhere)
    assert_in_time(time.monotonic() - started, 2)
