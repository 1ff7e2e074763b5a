"""The first page of any filter of a million stays costs at most three times the page without one."""

import statistics
import time

import pytest
from django.db import connection

from tests.entrance.sessions import client_of
from tests.factories import make_device, make_gate, make_lot, make_operator, make_user
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
# Each stay has an event at an entry, and those that ended at an exit; of the first lot one car in 10,000 took a lane of its own.
_EVENTS = """
INSERT INTO gates_gateevent (lot_id, gate_id, device_id, kind, event_id, body_hash, offline, captured_at, at,
    received_at, plate, plate_normalised, read, action, reason, flags, note, ticket_id, answer)
SELECT ticket.lot_id, gate.id, device.id, 'read', gen_random_uuid(), '', false, way.at, way.at, way.at, ticket.plate,
    ticket.plate_normalised, '{}', 'open', 'ok', '[]', '', ticket.id, '{}'
FROM tickets_ticket ticket
CROSS JOIN LATERAL (VALUES ('entry', ticket.entry_at), ('exit', ticket.exit_at)) way (direction, at)
JOIN lots_gate gate ON gate.lot_id = ticket.lot_id AND gate.direction = way.direction
    AND gate.code = CASE WHEN way.direction = 'entry' AND gate.lot_id = %(first)s AND ticket.id %% 10000 < 4
        THEN 'rare' ELSE way.direction || gate.lot_id END
JOIN devices_device device ON device.gate_id = gate.id
WHERE way.at IS NOT NULL
"""
FILTERS = {
    "nothing": {},
    "lot": {"lot": ""},
    "days": {"from": "2025-03-01", "to": "2025-03-07"},
    "old days": {"to": "2024-12-24"},
    "state": {"status": "closed"},
    "rare state": {"status": "void"},
    "inside": {"status": "active"},
    "lane": {"gate": ""},
    "rare lane": {"gate": "rare"},
    "lane of none": {"gate": "unused"},
    "lane of a lot": {"gate": "", "lot": ""},
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
    lots = [make_lot(operator, spots={}) for _ in range(4)]
    for lot in lots:
        for direction in ("entry", "exit"):
            make_device(make_gate(lot, direction, f"{direction}{lot.pk}"))
    for code in ("rare", "unused"):
        make_device(make_gate(lots[0], code=code))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in (_CHARGES, _STAYS, _EVENTS):
            cursor.execute(statement, {"stays": STAYS, "first": lots[0].pk})
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    client = client_of(make_user("admin", operator))
    of_first = {"lot": lots[0].slug, "gate": f"exit{lots[0].pk}"}
    asked = FILTERS | {"lot": {"lot": lots[0].slug}, "lane": {"gate": f"entry{lots[1].pk}"}, "lane of a lot": of_first}
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
