"""Whether all works, as a person may know it."""

import datetime as dt

import pytest
from django.utils.timezone import now

from common.web import servers
from manual.installation import parts, version
from notifications.late_mail import stuck_since
from notifications.models import Message, MessageState
from reports.models import TaskRecord
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return now()


@pytest.fixture
def worked(at):
    return TaskRecord.objects.create(name="notifications.tasks.deliver_messages", last_began_at=at)


def queued(at, minutes, **values):
    fields = {"state": MessageState.QUEUED, "created_at": at - dt.timedelta(minutes=minutes), "next_attempt_at": at}
    number = Message.objects.count()
    return Message.objects.create(key=f"m{number}", recipient="a@b.example", template="receipt", **fields | values)


def states(at):
    return [part.is_well for part in parts(at)]


def test_all_is_well(at, worked):
    assert states(at) == [True] * 4


def test_no_worker_is_heard_of(at, worked):
    TaskRecord.objects.update(last_began_at=at - dt.timedelta(minutes=6))
    assert states(at) == [True, True, False, True]


def test_lost_redis_is_said(at, worked, monkeypatch):
    monkeypatch.setitem(servers.CHECKS, "redis", lambda: "does not answer")
    assert states(at) == [True, False, True, True]


def test_mail_is_stuck_only_while_none_goes_out(at):
    queued(at, 14)
    assert stuck_since(at) is None
    late = queued(at, 20)
    assert stuck_since(at) == late.created_at
    queued(at, 10, state=MessageState.SENT, sent_at=at - dt.timedelta(minutes=1))
    assert stuck_since(at) is None


def test_reasons_are_for_those_who_run_the_installation(client, at, worked, monkeypatch):
    monkeypatch.setitem(servers.CHECKS, "redis", lambda: "does not answer")

    def page(person=None):
        if person:
            client.force_login(person)
        return client.get("/help/status/").content.decode()

    public = page()
    assert "Something does not work as it should" in public
    assert "does not answer" not in public
    assert "Version" not in public
    assert "does not answer" not in page(make_user())
    assert f"Version {version()}" in page(make_user("admin"))
    assert "redis: does not answer" in page()
