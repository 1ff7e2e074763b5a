"""The periodic tasks: each run does what is due by then, however many were missed before, and the next finds nothing."""

import datetime as dt
from typing import Any

import pytest

from billing import tasks as billing_tasks
from billing.models import Payment
from billing.services import PayBy
from notifications.models import Message
from reservations import tasks
from reservations.models import Reservation
from reservations.services import cancel_booking
from tests.factories import make_lot
from tests.gates.lanes import undone
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked

pytestmark = pytest.mark.django_db
MODULES = ("reservations.tasks", "billing.tasks")
OURS = (*(tasks.lapse_bookings, tasks.hold_spots, tasks.mark_no_shows, tasks.settle_bookings, tasks.invoice_bookings),)
BILLINGS = (billing_tasks.conclude_payments, billing_tasks.settle_holds)
END = NOW + 60 * HOUR
CARD = PayBy(token="tok_ok")


def run(at: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Run all tasks by a clock, and return with how many bookings each did something."""
    for module in MODULES:
        monkeypatch.setattr(f"{module}.now", lambda: at)
    done = [task() for task in OURS]
    for task in BILLINGS:
        task()
    return done


def books() -> None:
    """Make bookings of which each needs another task."""
    free, held, taken = (make_lot(prepay=prepay, spots={"regular": 3}) for prepay in ("none", "hold", "capture"))
    for lot in (free, held, taken):
        booked(lot, 1, 3, "ZH 1", pay_by=CARD)  # never comes
        cancel_booking(booking=booked(lot, 1, 3, "ZH 2", pay_by=CARD), at=NOW + 0.5 * HOUR)
        booked(lot, 40, 42, "ZH 3", pay_by=CARD)
    booked(free, 20, 22, "ZH 4", email="guest@example.com")  # never confirms the address
    booked(held, 20, 22, "ZH 4", pay_by=PayBy(token="tok_3ds", return_url="/back/"))  # never agrees at the bank
    Payment.objects.exclude(page_until=None).update(page_until=NOW + 30 * MINUTE)
    inside = booked(held, 5, 6, "ZH 5", pay_by=CARD)
    Reservation.objects.filter(pk=inside.pk).update(status="active")


def outcome() -> list[tuple[Any, ...]]:
    """All that the tasks decide about bookings and their money."""
    charge = ("charge__due_amount", "charge__captured_amount", "charge__refunded_amount", "charge__balance_amount")
    rows = Reservation.objects.order_by("pk").values_list("status", "missed_at", "fee_amount", "spot__hold", *charge)
    return list(rows)


def after(clock: list[dt.datetime], monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return what the bookings have become when the tasks ran at these times."""
    with undone():
        books()
        for at in clock:
            run(at, monkeypatch)
            assert run(at, monkeypatch) == [0] * len(OURS)
        found = outcome()
        run(NOW, monkeypatch)  # a clock that was set back undoes nothing
        assert outcome() == found
        Reservation.objects.filter(status="active").update(status="completed")
        Message.objects.all().delete()  # their own task sends them
        assert broken() == []
    return found


def test_missed_runs_are_caught_up_and_none_does_anything_twice(monkeypatch):
    regular = after([NOW + number * 20 * MINUTE for number in range(181)], monkeypatch)

    assert [row[0] for row in regular].count("no_show") == 6
    assert [row[0] for row in regular].count("lapsed") == 2
    assert after([END], monkeypatch) == regular
    assert after([NOW + hours * HOUR for hours in (0.25, 4, 5, 31, 60)], monkeypatch) == regular
