"""What the demo's product has done by itself in a month: reminders each morning, reports, and its periodic tasks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from celery.schedules import crontab
from django.conf import settings

from accounts.models import User
from lots.models import Lot
from notifications.models import Message, MessageState
from reports.daily_reminders import DAILY_REMINDERS, plan_reminders, reminder_of
from reports.models import AskedTask, Run, RunState, TaskRecord
from reports.month_names import last_months
from reports.monthly_reports import MONTHLY_REPORTS
from reports.occasions import Occasion, Planned, occasion_of, planned_named
from reports.people_told import people_in
from reports.reminder_facts import FactsOfPerson
from reports.services import CACHE_CLEAR
from reservations.models import Reservation
from traffic.demo.personas import People

DAYS = 30
SECOND = timedelta(seconds=1)
_HANDLED = {
    "notifications.tasks.deliver_outbox": 0,
    "billing.tasks.issue_documents": 4120,
    "billing.tasks.keep_books": 9650,
    "reservations.tasks.hold_spots": 212,
    "reservations.tasks.remind_bookers": 187,
    "tickets.tasks.tell_of_stays": 31,
    "parking.tasks.alert_admins": 46,
}
"""What some tasks handled in the month."""


def write_past_runs(people: People, lot: Lot, *, at: datetime) -> None:
    """Write a month of runs in the zone of a lot, the reminders that they sent, and what an admin asked for."""
    reminders, reports = _planned(DAILY_REMINDERS), _planned(MONTHLY_REPORTS)
    today = at.astimezone(ZoneInfo(lot.timezone)).date()
    sent: list[Message] = []
    runs: list[Run] = []
    for days in range(DAYS, -1, -1):
        day = today - timedelta(days=days)
        occasion = _occasion(reminders, lot.timezone, day, at)
        if occasion is not None:
            messages = _reminders_of(people.driver, occasion, is_today=day == today)
            sent += messages
            runs.append(_run(reminders, occasion, told=len(messages)))
    for day in last_months(today, 2):
        occasion = _occasion(reports, lot.timezone, day, at)
        if occasion is not None:
            runs.append(_run(reports, occasion, told=2))
    for message in sent:
        message.state, message.sent_at = MessageState.SENT, message.created_at + 2 * SECOND
        message.attempts, message.provider = 1, "smtp"
    Message.objects.bulk_create(sent)
    Run.objects.bulk_create(runs)
    _asked(people.admin, at - timedelta(days=3), of=runs[-1].of)
    _note_tasks(at)


def _planned(name: str) -> Planned:
    planned = planned_named(name)
    assert planned is not None  # noqa: S101 it is registered when the program starts
    return planned


def _occasion(planned: Planned, zone: str, day: date, at: datetime) -> Occasion | None:
    due_at = planned.due.instant(day, zone)
    return occasion_of(planned, zone=zone, day=day, begins_at=due_at) if due_at and due_at <= at else None


def _reminders_of(driver: User, occasion: Occasion, *, is_today: bool) -> list[Message]:
    """Return the reminder of a morning on which the driver had a booking."""
    if is_today:
        return plan_reminders([driver.pk], occasion, occasion.due_at)
    ends = occasion.due_at + timedelta(hours=15)
    booked = Reservation.objects.filter(driver=driver, starts_at__range=(occasion.due_at, ends), cancelled_at=None)
    bookings = list(booked.select_related("lot", "spot").order_by("starts_at"))
    found = FactsOfPerson(bookings=bookings)
    return [reminder_of(driver, found, [], occasion, occasion.due_at)] if bookings else []


def _run(planned: Planned, occasion: Occasion, *, told: int) -> Run:
    people, begun = people_in(occasion.zone, before=occasion.due_at + timedelta(days=2 * DAYS)), occasion.due_at
    count = people.count()
    return Run(
        name=planned.name,
        zone=occasion.zone,
        day=occasion.day,
        due_at=occasion.due_at,
        state=RunState.DONE,
        done=count,
        of=count,
        told=told,
        begun_at=begun + 3 * SECOND,
        ended_at=begun + 4 * SECOND,
    )


def _asked(admin: User, at: datetime, *, of: int) -> None:
    for name, done, minutes in ((CACHE_CLEAR, 41, 0), (DAILY_REMINDERS, of, 7)):
        asked = at + timedelta(minutes=minutes)
        AskedTask.objects.create(
            name=name,
            by=admin,
            state=RunState.DONE,
            done=done,
            of=done,
            created_at=asked,
            ended_at=asked + 3 * SECOND,
        )


def _note_tasks(at: datetime) -> None:
    """Note each periodic task as if it had come all the month."""
    entries = settings.CELERY_BEAT_SCHEDULE.values()
    TaskRecord.objects.bulk_create(_record(entry["task"], entry["schedule"], at) for entry in entries)


def _record(name: str, schedule: float | crontab, at: datetime) -> TaskRecord:
    every = timedelta(days=1) if isinstance(schedule, crontab) else timedelta(seconds=schedule)
    nightly = every >= timedelta(days=1)
    last = at.replace(hour=3, minute=30) if nightly else at - every / 2
    handled = _HANDLED.get(name, 0)
    return TaskRecord(
        name=name,
        runs=timedelta(days=DAYS) // every,
        handled=handled,
        last_handled=min(handled, 2),
        last_handled_at=last if handled else None,
        last_began_at=last if last <= at else last - every,
        last_seconds=1.9 if nightly else 0.02,
        longest_seconds=4.2 if nightly else 0.31,
    )
