"""Stays that are longer than nearly all others at their lot are pointed out, so that somebody can end them."""

import datetime as dt

import pytest
from django.db import connection
from django.utils.timezone import now

from analytics import long_stays
from analytics.attention import attention_of
from analytics.long_stays import ENOUGH, WITHOUT_EXPERIENCE, usual_lengths
from analytics.scope import scope_of
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_ticket, make_user
from tickets.models import Ticket
from tickets.services import review_ticket

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_known():
    long_stays._known.clear()


class Office:
    """An operator with one lot and its admin."""

    def __init__(self):
        self.operator = make_operator()
        self.lot = make_lot(self.operator, spots={"regular": 30})
        self.admin = make_user("admin", self.operator)
        self.client = client_of(self.admin)

    def add_left(self, count, *, hours=1.0, days_ago=1, **fields):
        left = now() - days_ago * DAY
        for _ in range(count):
            closed = {"status": "closed", "exit_at": left, "closed_reason": "grace"} | fields
            make_ticket(self.lot, "ZH 1", left - hours * HOUR, **closed)

    def add_inside(self, plate, age):
        return make_ticket(self.lot, plate, now() - age)

    def usual(self):
        return usual_lengths([self.lot.pk], now())[self.lot.pk]

    def shown(self, **query):
        page = self.client.get("/manage/stays/", query)
        return {ticket.plate for ticket in page.context["page"]}, {*page.context["long_stays"]}


@pytest.fixture
def office():
    return Office()


def test_lot_of_few_stays_counts_fourteen_days_as_long(office):
    office.add_left(ENOUGH - 1)

    assert office.usual() == WITHOUT_EXPERIENCE == 14 * DAY


def test_lot_of_many_stays_counts_more_than_99_of_100_as_long(office):
    office.add_left(198, hours=2)
    office.add_left(1, hours=5)
    office.add_left(1, hours=50)

    assert office.usual() == 2 * HOUR
    long_stays._known.clear()
    office.add_left(1, hours=5)
    assert office.usual() == 5 * HOUR


def test_old_stays_and_those_that_a_person_ended_say_nothing_of_what_is_usual(office):
    office.add_left(ENOUGH, hours=2)
    office.add_left(20, hours=700, days_ago=91)
    office.add_left(20, hours=700, closed_reason="left_unseen")

    assert office.usual() == 2 * HOUR


def test_what_is_usual_is_remembered(office, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert office.usual() == office.usual()


def test_usual_lengths_are_read_along_the_index_of_exits(office):
    office.add_left(3)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {long_stays._USUAL}", {"lots": [office.lot.pk], "at": now()})
        assert "ticket_by_exit" in "\n".join(row[0] for row in cursor.fetchall())


def test_long_stays_are_marked_and_filtered(office):
    office.add_inside("ZH 1", 2 * HOUR)
    long = office.add_inside("ZH 2", 15 * DAY)
    aside = review_ticket(ticket=office.add_inside("ZH 3", 15 * DAY), at=now(), why="missed")

    assert office.shown() == ({"ZH 1", "ZH 2", "ZH 3"}, {long.pk})
    assert office.shown(long="on") == ({"ZH 2"}, {long.pk})
    assert office.shown(long="on", lot=office.lot.slug, status="active") == ({"ZH 2"}, {long.pk})
    assert office.shown(long="on", status="review") == (set(), set())
    page = office.client.get(f"/manage/stays/{long.number}/").content.decode().replace("\xa0", " ")
    assert "It has been here for longer than 14 d" in page
    assert f"/manage/stays/end/?stay={long.number}" in page
    assert "Long stay" not in office.client.get(f"/manage/stays/{aside.number}/").content.decode()


def test_each_lot_has_its_own_measure(office):
    office.add_left(ENOUGH, hours=2)
    other = make_lot(office.operator, spots={"regular": 3})
    for lot in (office.lot, other):
        make_ticket(lot, f"AG {lot.pk}", now() - 3 * HOUR)

    assert office.shown(long="on")[0] == {f"AG {office.lot.pk}"}


def test_overview_counts_them_with_a_link_to_their_list(office):
    assert all(finding.kind != "long" for finding in attention_of(scope_of(office.admin), now()))
    office.add_inside("ZH 2", 15 * DAY)
    office.add_inside("ZH 3", 16 * DAY)

    page = office.client.get("/manage/").content.decode()

    assert "2 stays are unusually long" in page
    assert 'href="/manage/stays/?long=on"' in page
    assert Ticket.objects.count() == 2
