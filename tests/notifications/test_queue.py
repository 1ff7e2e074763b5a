"""Queueing: once per cause, only with it, and never stopped by a Redis that is away."""

import datetime as dt
import socket
import time
from threading import local

import pytest
from django.db import transaction

from common.breaker import Breaker
from notifications import services
from notifications.models import ERASED, Message, MessageState
from notifications.services import queue_message, send_again, send_all_again
from notifications.tasks import deliver_outbox
from tests.in_time import assert_in_time

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)


def queue(key="cause", **fields):
    given = {"operator": None, "recipient": "ada@example.com", "template": "receipt", "context": {"n": 1}, "at": AT}
    return queue_message(key=key, **given | fields)


@pytest.fixture(autouse=True)
def redis_not_known_to_be_away(monkeypatch):
    monkeypatch.setattr(services, "_redis_away", Breaker(services.LEAVE_ALONE_SECONDS))
    monkeypatch.setattr(services, "_own", local())


def move_broker(monkeypatch, url):
    """Let tasks be sent elsewhere; the address for writing first, as it follows the other one until it is set."""
    for name in ("broker_write_url", "broker_url"):
        monkeypatch.setattr(deliver_outbox.app.conf, name, url)


@pytest.fixture
def nudges(monkeypatch):
    sent = []
    monkeypatch.setattr(deliver_outbox, "apply_async", lambda **options: sent.append(options))
    return sent


@pytest.mark.django_db
def test_a_queued_message_is_due_at_once(nudges):
    message = queue()

    assert (message.state, message.next_attempt_at, message.context) == (MessageState.QUEUED, AT, {"n": 1})


@pytest.mark.django_db
def test_the_same_cause_queues_one_message(nudges):
    first = queue()
    again = queue(recipient="bob@example.com")

    assert again == first
    assert again.recipient == "ada@example.com"
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_cause_that_is_rolled_back_tells_nobody(nudges):
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)

    assert not Message.objects.exists()
    assert nudges == []


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_nudged_after_the_commit(nudges):
    with transaction.atomic():
        queue()
        assert nudges == []

    assert len(nudges) == 1


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_is_away_neither_fails_nor_delays(monkeypatch):
    move_broker(monkeypatch, "redis://127.0.0.1:1/0")
    failures = []
    monkeypatch.setattr(services.logger, "info", lambda event, **_: failures.append(event))
    started = time.monotonic()

    queue()
    queue("another cause")

    assert failures == ["outbox_nudge_failed"], "the second cause leaves a Redis alone that was just away"
    assert_in_time(time.monotonic() - started, 2)
    assert Message.objects.count() == 2


def test_a_thread_keeps_its_connection_and_opens_another_when_it_was_ended(monkeypatch):
    opened, connect = [], deliver_outbox.app.connection_for_write
    monkeypatch.setattr(
        deliver_outbox.app, "connection_for_write", lambda **options: opened.append(1) or connect(**options)
    )

    for _ in range(3):
        services.nudge_delivery()
    assert len(opened) == 1
    monkeypatch.setattr(services._own.producer, "publish", ended)
    services.nudge_delivery()

    assert (len(opened), services._redis_away.is_open) == (2, False)


def ended(*_args, **_options):
    raise ConnectionResetError("ended meanwhile")


def test_a_redis_that_is_silent_delays_nobody_for_long(monkeypatch, tmp_path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        move_broker(monkeypatch, f"redis+socket://{tmp_path}/silent")
        started = time.monotonic()

        services.nudge_delivery()

    assert_in_time(time.monotonic() - started, 1.5)
    assert services._redis_away.is_open


@pytest.mark.django_db
def test_sending_again_forgets_the_attempts(nudges):
    message = queue()
    Message.objects.update(state=MessageState.PARKED, attempts=9, error="550 No")

    send_again(message=message, at=AT + dt.timedelta(days=1))

    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (MessageState.QUEUED, 0, "")


@pytest.mark.django_db
def test_what_was_sent_meanwhile_is_not_sent_again(nudges):
    message = queue()
    Message.objects.update(state=MessageState.SENT, sent_at=AT)

    assert send_again(message=message, at=AT).state == MessageState.SENT


@pytest.mark.django_db
def test_nothing_goes_to_a_deleted_account_again(nudges):
    message = queue()
    Message.objects.update(state=MessageState.PARKED, error="no", recipient=ERASED)
    message.refresh_from_db()

    assert send_again(message=message, at=AT).state == MessageState.PARKED
    assert send_all_again(messages=Message.objects.all(), at=AT) == 0
