"""Tills of machines: opened by their first sale, emptied by an admin."""

import datetime as dt
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import now

from analytics.attention import attention_of
from analytics.scope import scope_of
from billing.models import Payment, Shift
from billing.services import take_payment
from billing.shifts import (
    DrawerTakenError,
    NoOpenShiftError,
    ShiftOpenError,
    reopen_shift,
    start_count,
    sums_of_till,
)
from tests.factories import make_charge, make_device, make_gate, make_lot, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot()


@pytest.fixture
def machine(lot):
    return make_device(make_gate(lot, "exit"), "kiosk", name="Pay station in the hall on the ground floor")[0]


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator, password="secret-enough")


def sell(machine, amount=600, method="cash", at=None):
    return take_payment(
        charge=make_charge(machine.lot, amount, at=at or now()),
        method=method,
        amount=None,
        idempotency_key=str(uuid4()),
        at=at or now(),
        machine=machine,
    )


def test_first_sale_opens_the_till_and_all_sales_are_in_it(machine):
    sales = [sell(machine), sell(machine, method="terminal"), sell(machine, 300)]
    till = Shift.objects.get()
    assert {sale.shift_id for sale in sales} == {till.pk}
    assert (till.device, till.person, till.float_amount, till.holder) == (machine, None, 0, machine)
    assert till.drawer == f"{machine.name[: 39 - len(str(machine.pk))]} {machine.pk}"
    assert {(row.tender, row.amount) for row in sums_of_till(till) if row.kind == "sale"} == {
        ("cash", 900),
        ("card", 600),
    }
    assert broken() == []


def test_cash_of_a_person_in_a_machines_till_is_found(machine, admin):
    sale = sell(machine)
    Payment.objects.filter(pk=sale.pk).update(taken_by=admin)
    assert any("cash_is_in_a_shift" in one for one in broken())


def test_an_admin_empties_it_and_the_next_sale_begins_another(client, machine, admin):
    sell(machine)
    till = Shift.objects.get()
    client.force_login(admin)
    page = client.get(reverse("office:shift", args=[till.pk])).content.decode()
    assert "Empty the machine" in page
    assert machine.name in client.get(reverse("office:shifts")).content.decode()
    emptied = client.post(reverse("office:end_forgotten", args=[till.pk]), {"cash_CHF": "6.00", "note": "Weekly round"})
    assert emptied.status_code == 302, emptied.content.decode()
    till.refresh_from_db()
    assert (till.state, till.closed_by) == ("closed", admin)

    sell(machine)
    assert Shift.objects.filter(state="open").get().device == machine
    assert Shift.objects.count() == 2
    assert machine.name in client.get(reverse("office:shift", args=[till.pk])).content.decode()
    with pytest.raises((ShiftOpenError, DrawerTakenError)):
        reopen_shift(shift=till, by=admin, reason="recount", at=now())
    assert broken() == []


def test_it_takes_nothing_while_it_is_counted(machine, admin):
    sell(machine)
    start_count(shift=Shift.objects.get(), by=admin, at=now())
    with pytest.raises(NoOpenShiftError):
        sell(machine)
    assert Payment.objects.count() == 1


def test_it_may_stay_open_for_days(machine, admin):
    sell(machine, at=now() - dt.timedelta(days=3))
    kinds = {found.kind for found in attention_of(scope_of(admin), now())}
    assert "shift" not in kinds


@pytest.mark.parametrize("holders", ["nobody", "both"])
def test_a_till_is_of_a_person_or_a_machine(machine, admin, holders):
    held = {"person": admin, "device": machine} if holders == "both" else {}
    with pytest.raises(IntegrityError, match="shift_of_a_person_or_device"), transaction.atomic():
        Shift.objects.create(lot=machine.lot, drawer="1", currency="CHF", float_amount=0, opened_at=now(), **held)
