"""What stands in exported files: the rows of the list, and nothing that a spreadsheet runs."""

import datetime as dt
from zipfile import ZipFile
import io

import pytest

from accounts.models import User
from tests.exports.orders import asked, content, rows, written
from tests.factories import make_charge, make_lot, make_operator, make_proof, make_ticket, make_user, make_vehicle
from common.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)
ENTRY = dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)


@pytest.fixture
def lot():
    return make_lot(slug="ours", timezone="Europe/Zurich")


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator)


def test_stays_are_told_with_the_offset_of_their_lot_and_in_whole_money(lot, admin):
    charge = make_charge(lot, 1250)
    make_ticket(lot, "ZH 1", ENTRY, status="closed", exit_at=ENTRY + dt.timedelta(hours=2), closed_reason="paid", charge=charge)
    export = written(admin)
    assert export.state == "ready", export.failure
    (row,) = rows(export)
    assert (row["entry_time"], row["exit_time"]) == ("2026-03-29T01:30:00+01:00", "2026-03-29T04:30:00+02:00")
    assert (row["currency"], row["due"], row["paid"], row["owed"]) == ("CHF", "12.50", "0.00", "12.50")
    assert (export.rows, export.total, export.size) == (1, 1, len(content(export)))
