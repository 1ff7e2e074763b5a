"""How much bays were used: the plan and the table, beside the stays themselves."""

import datetime as dt
import random

import pytest
from django.urls import reverse

from analytics.use_of_bays import use_of_bays
from tests.factories import make_lot, make_ticket, make_user
from tests.reservations.bookings import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(spots={"regular": 6}, levels=2)


def stay(lot, number, start, end, **fields):
    """A stay from so many hours after NOW, until then or still inside."""
    spot = lot.spots.get(number=number)
    if end is not None:
        fields = {"status": "closed", "exit_at": NOW + end * HOUR, "closed_reason": "paid"} | fields
    return make_ticket(lot, None, NOW + start * HOUR, spot=spot, **fields)


def minutes_by_rows(lot, start, end):
    """Count the minutes of each bay one by one."""
    found = {}
    for ticket in lot.tickets.exclude(status="void").select_related("spot"):
        until = ticket.exit_at or (ticket.changed_at if ticket.status == "review" else end)
        taken = found.setdefault(ticket.spot.number, set())
        at = start
        while at < end:
            if ticket.entry_at <= at < until:
                taken.add(at)
            at += MINUTE
    return {number: len(taken) for number, taken in found.items() if taken}


def test_use_is_what_a_count_of_minutes_finds(lot):
    draw = random.Random(3)
    for number in range(1, 6):
        for _ in range(12):
            begin = draw.randrange(-120, 300) / 60
            stay(lot, f"R0-{number}", begin, begin + draw.randrange(1, 200) / 60)
    stay(lot, "R0-6", -2, None)
    stay(lot, "R0-5", 0, 3, status="void")
    stay(lot, "R0-4", 1, None, status="review", changed_at=NOW + 2 * HOUR)
    stay(lot, "R1-1", 0, 3)
    start, end = NOW, NOW + 5 * HOUR
    expected = minutes_by_rows(lot, start, end)
    assert expected.pop("R1-1") == 180

    used = use_of_bays(lot.levels.get(number=0), start, end)

    numbers = dict(lot.spots.values_list("pk", "number"))
    assert {numbers[key]: use.occupied / MINUTE for key, use in used.items()} == expected
    assert all(0 < use.share <= 1 for use in used.values())
    assert use_of_bays(lot.levels.get(number=0), end, start) == {}


def test_edges_of_the_time_count_for_what_lies_inside(lot):
    stay(lot, "R0-1", -1, 1)
    stay(lot, "R0-1", 1, 2)
    stay(lot, "R0-2", -3, 0)
    stay(lot, "R0-3", 4, 9)
    used = use_of_bays(lot.levels.get(number=0), NOW, NOW + 4 * HOUR)
    found = {lot.spots.get(pk=key).number: (use.stays, use.occupied, use.share) for key, use in used.items()}
    assert found == {"R0-1": (2, 2 * HOUR, 0.5)}


def test_page_draws_and_lists_the_same_numbers(client, lot):
    today = dt.datetime.now(dt.UTC)
    for number, hours in (("R0-1", 30), ("R0-2", 60), ("R0-3", 1)):
        entry = today - 4 * DAY
        left = {"status": "closed", "exit_at": entry + hours * HOUR, "closed_reason": "paid"}
        make_ticket(lot, None, entry, spot=lot.spots.get(number=number), **left)
    client.force_login(make_user("admin", lot.operator))
    url = reverse("office:level_use", args=[lot.slug, 0])

    answer = client.get(url)

    listed = {row.spot.number: row.percent for row in answer.context["page"]}
    drawn = {bay.number: bay.share for row in answer.context["floor"].loose for bay in row.bays}
    assert listed == drawn
    assert sorted(listed, key=lambda number: -listed[number])[:2] == ["R0-2", "R0-1"]
    assert "Never used: 3 of 6." in answer.content.decode()
    page = answer.content.decode()
    assert all(f'y="8.7">{share}</text>' in page for share in drawn.values())

    first = (today - 30 * DAY).date().isoformat()
    assert {row.percent for row in client.get(url, {"from": first, "to": first}).context["page"]} == {0}
    for query in ({"from": "x"}, {"period": "2099-01-01"}, {"from": "2026-02-01", "to": "2026-01-01"}):
        refused = client.get(url, query)
        assert refused.context["refused_span"]
        assert 'aria-invalid="true"' in refused.content.decode()
