"""Stays that are locked once, and handed on with what was loaded."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils.timezone import now

from billing.models import Charge
from billing.services import lock_charge, record_debt
from lots.services import LotNotLockedError, lock_lot
from tests.actions import listen
from tests.desk.test_pages import Desk
from tests.factories import make_lot, make_ticket
from tickets import fees
from tickets.fees import fee_of
from tickets.models import Ticket, TicketStatus
from tickets.queries import with_fee_parts
from tickets.services import assess_stay, assess_ticket, lock_stay
from tickets.services.stays import close_stay, leave_stay_owing

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    stay = make_ticket(make_lot(), entry_at=now() - dt.timedelta(hours=2, minutes=30))
    return with_fee_parts().get(pk=stay.pk)


def test_stay_with_a_charge_is_locked_in_two_statements_and_priced_in_none(ticket):
    assess_ticket(ticket=ticket, at=now())
    seen = with_fee_parts().get(pk=ticket.pk)

    assert len(listen(lambda: fee_of(lock_stay(seen).ticket, now()))) == 2


def test_charge_made_since_the_stay_was_read_is_locked_before_it(ticket):
    charge = assess_ticket(ticket=ticket, at=now())

    statements = listen(lambda: lock_stay(ticket))
    locks = [one for one in statements if one.endswith("FOR UPDATE")]
    assert lock_stay(ticket).charge == charge
    assert ['FROM "billing_charge"' in one for one in locks] == [False, True, False]
    assert statements[statements.index(locks[1]) - 1].startswith("ROLLBACK TO SAVEPOINT")


def test_assessed_charge_knows_its_balance_without_asking(ticket):
    at = now()
    stay = lock_stay(ticket)
    first = assess_stay(stay, fee_of(stay.ticket, at), at)
    later = at + dt.timedelta(hours=1)
    again = assess_stay(stay, fee_of(stay.ticket, later), later)

    assert first is again is stay.charge
    assert again.balance_amount == Charge.objects.get().balance_amount == 1200


def test_stay_ends_only_under_the_lock_of_its_lot(ticket):
    stay, at = lock_stay(ticket), now()

    with pytest.raises(LotNotLockedError):
        close_stay(stay, at=at, reason="paid", why="a test")
    with transaction.atomic():
        lock_lot(ticket.lot_id)
        fee = fee_of(stay.ticket, at)
        debt = leave_stay_owing(stay, fee, plate="ZH 123456", at=at, cause="no answer", why="owed")
    assert (debt.amount, Ticket.objects.get().status) == (900, TicketStatus.CLOSED)
    assert record_debt(charge=lock_charge(debt.charge), plate="ZH 123456", reason="no answer", at=at) == debt


@pytest.mark.parametrize("how", ["cash", "debt", "waive"])
def test_fee_is_priced_once_when_a_car_leaves_the_desk(how, monkeypatch):
    priced, price_stay = [], fees.price_stay
    monkeypatch.setattr(fees, "price_stay", lambda *args, **terms: priced.append(terms) or price_stay(*args, **terms))
    desk = Desk("admin")

    response = desk.cash() if how == "cash" else desk.post(desk.stay("out/"), how=how, note="a test")
    assert (response.status_code, len(priced)) == (302, 1)
