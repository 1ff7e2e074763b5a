"""What is said to be locked is locked: while a service works on a row that it was handed as locked, nobody else gets it."""

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.utils.timezone import now

from billing.models import Charge
from billing.services import charges, debts, promo_codes, vouchers
from gates.reads import renaming
from gates.services.desk.vouchers import take_voucher
from merchants.services import give_validation, withdraw_validation
from passes.models import Pass, PassPeriod
from passes.services import cancelling, change_renewal, paying, states
from tests.actions import ACTIONS
from tests.desk.test_pages import Desk
from tests.factories import make_charge, make_merchant, make_promo_code, make_validation_type
from tests.project.test_lock_order import (
    billed_renewal,
    cancelled_pass,
    corrected_plate,
    debt_out_of_review,
    refund_of_a_car_that_left,
    reported_passage,
    stay_that_never_was,
    taking_back_of_an_end,
    undone_exit_that_owed,
    undone_exit_that_was_waived,
    unseen_exit_that_is_waived,
    unseen_exit_that_owes,
)
from tickets.models import Ticket
from tickets.paying import pay_ticket
from tickets.services import (
    LockedStay,
    discounts,
    ending,
    leave_owing,
    paid,
    refunded,
    resolution,
    return_from_review,
    review_ticket,
    stays,
    undone,
    void_from_review,
)

pytestmark = pytest.mark.django_db(transaction=True)

# The services that rely on a lock which their caller has taken.
RELYING: tuple[Callable[..., Any], ...] = (
    charges.assess_locked,
    charges.credit_locked,
    charges.reverse_credit_locked,
    charges.note_balance,
    charges.note_refund,
    debts.record_debt,
    debts.close_debt_of,
    debts.cancel_debt_of,
    stays.assess_stay,
    stays.close_stay,
    stays.leave_stay_owing,
    stays.review_stay,
    stays.void_stay,
    stays.activate_stay,
    resolution.assess_as_of,
    resolution.settle,
    resolution.declare_void,
    ending.end_stay_unseen,
    ending.void_unreal_stay,
    undone.reopen_stay,
    renaming.rename_stay,
    paid.mark_paid,
    refunded.owe_again,
    states.change_state,
    paying.bill_period,
    paying.drop_period,
    cancelling._refund,
    discounts.add_discount,
    discounts.remove_discount,
    discounts.keep_code,
    promo_codes.lower_by_code,
    promo_codes.lower_by_use,
    vouchers.use_voucher_locked,
)
CODES = {inspect.unwrap(service).__code__: service for service in RELYING}


def life_in_review(desk: Desk) -> Callable[[], object]:
    """A stay that is put aside, taken back, put aside again and declared to have never been."""

    def act() -> None:
        for end in (return_from_review, void_from_review):
            ticket = review_ticket(ticket=Ticket.objects.get(pk=desk.ticket.pk), at=now(), why="looked at")
            end(ticket=ticket, at=now(), why="looked at", by=desk.user)

    return act


def left_owing(desk: Desk) -> Callable[[], object]:
    return lambda: leave_owing(ticket=desk.ticket, plate="ZH 123456", at=now(), cause="nobody came", why="waited")


def renewal_taken_back(desk: Desk) -> Callable[[], object]:
    billed_renewal(desk)()
    held = Pass.objects.latest("pk")
    return lambda: change_renewal(held_pass=held, renewal="none", saved_method=None, by=desk.user, at=now())


def lowered(desk: Desk) -> Callable[[], object]:
    """A stay that gets a validation, loses it, and is paid with a voucher and a promo code."""
    kind = make_validation_type(make_merchant(desk.lot))
    make_promo_code(desk.lot.operator)
    voucher = vouchers.make_vouchers(
        operator=desk.operator, number=1, amount=100, valid_until=None, note="", by=desk.user, at=now()
    )[0]
    card = {"method": "card", "token": "tok_ok", "amount": None, "by_number": False, "promo_code": "SUMMER-26"}

    def act() -> None:
        given = give_validation(kind=kind, ticket=desk.ticket, at=now(), by=None)
        withdraw_validation(given=given, at=now(), by=None)
        stay = Ticket.objects.get(pk=desk.ticket.pk)
        take_voucher(ticket=stay, code=voucher.code, key=uuid4(), by=desk.user, at=now())
        pay_ticket(ticket=Ticket.objects.get(pk=desk.ticket.pk), idempotency_key="k", at=now(), **card)

    return act


RARER = (
    cancelled_pass,
    billed_renewal,
    renewal_taken_back,
    lowered,
    refund_of_a_car_that_left,
    taking_back_of_an_end,
    debt_out_of_review,
    life_in_review,
    left_owing,
    unseen_exit_that_owes,
    unseen_exit_that_is_waived,
    stay_that_never_was,
    undone_exit_that_owed,
    undone_exit_that_was_waived,
    corrected_plate,
    reported_passage,
)


def rows_of(value: object) -> list[Charge | Ticket | Pass]:
    """The rows that a locked argument stands for; a period is written under the lock of its pass."""
    if isinstance(value, LockedStay):
        return [value.ticket, *([value.charge] if value.charge else [])]
    if isinstance(value, PassPeriod):
        return [Pass(pk=value.held_pass_id)]
    return [value] if isinstance(value, Charge | Ticket | Pass) else []


@contextmanager
def watched(heard: Counter[str], wrong: list[str]) -> Iterator[None]:
    """Have another connection try for each row that the services are handed; a row it doesn't see yet is nobody's."""
    parameters = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    with psycopg.connect(
        **{name: parameters[name] for name in names if parameters.get(name)}, autocommit=True
    ) as other:

        def look(frame: FrameType, event: str, _argument: object) -> None:
            service = CODES.get(frame.f_code) if event == "call" else None
            if service is None:
                return
            heard[service.__name__] += 1
            for value in list(frame.f_locals.values()):
                for row in rows_of(value):
                    table = row._meta.db_table
                    taken = other.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE SKIP LOCKED", [row.pk])
                    if taken.fetchone() is not None:
                        wrong.append(f"{service.__name__}: {table} {row.pk}")

        sys.setprofile(look)
        try:
            yield
        finally:
            sys.setprofile(None)


def test_rows_are_locked_while_services_rely_on_it():
    heard: Counter[str] = Counter()
    wrong: list[str] = []
    for prepare in (*ACTIONS.values(), *RARER):
        act = prepare(Desk())
        with watched(heard, wrong):
            act()
    assert wrong == []
    assert set(heard) == {service.__name__ for service in RELYING}


def test_row_that_nobody_locked_is_found():
    desk = Desk()
    charge = make_charge(desk.lot)
    wrong: list[str] = []
    with watched(Counter(), wrong):
        debts.close_debt_of(charge, desk.ticket.entry_at)
    assert wrong == [f"close_debt_of: billing_charge {charge.pk}"]
