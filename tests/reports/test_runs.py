"""Everybody of a zone is told once a day: after kills, by two workers, late, and not at all when it is too late."""

import datetime as dt
import threading
from contextlib import suppress

import pytest

from notifications.models import Message
from reports.models import Run
from reports.services import notice_due, run_working, work_batch, work_runs
from tests.at_once import at_once
from tests.factories import make_lot, make_user
from tests.reports.plans import only_planned, people, plan_everybody, told

ZURICH = "Europe/Zurich"
NINE_IN_ZURICH = dt.datetime(2026, 11, 27, 8, tzinfo=dt.UTC)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


class KilledError(BaseException):
    """What a kill is like: nothing that the code catches."""


def work(at, *, batch=2):
    notice_due(at=at)
    return work_runs(clock=lambda: at, seconds=60, batch=batch)


def state():
    return list(Run.objects.order_by("day", "zone").values_list("zone", "day", "state", "done", "of", "told"))


@pytest.mark.django_db
class TestRuns:
    def test_nobody_is_told_before_the_hour(self, monkeypatch):
        only_planned(monkeypatch)
        people(ZURICH, 3)

        assert work(NINE_IN_ZURICH - dt.timedelta(seconds=1)) == 3, "yesterday's, less than a day late"
        assert work(NINE_IN_ZURICH) == 3
        assert [(run.day.day, run.state) for run in Run.objects.order_by("day")] == [(26, "done"), (27, "done")]

    def test_everybody_is_told_once_however_often_it_runs(self, monkeypatch):
        only_planned(monkeypatch)
        people(ZURICH, 5)
        people("Asia/Tokyo", 1)

        work(NINE_IN_ZURICH)
        before = told()
        work(NINE_IN_ZURICH)
        work(NINE_IN_ZURICH + 5 * HOUR)

        assert told() == before
        assert len(before) == 6
        day = NINE_IN_ZURICH.date()
        assert state() == [("Asia/Tokyo", day, "done", 1, 1, 1), (ZURICH, day, "done", 5, 5, 5)]
        assert set(Message.objects.values_list("expires_at", flat=True)) == {
            NINE_IN_ZURICH + 24 * HOUR,
            dt.datetime(2026, 11, 28, 0, tzinfo=dt.UTC),
        }

    def test_run_that_was_killed_goes_on_where_it_was(self, monkeypatch):
        batches = []

        def plan_until_killed(ids, occasion, at):
            batches.append(list(ids))
            messages = plan_everybody(ids, occasion, at)
            if len(batches) == 2:
                Message.objects.bulk_create(messages)
                raise KilledError
            return messages

        only_planned(monkeypatch, plan=plan_until_killed)
        made = [person.pk for person in people(ZURICH, 5)]
        notice_due(at=NINE_IN_ZURICH)
        work_batch(at=NINE_IN_ZURICH, batch=2)
        with pytest.raises(KilledError):
            work_batch(at=NINE_IN_ZURICH, batch=2)
        assert len(told()) == 2
        assert work(NINE_IN_ZURICH + MINUTE) == 3

        assert batches == [made[:2], made[2:4], made[2:4], made[4:]]
        assert state() == [(ZURICH, NINE_IN_ZURICH.date(), "done", 5, 5, 5)]
        assert len(told()) == 5

    def test_batch_that_fails_is_tried_again_and_then_given_up_and_said(self, monkeypatch):
        make_user(is_superuser=True, is_staff=True, email="root@example.com", timezone=ZURICH)
        only_planned(monkeypatch, plan=lambda *_: 1 / 0)
        people(ZURICH, 1)

        for minute in (0, 0.5, 1, 3):
            work(NINE_IN_ZURICH + minute * MINUTE)
        run = Run.objects.get(zone=ZURICH)

        assert (run.state, run.attempts, run.done) == ("failed", 3, 0)
        assert "ZeroDivisionError" in run.error
        said = Message.objects.get()
        assert (said.recipient, said.template, said.context["untold"]) == ("root@example.com", "run_left_out", 1)

    def test_run_that_is_three_hours_late_is_caught_up(self, monkeypatch):
        only_planned(monkeypatch)
        people(ZURICH, 3)

        work(NINE_IN_ZURICH)
        work(NINE_IN_ZURICH + 27 * HOUR)

        assert len(told()) == 6
        assert {one.expires_at for one in Message.objects.filter(key__contains="20261128")} == {
            NINE_IN_ZURICH + 48 * HOUR
        }

    def test_run_that_is_twenty_five_hours_late_is_left_out_and_said_once(self, monkeypatch):
        lot = make_lot()
        make_user("admin", lot.operator, email="admin@example.com", timezone=ZURICH)
        only_planned(monkeypatch)
        people(ZURICH, 2)
        people("Europe/Rome", 1)
        work(NINE_IN_ZURICH)

        later = NINE_IN_ZURICH + 49 * HOUR
        work(later)
        work(later + HOUR)

        days = {day.day: sorted(Run.objects.filter(day=day).values_list("state", flat=True)) for _, day, *_ in state()}
        assert days == {27: ["done", "done"], 28: ["left_out", "left_out"], 29: ["done", "done"]}
        assert not any("20261128" in key for key in told())
        said = Message.objects.get(template="run_left_out")
        assert (said.recipient, said.context["zones"]) == ("admin@example.com", "Europe/Rome, Europe/Zurich")

    def test_rest_of_a_run_is_left_out_after_a_day(self, monkeypatch):
        only_planned(monkeypatch)
        people(ZURICH, 3)
        notice_due(at=NINE_IN_ZURICH)
        work_batch(at=NINE_IN_ZURICH, batch=2)

        work(NINE_IN_ZURICH + 24 * HOUR)

        assert state()[0][2:] == ("left_out", 2, 3, 2)
        assert not [key for key in told() if "20261127" in key][2:]

    def test_after_a_long_break_not_more_than_a_week_is_noted(self, monkeypatch):
        only_planned(monkeypatch)
        people(ZURICH, 1)
        work(NINE_IN_ZURICH)

        work(NINE_IN_ZURICH + 300 * 24 * HOUR)

        assert Run.objects.count() == 1 + 7
        assert Run.objects.filter(state="left_out").count() == 6

    def test_who_joined_after_the_hour_or_has_no_verified_address_is_not_told(self, monkeypatch):
        only_planned(monkeypatch)
        people(ZURICH, 1, joined=NINE_IN_ZURICH + MINUTE)
        make_user(timezone=ZURICH, joined_at=NINE_IN_ZURICH - HOUR)
        [known] = people(ZURICH, 1)

        work(NINE_IN_ZURICH + HOUR)

        assert told() == [f"daily_reminder:{known.pk}:20261127"]

    def test_who_moves_to_another_zone_is_told_once_a_day(self, monkeypatch):
        only_planned(monkeypatch)
        [person] = people("Asia/Tokyo", 1)
        work(NINE_IN_ZURICH - 7 * HOUR)
        people(ZURICH, 1)
        person.timezone = ZURICH
        person.save()

        work(NINE_IN_ZURICH)

        assert len(told()) == 2

    def test_who_chose_no_zone_is_told_in_that_of_most_lots(self, monkeypatch):
        make_lot(timezone="Asia/Kolkata")
        only_planned(monkeypatch)
        people("", 1)

        work(dt.datetime(2026, 11, 27, 3, 30, tzinfo=dt.UTC))

        assert state() == [("Asia/Kolkata", dt.date(2026, 11, 27), "done", 1, 1, 1)]


@pytest.mark.django_db(transaction=True)
class TestWorkers:
    def test_two_workers_share_the_runs_and_plan_nobody_twice(self, monkeypatch):
        planned, together = [], threading.Barrier(2)

        def plan(ids, occasion, at):
            planned.extend(ids)
            with suppress(threading.BrokenBarrierError):
                together.wait(timeout=2)
            return plan_everybody(ids, occasion, at)

        only_planned(monkeypatch, plan=plan)
        people(ZURICH, 2)
        notice_due(at=NINE_IN_ZURICH)
        with monkeypatch.context() as unlocked:
            unlocked.setattr(run_working, "_next", lambda _at: Run.objects.exclude(state="done").first())
            at_once([lambda: work_batch(at=NINE_IN_ZURICH)] * 2)
        assert len(planned) == 4, "without the lock both plan the same people"
        Run.objects.all().delete()
        Message.objects.all().delete()
        planned.clear()

        people("Europe/Rome", 2)
        notice_due(at=NINE_IN_ZURICH)
        at_once([lambda: work_batch(at=NINE_IN_ZURICH)] * 2)

        assert len(planned) == len(set(planned)) == 4
        assert [run[2:] for run in state()] == [("done", 2, 2, 2)] * 2
