"""Each invariant of discounts is broken by SQL, and exactly that one is reported."""

import datetime as dt

import pytest
from django.db import connection, transaction

from billing.services import lock_charge
from billing.services.vouchers import make_vouchers, use_voucher_locked
from merchants.services import give_validation
from reservations.services import cancel_booking
from tests.factories import (
    make_charge,
    make_lot,
    make_merchant,
    make_promo_code,
    make_ticket,
    make_user,
    make_validation_type,
)
from tests.invariants import broken
from tests.reservations.bookings import NOW, booked
from tickets.paying import pay_ticket
from tickets.queries import find_ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def given():
    """A stay with a validation within a budget, one paid with a code, and a booking with one; without the guards."""
    lot, at = make_lot(spots={"regular": 6}), dt.datetime.now(dt.UTC)
    make_promo_code(lot.operator, max_uses=3)
    kind = make_validation_type(make_merchant(lot), budget_kind="number", budget_limit=5)
    give_validation(kind=kind, ticket=make_ticket(lot, "ZH 1"), at=at, by=None)
    paid = find_ticket(make_ticket(lot, "ZH 2").number)
    pay_ticket(
        ticket=paid, method="card", token="tok_ok", amount=None, idempotency_key="k", at=at, by_number=False,
        promo_code="SUMMER-26",
    )  # fmt: skip
    booked(lot, plate="ZH 3", promo_code="SUMMER-26")
    cancel_booking(booking=booked(lot, plate="ZH 4", promo_code="SUMMER-26"), at=NOW)
    by = make_user("attendant", lot.operator)
    [voucher] = make_vouchers(
        operator=lot.operator, number=1, amount=500, valid_until=None, note="", by=by, at=at
    )  # fmt: skip
    with transaction.atomic():
        use_voucher_locked(lock_charge(make_charge(lot, 600)), voucher.code, by=by, at=at, key="v", sold=None)
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE tickets_ticket SET discounts = '[]' WHERE plate = 'ZH 1'", ["stays_have_what_was_given"]),
        (
            "UPDATE tickets_ticket SET discounts = discounts || discounts WHERE plate = 'ZH 2'",
            ["stays_have_what_was_given"],
        ),
        ("UPDATE merchants_validationbudget SET used = 2", ["budgets_are_kept"]),
        ("UPDATE merchants_validationtype SET max_per_stay = 0", ["validations_are_no_more_than_allowed"]),
        ("UPDATE billing_promocode SET max_uses = 1", ["codes_are_used_as_often_as_they_may"]),
        ("UPDATE billing_promouse SET given_back_at = NULL", ["uses_have_what_they_lower"]),
        (
            "UPDATE billing_promouse SET lowered_amount = NULL",
            ["stays_have_what_was_given", "uses_have_what_they_lower"],
        ),
        ("DELETE FROM billing_voucher", ["vouchers_pay_once"]),
    ],
)
def test_verify_names_what_was_broken(given, statement, named):
    if "max_per_stay" in statement:
        given.execute("ALTER TABLE merchants_validationtype DROP CONSTRAINT validation_type_at_least_once")
    given.execute(statement)
    try:
        found = [one.split(":")[0] for one in broken()]
    finally:
        if "max_per_stay" in statement:
            given.execute("UPDATE merchants_validationtype SET max_per_stay = 1")
            given.execute(
                "ALTER TABLE merchants_validationtype ADD CONSTRAINT validation_type_at_least_once CHECK (max_per_stay >= 1)"
            )

    assert [one for one in found if one in named] == named
