"""The invariants of passes, each broken behind the guards of the database."""

import datetime as dt

import pytest
from django.db import connection

from passes.models import PassUse
from tests.factories import make_lot
from tests.gates.lanes import Lanes
from tests.passes.sold import granted, offered, pool
from verification import prove
from verification.pass_invariants import INVARIANTS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("statement", "reported"),
    [
        ("DELETE FROM passes_passuse", {"passes_and_stays_agree": 1}),
        ("UPDATE passes_passuse SET left_at = now()", {"passes_and_stays_agree": 1}),
        ("UPDATE tickets_ticket SET status = 'void'", {"passes_and_stays_agree": 1}),
        ("UPDATE tickets_ticket SET held_pass_id = NULL", {"passes_and_stays_agree": 1}),
        (
            """
            INSERT INTO passes_passuse (ticket, held_pass_id, lot_id, plate_normalised, entered_at, entries, given_back)
            SELECT -1, held_pass_id, lot_id, 'ZH2', now(), 1, false FROM passes_passuse
            """,
            {"passes_and_stays_agree": 1, "pools_keep_their_spaces": 1},
        ),
        ("UPDATE passes_pass SET entries = 5, entries_left = 5", {"entries_are_used_or_left": 1}),
        ("DELETE FROM passes_pass_lots", {"passes_stay_with_their_operator": 1}),
        ("UPDATE passes_passperiod SET begun_at = NULL", {"passes_begin_with_a_period": 1}),
    ],
)
def test_verify_reports_what_was_broken(statement, reported):
    lanes = Lanes()
    today = dt.datetime.now(dt.UTC).date()
    pool(lanes.lot, 1, "ZH 1", valid_from=today, valid_until=today + dt.timedelta(days=9))
    lanes.entry.read("ZH 1")
    assert PassUse.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        found = {one.invariant.name: one.total for one in prove(INVARIANTS) if one.total}
        cursor.execute("SET session_replication_role = DEFAULT")

    assert found == reported


def test_passes_that_are_sold_break_nothing():
    granted(offered(make_lot(), kind="entries", entries=3))

    assert [one for one in prove(INVARIANTS) if one.total] == []
