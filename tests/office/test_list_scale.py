"""The first page of any filter of a million stays costs at most three times the page without one."""

import statistics
import time

import pytest
from django.db import connection

from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_user
from tests.office.list_worlds import StaysWorld
from tests.office.test_lists import statements

pytestmark = [pytest.mark.django_db, pytest.mark.proof]

STAYS = 1_000_000
ROUNDS = 7
MOST_TIMES = 3
_CHARGES = """
INSERT INTO billing_charge (id, lot_id, label, currency, due_amount, tax_percent, lines, credited_amount,
    captured_amount, refunded_amount, rounding_amount, kept_amount, created_at, assessed_at)
SELECT n, lots.id, 'Stay', 'CHF', 200 + n %% 40 * 50, 8.1, '[]', 0, 200 + n %% 40 * 50, 0, 0, 0, now(), now()
FROM generate_series(1, %(stays)s) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many FROM lots_lot) lots
    ON lots.place = n %% lots.many
"""
# One in 10,000 is void, one in 5,000 stayed for a month, the last 2,000 are inside.
_STAYS = """
INSERT INTO tickets_ticket (lot_id, number, token, status, plate, plate_normalised, plate_skeleton, region,
    plate_region, vehicle_type, electric, permit, priced_as, entry_at, exit_at, no_grace, lost, multiplier,
    closed_reason, changed_at, changed_why, charge_id)
SELECT charge.lot_id, 'H' || n, 'h' || n,
    CASE WHEN n <= 2000 THEN 'active' WHEN n %% 10000 = 1 THEN 'void' ELSE 'closed' END,
    'ZH ' || n %% 300000, 'ZH' || n %% 300000, '2H' || n %% 300000, '', '', 'regular', false, false, 'regular',
    at.entry, CASE WHEN n > 2000 THEN at.entry + CASE WHEN n %% 5000 = 2 THEN interval '31 days' ELSE
        interval '40 minutes' * (1 + n %% 9) END END, false, false, 1, 'paid', at.entry, 'measured', charge.id
FROM generate_series(1, %(stays)s) n JOIN billing_charge charge ON charge.id = n
CROSS JOIN LATERAL (SELECT now() - n::float8 / %(stays)s * interval '730 days' AS entry) at
"""
FILTERS = {
    "nothing": {},
    "lot": {"lot": ""},
    "days": {"from": "2025-03-01", "to": "2025-03-07"},
    "old days": {"to": "2024-12-24"},
    "state": {"status": "closed"},
    "rare state": {"status": "void"},
    "inside": {"status": "active"},
    "length": {"length": "4"},
    "rare length": {"length": "720"},
    "amount": {"least": "15"},
    "amount of none": {"least": "900"},
    "part of a plate": {"q": "ZH 1234"},
    "whole plate": {"q": "ZH 123456"},
    "plate of none": {"q": "QQ 7"},
    "all at once": {"q": "1", "status": "closed", "length": "4", "least": "3", "most": "15", "from": "2025-01-01"},
    "oldest first": {"sort": "in"},
    "by what was paid": {"sort": "-paid"},
    "by length": {"sort": "length"},
}


def seconds(client, query):
    began = time.perf_counter()
    assert client.get("/manage/stays/", query).status_code == 200
    return time.perf_counter() - began


def test_first_page_of_any_filter_costs_at_most_three_times_the_unfiltered_one(capsys):
    operator = make_operator()
    slug, *_others = (make_lot(operator, spots={}).slug for _ in range(4))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in (_CHARGES, _STAYS):
            cursor.execute(statement, {"stays": STAYS})
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    client = client_of(make_user("admin", operator))
    asked = FILTERS | {"lot": {"lot": slug}}
    for query in asked.values():
        seconds(client, query)
    took = {name: statistics.median(seconds(client, query) for _ in range(ROUNDS)) for name, query in asked.items()}
    with capsys.disabled():
        for name, one in took.items():
            print(f"{name:>20} {one * 1000:7.1f} ms {one / took['nothing']:5.2f} x")  # noqa: T201 - the figures

    assert {name: one for name, one in took.items() if one > MOST_TIMES * took["nothing"]} == {}


@pytest.mark.parametrize("rows", [10_000])
def test_ten_thousand_rows_take_the_statements_of_one(rows):
    world = StaysWorld(1)
    of_one = statements(world)
    world.add(rows, first=1)

    assert statements(world) == of_one
