"""Forgiving a no-show: it counts no more, and its fee goes back."""

import pytest

from billing.services import PayBy
from reservations.limits import BookingBlockedError
from reservations.services import BookingStateError, forgive_no_show, mark_no_shows
from tests.factories import make_lot, make_user
from tests.invariants import broken
from tests.reservations.bookings import DAY, HOUR, NOW, booked, reloaded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("prepay", ["none", "hold", "capture"])
def test_forgiven_no_show_counts_no_more_and_its_fee_goes_back(prepay):
    lot, driver = make_lot(prepay=prepay), make_user()
    admin = make_user("admin", lot.operator)
    missed = []
    for number in range(3):
        fields = {"driver": driver, "pay_by": PayBy(token="tok_ok"), "at": NOW + 3 * number * DAY}
        missed.append(booked(lot, 24 + 72 * number, 26 + 72 * number, **fields))
        mark_no_shows(at=NOW + (25 + 72 * number) * HOUR)
    at = NOW + 10 * DAY
    again = {"driver": driver, "at": at, "pay_by": PayBy(token="tok_ok")}
    with pytest.raises(BookingBlockedError):
        booked(lot, 300, 302, **again)

    for _ in range(2):
        forgiven = forgive_no_show(booking=missed[0], by=admin, why="The lift was broken", at=at)

    charge = reloaded(forgiven).charge
    back = 0 if prepay == "none" else 600
    assert (charge.due_amount, charge.credited_amount, charge.refunded_amount) == (600, 600, back)
    assert charge.balance_amount == 0
    assert [(act.by, act.why) for act in forgiven.acts.all()] == [(admin, "The lift was broken")]
    assert booked(lot, 300, 302, **again).is_live
    with pytest.raises(BookingStateError):
        forgive_no_show(booking=booked(lot, 400, 402, "ZH 7", **again), by=admin, why="x", at=at)
    assert broken() == []
