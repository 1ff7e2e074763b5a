"""Each invariant of tills is broken by SQL, and exactly that one is reported."""

import pytest
from django.db import connection

from billing.models import Payment, Shift
from tests.billing.test_shifts import Till
from tests.invariants import broken

pytestmark = pytest.mark.django_db


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def closed() -> Till:
    """A closed till with a sale, without the guards."""
    till = Till()
    till.sell(600)
    till.count(10600)
    till.close(left=600)
    assert broken() == []
    execute(
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET session_replication_role = replica",
        "ALTER TABLE billing_payment DROP CONSTRAINT payment_only_cash_is_rounded",
    )
    yield till
    execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE billing_payment SET shift_id = NULL", ["cash_is_in_a_shift", "counts_expect_what_rows_say"]),
        ("UPDATE billing_shift SET float_amount = 9900", ["counts_expect_what_rows_say"]),
        ("UPDATE billing_shiftcount SET counted_amount = 10400", ["closed_tills_are_emptied"]),
        ("UPDATE billing_shiftcount SET expected_amount = 10400", ["counts_expect_what_rows_say"]),
        ("DELETE FROM billing_cashmovement WHERE kind = 'drop'", ["closed_tills_are_emptied"]),
        ("UPDATE billing_payment SET taken_by_id = NULL", ["cash_is_in_a_shift"]),
        ("UPDATE billing_payment SET rounding_amount = 2", ["cash_rounding_is_explained"]),
        ("UPDATE billing_charge SET kept_amount = 20", ["cash_rounding_is_explained"]),
    ],
)
def test_verify_names_what_was_broken(closed, statement, named):
    execute(statement)

    assert [one.split(":")[0] for one in broken()] == named


def test_cash_from_before_the_first_shift_breaks_nothing():
    till = Till()
    payment = till.sell(600)
    Shift.objects.update(opened_at=payment.created_at)
    Payment.objects.update(shift=None, created_at="2020-01-01T00:00:00Z")

    assert broken() == []
