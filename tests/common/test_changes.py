"""Telling of changed lots: soon, together, after the commit, and without waiting for Redis."""

import json
import time
from threading import enumerate as threads

import pytest
import redis
from django.db import transaction

from common import changes
from common.changes import ChangeTeller, channel, tell_when_committed
from lots.services import lock_lot
from tests.factories import make_lot
from tests.in_time import assert_in_time

LOTS = range(900_000, 900_020)


@pytest.fixture
def listening(settings):
    client = redis.Redis.from_url(settings.REDIS_URL)
    with client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(channel())
        while heard.get_message(timeout=0.5) is None and not heard.subscribed:
            pass
        yield heard
    client.close()


def test_many_changes_are_told_together(listening):
    teller = ChangeTeller()
    began = time.perf_counter()
    for _ in range(100):
        for lot in LOTS:
            teller.tell(lot)
    assert_in_time(time.perf_counter() - began, 0.5)

    told, messages, give_up = set(), 0, time.monotonic() + 5
    while not set(LOTS) <= told and time.monotonic() < give_up:
        if message := listening.get_message(timeout=0.5):
            told |= set(json.loads(message["data"]))
            messages += LOTS[0] in told
    assert set(LOTS) <= told
    assert messages <= 3


def test_a_process_without_redis_waits_for_nothing_and_fails_in_nothing(settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(changes, "TOGETHER_SECONDS", 0.0)
    teller = ChangeTeller()
    began = time.perf_counter()
    for lot in LOTS:
        teller.tell(lot)
    assert_in_time(time.perf_counter() - began, 0.5)
    assert any(thread is teller._thread for thread in threads())


@pytest.mark.django_db
def test_lock_of_a_lot_tells_once_it_is_committed(monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr(changes, "lot_changed", told.append)
    lot = make_lot()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        lock_lot(lot.pk)
        assert told == []
    assert told == [lot.pk]

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        tell_when_committed(lot.pk)
        transaction.set_rollback(True)
    assert told == [lot.pk]
