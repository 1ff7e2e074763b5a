"""What a person asks to be done now is done once, and tells nobody twice or too early."""

import datetime as dt

import pytest
from django.conf import settings as project
from django.core.cache import caches
from django.db import IntegrityError

from common.errors import InvalidValueError
from common.shared_cache import SharedCache
from reports.models import AskedTask, Run
from reports.queries import load_asked, runs_by_day, with_progress, zones_to_come
from reports.services import (
    TaskUnfinishedError,
    ask_task,
    clear_cache_step,
    notice_due,
    run_asking,
    work_batch,
    work_runs,
)
from tests.at_once import at_once
from tests.factories import make_lot, make_user
from tests.reports.plans import only_planned, people, told

ZURICH = "Europe/Zurich"
AT = dt.datetime(2026, 11, 27, 15, tzinfo=dt.UTC)
NINE = dt.datetime(2026, 11, 27, 8, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def admin():
    return make_user("admin", make_lot().operator, timezone=ZURICH, joined_at=NINE - HOUR)


def work(at=AT):
    return work_runs(clock=lambda: at, seconds=60, batch=2)


def ask(admin, at=AT, name="daily_reminders", **month):
    return ask_task(name=name, by=admin, at=at, **month)


def after(task):
    return with_progress(AskedTask.objects.filter(pk=task.pk))[0]


@pytest.mark.django_db
class TestAsking:
    def test_who_was_told_is_not_told_again_and_others_are(self, monkeypatch, admin):
        only_planned(monkeypatch)
        people(ZURICH, 3)
        notice_due(at=NINE)
        work(NINE)
        people(ZURICH, 2, joined=NINE + HOUR)

        task = ask(admin)
        assert (after(task).state, after(task).done, after(task).of) == ("waiting", 0, 6)
        work_batch(at=AT, batch=2)
        assert (after(task).state, after(task).done) == ("running", 2)
        work()

        assert len(told()) == 6
        assert (after(task).state, after(task).done, after(task).of, task.runs.get().told) == ("done", 6, 6, 2)
        again = ask(admin, AT + HOUR)
        work(AT + HOUR)
        assert again != task
        assert again.runs.get().told == 0
        assert len(told()) == 6

    def test_who_presses_twice_asks_once(self, monkeypatch, admin):
        only_planned(monkeypatch)
        assert ask(admin) == ask(admin, AT + HOUR)

    def test_nobody_is_told_before_the_hour_of_their_clock(self, monkeypatch, admin):
        only_planned(monkeypatch)
        people("America/Los_Angeles", 1)
        people("Asia/Tokyo", 1)
        [person] = people("Asia/Kolkata", 1)

        ask(admin)
        work()

        assert set(Run.objects.values_list("zone", flat=True)) == {ZURICH, "Asia/Kolkata"}
        assert f"daily_reminder:{person.pk}:20261127" in told()
        assert zones_to_come("daily_reminders", AT) == 2

    def test_nothing_is_due_and_it_is_done_at_once(self, monkeypatch, admin):
        only_planned(monkeypatch)
        task = ask(admin, NINE - HOUR)
        assert (task.state, task.of) == ("done", 0)

    def test_reports_are_those_of_a_month_that_is_over(self, monkeypatch, admin):
        only_planned(monkeypatch, monthly=True, clock=dt.time(10), name="monthly_reports")
        people(ZURICH, 1)
        for month in (dt.date(2026, 11, 1), dt.date(2025, 10, 1), dt.date(9999, 12, 1), dt.date(2026, 10, 2)):
            with pytest.raises(InvalidValueError):
                ask(admin, name="monthly_reports", month=month)

        task = ask(admin, name="monthly_reports")
        assert (task.month, task.runs.get().day) == (dt.date(2026, 10, 1), dt.date(2026, 11, 1))
        with pytest.raises(TaskUnfinishedError):
            ask(admin, name="monthly_reports", month=dt.date(2026, 9, 1))
        work()
        assert ask(admin, name="monthly_reports", month=dt.date(2026, 9, 1)).month == dt.date(2026, 9, 1)
        assert ask(admin, name="monthly_reports", month=dt.date(2026, 9, 1)).runs.get().day == dt.date(2026, 10, 1)

    def test_what_is_asked_for_is_no_day_of_the_list_and_belongs_to_who_asked(self, monkeypatch, admin):
        only_planned(monkeypatch)
        other = make_user("admin", make_lot().operator)
        task = ask(admin)

        assert runs_by_day(AT) == []
        assert load_asked(admin, task.pk) == task
        with pytest.raises(Exception, match="no such task"):
            load_asked(other, task.pk)

    def test_who_asks_while_it_goes_on_follows_the_same_task(self, monkeypatch, admin):
        only_planned(monkeypatch)
        other = make_user("admin", make_lot().operator)
        task = ask(admin)

        assert ask(other) == ask(other) == task
        assert load_asked(other, task.pk) == load_asked(admin, task.pk) == task
        assert list(task.joined.all()) == [other]

    def test_run_that_fails_fails_the_task(self, monkeypatch, admin):
        only_planned(monkeypatch, plan=lambda *_: 1 / 0)
        people(ZURICH, 1)
        task = ask(admin)

        for minutes in (0, 2, 5):
            work(AT + minutes * HOUR / 60)

        assert (after(task).state, after(task).done) == ("failed", 0)
        assert "ZeroDivisionError" in after(task).error

    def test_cache_is_emptied_but_not_what_else_is_in_redis(self, monkeypatch, settings, admin):
        shared = SharedCache(project.REDIS_URL, {"KEY_PREFIX": "cleared"})
        monkeypatch.setattr(caches._connections, "default", shared, raising=False)
        redis = shared._client()
        redis.set("a queue of tasks", "kept", ex=60)
        used = "allauth.mfa.totp.used?user=1&code=123456"
        tries = "allauth:rl:login_failed:ip=192.0.2.1"
        shared.set(used, "y", timeout=60)
        shared.set(tries, [1], timeout=60)
        for number in range(600):
            shared.set(f"key-{number}", number, timeout=60)

        task = ask(admin, name="cache_clear")
        clear_cache_step(at=AT)
        assert (after(task).state, after(task).done, after(task).of) == ("running", 500, 600)
        work()

        assert (after(task).state, after(task).done, after(task).of) == ("done", 600, 600)
        assert redis.get("a queue of tasks") == b"kept"
        assert shared.get(used) == "y", "a code that was used can't be used again"
        assert shared.get(tries) == [1], "nobody may try a password more often by emptying the cache"
        assert shared.get("key-599") is None

    def test_cache_out_of_reach_is_said(self, monkeypatch, admin):
        monkeypatch.setattr(caches._connections, "default", SharedCache("redis://127.0.0.1:1/0", {}), raising=False)
        task = ask(admin, name="cache_clear")

        work()

        assert after(task).state == "failed"
        assert "127.0.0.1" in after(task).error


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_press_at_once_one_asks(monkeypatch):
    only_planned(monkeypatch)
    admin = make_user("admin", make_lot().operator, timezone=ZURICH)

    def unguarded():
        try:
            return run_asking._ask("daily_reminders", None, admin, AT)
        except IntegrityError:
            return "the database refused"

    assert at_once([unguarded] * 4).count("the database refused") == 3
    found = at_once([lambda: ask(admin)] * 8)

    assert {task.pk for task in found} == {AskedTask.objects.get().pk}
