"""Discounts for regulars: counted once at the entry, and the same wherever the fee is shown."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from lots.services import lock_lot
from tests.factories import HOURLY, make_charge, make_lot, make_operator, make_reservation, make_tariff, make_ticket
from tests.gates.lanes import Lanes
from tickets.fees import price_of
from tickets.models import Ticket, TicketStatus
from tickets.regulars import stays_before
from tickets.services import Arrival, open_ticket

pytestmark = pytest.mark.django_db
ALL_DAY = {"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}
REGULARS = HOURLY | {
    "grace_minutes": 0,
    "plans": [{"bands": [ALL_DAY]}],
    "regulars": [{"from_stay": 3, "percent": "10"}, {"from_stay": 5, "percent": "25"}],
}
HOUR = dt.timedelta(hours=1)
ENTRY = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)


def left(lot, exit_at, plate="ZH 1", *, paid=300, **fields):
    """A stay that has ended, and what was paid for it."""
    charge = make_charge(lot, paid, at=exit_at, captured_amount=paid) if paid else None
    fields = {"status": TicketStatus.CLOSED, "closed_reason": "paid", "spot": None, "charge": charge} | fields
    return make_ticket(lot, plate, entry_at=exit_at - HOUR, exit_at=exit_at, **fields)


def counted(lot, plate="ZH 1", entry_at=ENTRY, **fields):
    make_ticket(lot, plate, entry_at=entry_at, status=TicketStatus.REVIEW, **fields)
    return stays_before(Ticket.objects.latest("id"))


def test_paid_stays_of_the_plate_that_ended_in_the_local_month_are_counted():
    lot = make_lot(tariff=REGULARS, timezone="Europe/Zurich")
    midnight = dt.datetime(2026, 2, 28, 23, tzinfo=dt.UTC)
    left(lot, midnight)
    left(lot, ENTRY)
    left(lot, ENTRY - HOUR, "zh-1")
    assert counted(lot) == 3
    for exit_at in (midnight - dt.timedelta(seconds=1), ENTRY + dt.timedelta(seconds=1)):
        left(lot, exit_at)
    left(lot, ENTRY - HOUR, "ZH 2")
    left(make_lot(tariff=REGULARS), ENTRY - HOUR)
    left(lot, ENTRY - HOUR, paid=0)
    left(lot, ENTRY - HOUR, reservation=make_reservation(lot, starts_at=ENTRY - 2 * HOUR))
    left(lot, ENTRY - HOUR, status=TicketStatus.VOID)
    assert counted(lot) == 3


def test_a_stay_paid_back_does_not_count():
    lot = make_lot(tariff=REGULARS)
    stay = left(lot, ENTRY - HOUR)
    assert counted(lot) == 1
    stay.charge.refunded_amount = 300
    stay.charge.save()
    assert counted(lot) == 0


def test_cars_of_two_regions_with_one_plate_are_told_apart():
    lot = make_lot(tariff=REGULARS, plates_by_region=True)
    for region in ("CH", "DE", ""):
        left(lot, ENTRY - HOUR, plate_region=region)
    assert [counted(lot, plate_region=region) for region in ("CH", "FR", "")] == [2, 1, 3]


def test_without_such_a_rule_or_a_plate_nothing_is_counted():
    lot = make_lot()
    left(lot, ENTRY - HOUR)
    stay = make_ticket(lot, "ZH 1", entry_at=ENTRY)
    with CaptureQueriesContext(connection) as asked:
        assert stays_before(stay) == 0
        assert stays_before(make_ticket(make_lot(tariff=REGULARS), None, entry_at=ENTRY)) == 0
    assert not [query for query in asked if "stays_before(" in query["sql"]]


def test_lane_counts_at_the_entry_and_asks_the_lower_fee_at_the_exit():
    lanes = Lanes(tariff=REGULARS, spots={"regular": 2})
    at = now()
    for number in range(1, 5):
        left(lanes.lot, at - number * dt.timedelta(seconds=1))
    lanes.entry.read("ZH 1")
    lanes.entry.read("ZH 2")
    left(lanes.lot, at, "ZH 2", paid=300)
    before = dict(Ticket.objects.filter(status="active").values_list("plate", "stays_before"))
    # On the first of a month the four may have ended in the month before.
    expected = Ticket.objects.filter(plate="ZH 1", exit_at__gte=month_of(at)).count()
    assert before == {"ZH 1": expected, "ZH 2": 0}
    off = {4: 150, 3: 60, 2: 60}.get(expected, 0)
    assert lanes.exit.read("ZH 1", minute=90)["fee"]["amount"] == 600 - off
    ticket = Ticket.objects.get(plate="ZH 1", status="active")
    assert price_of(ticket, now() + 1.5 * HOUR).total == 600 - off


def month_of(at):
    return at.astimezone(dt.timezone(dt.timedelta(hours=1))).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def test_a_plate_that_is_read_better_gets_its_own_count():
    lanes = Lanes(tariff=REGULARS, spots={"regular": 2})
    left(lanes.lot, now(), "ZH 123456")
    lanes.entry.read("ZH 12345", confidence=0.7)
    assert Ticket.objects.get(status="active").stays_before == 0
    lanes.entry.read("ZH 123456", confidence=0.99)
    ticket = Ticket.objects.get(status="active")
    assert (ticket.plate, ticket.stays_before) == ("ZH 123456", 1)


def test_a_stay_that_a_person_or_a_record_opens_is_counted_too():
    lot = make_lot(tariff=REGULARS)
    left(lot, ENTRY - HOUR)
    lock_lot(lot.pk)
    ticket = open_ticket(lot=lot, arrival=Arrival(plate="ZH 1"), place=None, at=ENTRY, why="a record")
    assert ticket.stays_before == 1


def test_quote_says_what_a_regular_pays(client):
    lot = make_lot(slug="central", tariff=None, operator=make_operator())
    make_tariff(lot, REGULARS)
    page = client.get("/lots/central/").content.decode()
    assert "From your stay no. 3 in a month: 10 % off." in page
    body = {"entry": "2026-03-02T08:00:00+01:00", "exit": "2026-03-02T10:00:00+01:00"}
    path = "/api/v1/lots/central/quote"
    totals = [
        client.post(path, body | {"stays_before": count}, content_type="application/json").json()["total"]
        for count in (0, 1, 2, 4)
    ]
    assert totals == [600, 600, 540, 450]
