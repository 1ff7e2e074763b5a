"""What periodic tasks did is noted, cheaply, and never in a task's way."""

import datetime as dt

import pytest
from celery import shared_task
from django.conf import settings as project
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from reports import task_log
from reports.models import TaskRecord
from reports.periodic_tasks import periodic_tasks
from reports.services import TaskNotes, TaskOutcome, task_notes
from reports.task_words import TASK_WORDS

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 27, 15, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
NAME = "exports.tasks.write_exports"


def outcome(seconds=0.5, **more):
    return TaskOutcome(name=NAME, began_at=AT, seconds=seconds, **more)


def test_task_that_comes_often_and_does_nothing_writes_once_a_minute():
    notes = TaskNotes()
    with CaptureQueriesContext(connection) as queries:
        for number in range(60):
            notes.note(outcome(seconds=number / 100), at=AT + 2 * number * SECOND)

    written = [query for query in queries if "reports_taskrecord" in query["sql"]]
    record = TaskRecord.objects.get()
    assert len(written) <= 4, "an update that finds nothing, the row, its update; and one a minute later"
    assert (record.runs, record.failures, record.handled) == (31, 0, 0)
    assert record.longest_seconds == 0.3


def test_what_failed_or_handled_something_is_noted_at_once():
    notes = TaskNotes()
    notes.note(outcome(), at=AT)
    notes.note(outcome(handled=7), at=AT + SECOND)
    notes.note(outcome(handled=5), at=AT + 2 * SECOND)
    notes.note(outcome(error="ValueError('x\0y')"), at=AT + 3 * SECOND)

    record = TaskRecord.objects.get()
    assert (record.runs, record.handled, record.last_handled, record.failures) == (4, 12, 5, 1)
    assert record.last_error == "ValueError('x y')"
    assert record.last_failed_at == AT + 3 * SECOND


def test_two_workers_add_up():
    for _ in range(2):
        TaskNotes().note(outcome(handled=1), at=AT)
    assert TaskRecord.objects.get().runs == 2


def test_worker_without_a_database_goes_on_and_counts_on(monkeypatch):
    notes = TaskNotes()

    def away(*_):
        raise OperationalError("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(task_notes, "_write", away)
        notes.note(outcome(), at=AT)
        notes.note(outcome(), at=AT + SECOND)
    notes.note(outcome(), at=AT + 2 * SECOND)

    assert TaskRecord.objects.get().runs == 3


@shared_task(name="tests.of_the_log")
def a_task(count):
    if count < 0:
        raise ValueError("see /t/secrettoken for it")
    return count


def test_celery_tells_what_periodic_tasks_did(settings, monkeypatch):
    monkeypatch.setattr(task_log, "_notes", TaskNotes())
    a_task.apply([3])
    assert not TaskRecord.objects.exists(), "beat does not start it"

    settings.CELERY_BEAT_SCHEDULE = {"one": {"task": a_task.name, "schedule": 5.0}}
    a_task.apply([3])
    a_task.apply([-1])

    record = TaskRecord.objects.get(name=a_task.name)
    assert (record.runs, record.last_handled, record.failures) == (2, 3, 1)
    assert record.last_error == "ValueError('see /t/… for it')"
    assert task_log._began == {}


def test_every_periodic_task_is_said_in_plain_words():
    assert {entry["task"] for entry in project.CELERY_BEAT_SCHEDULE.values()} == TASK_WORDS.keys()


def test_next_runs_and_tasks_that_were_not_heard_of():
    for name in (NAME, "parking.tasks.verify_data", "notifications.tasks.deliver_outbox"):
        TaskRecord.objects.create(name=name, last_began_at=AT - dt.timedelta(hours=1))

    found = {task.name: task for task in periodic_tasks(AT)}

    assert (found[NAME].next_at, found[NAME].is_late, found[NAME].every_words) == (AT, True, "every 2 seconds")
    nightly = found["parking.tasks.verify_data"]
    assert (nightly.next_at, nightly.is_late) == (dt.datetime(2026, 11, 28, 3, 30, tzinfo=dt.UTC), False)
    assert found["tickets.tasks.remind_debtors"].record is None
    assert found["tickets.tasks.remind_debtors"].every_words == "every hour"
