"""A day of 24 time zones in simulated time: everybody is told in their own morning, once, in bounded memory."""

import datetime as dt
import os
import resource
from collections import Counter
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from notifications.delivery import deliver_due
from notifications.models import Message, MessageState
from reports.models import Run
from reports.services import notice_due, work_batch
from reports.services.run_working import BATCH
from reservations.models import Reservation
from tests.factories import make_lot, make_operator, make_reservation
from tests.reports.plans import people

pytestmark = pytest.mark.django_db
DRIVERS = int(os.environ.get("MORNING_DRIVERS", "100000"))
DAY = dt.date(2026, 3, 29)
TICK = dt.timedelta(seconds=5)
"""How often beat asks for planning and for delivery."""
MORNING = dt.timedelta(minutes=15)
QUIET = 3 * TICK
"""After so long without work everybody of a zone has been told."""
MOST_QUERIES = 24
"""Of a batch, with those that notice which zones are due."""
# Clocks are put forward in Europe on this day; some zones are half or three quarters of an hour off, two a day apart.
ZONES = [
    *("Pacific/Kiritimati", "Pacific/Chatham", "Pacific/Auckland", "Pacific/Noumea", "Australia/Lord_Howe"),
    *("Australia/Adelaide", "Asia/Tokyo", "Australia/Eucla", "Asia/Singapore", "Asia/Yangon", "Asia/Kathmandu"),
    *("Asia/Kolkata", "Asia/Tehran", "Europe/Helsinki", "Europe/Zurich", "Europe/London", "Atlantic/Azores"),
    *("America/St_Johns", "America/New_York", "America/Denver", "America/Los_Angeles", "America/Anchorage"),
    *("Pacific/Marquesas", "Pacific/Pago_Pago"),
]


def nine(zone):
    return dt.datetime.combine(DAY, dt.time(9), tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def fill(zone, number, operator, *, one_in):
    """Make so many drivers of a zone, of whom one in so many has a booking at 15:00; return how many these are."""
    lot = make_lot(operator, spots={"regular": number}, tracking="levels", timezone=zone)
    starts = nine(zone) + 6 * dt.timedelta(hours=1)
    drivers = people(zone, number, joined=nine(zone) - dt.timedelta(hours=1))[::one_in]
    first = make_reservation(lot, "ZH 1", starts, driver=drivers[0], place=1)
    rows = []
    for place, driver in enumerate(drivers[1:], start=2):
        row = Reservation(**{name: getattr(first, name) for name in KEPT})
        row.driver_id, row.place = driver.pk, place
        row.code, row.token = f"BK-{place:04d}{lot.pk:04d}", f"{lot.pk}-{place}"
        rows.append(row)
    Reservation.objects.bulk_create(rows, batch_size=1000)
    return len(drivers)


KEPT = [field.attname for field in Reservation._meta.concrete_fields if field.name not in {"id", "code", "token"}]


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize(("drivers", "one_in"), [(240, 2), pytest.param(DRIVERS, 10, marks=pytest.mark.proof)])
def test_everybody_is_told_between_nine_and_a_quarter_past_on_their_clock(drivers, one_in, caplog):
    caplog.set_level("ERROR")
    operator = make_operator()
    booked = [fill(zone, drivers // len(ZONES), operator, one_in=one_in) for zone in ZONES]
    drivers = drivers // len(ZONES) * len(ZONES)
    planning, queries, batches, sent, before = 0.0, 0, 0, 0, memory()

    for start in sorted({nine(zone) for zone in ZONES}):
        at = start - TICK
        quiet_since = at
        while at - quiet_since < QUIET:
            began = monotonic()
            with CaptureQueriesContext(connection) as asked:
                if at.second == 0:
                    notice_due(at=at)
                looked_at = work_batch(at=at)
            if looked_at:
                planning, queries, batches = planning + monotonic() - began, queries + len(asked), batches + 1
            count = deliver_due(at=at)
            sent += count
            mail.outbox.clear()
            if looked_at is not None or count:
                quiet_since = at
            at += TICK

    keys = Counter(Message.objects.values_list("recipient", flat=True))
    assert len(keys) == sent == sum(booked)
    assert set(keys.values()) == {1}
    zones = dict(User.objects.values_list("email", "timezone"))
    for address, state, sent_at in Message.objects.values_list("recipient", "state", "sent_at").iterator():
        late = sent_at - nine(zones[address])
        assert (state, dt.timedelta() <= late < MORNING) == (MessageState.SENT, True), (address, sent_at)
    assert Run.objects.filter(day=DAY, state="done", told=booked[0], done=drivers // len(ZONES)).count() == len(ZONES)
    assert queries / batches <= MOST_QUERIES
    grown = memory() - before
    print(  # noqa: T201 - the figures of the proof
        f"\n{drivers} drivers, of whom {sent} were told: planned in {planning:.1f} s, {1000 * planning / drivers:.2f} s and "
        f"{1000 * queries / drivers:.0f} queries per 1,000 people in batches of {BATCH}, {grown:.0f} MiB more at most"
    )
