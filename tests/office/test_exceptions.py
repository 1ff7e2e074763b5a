"""The list of everything at the lanes that a person should look at."""

import datetime as dt

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from gates.models import GateEvent
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_user
from tests.gates.lanes import Lane

pytestmark = pytest.mark.django_db
PAGE = "/manage/exceptions/"


class Site:
    """Two lots of an operator; at each exit a car without a stay was seen by a clock that is an hour off."""

    def __init__(self):
        self.operator = make_operator()
        self.lots = [make_lot(self.operator, spots={"regular": 3}, name=name) for name in ("North", "South")]
        self.lanes = [Lane(lot, "exit", name=f"{lot.name} out") for lot in self.lots]
        for number, lane in enumerate(self.lanes):
            lane.read(f"ZH {number}", captured_at=(now() - dt.timedelta(hours=1)).isoformat())
        self.admin = client_of(make_user("admin", self.operator))

    def shown(self, **query):
        page = self.admin.get(PAGE, query)
        assert page.status_code == 200
        return {plate for plate in ("ZH 0", "ZH 1") if plate in page.content.decode()}


@pytest.fixture
def site():
    return Site()


def test_every_exception_of_all_lots_is_listed(site):
    assert GateEvent.objects.count() == 2
    assert site.shown() == {"ZH 0", "ZH 1"}


def test_list_is_narrowed_by_lot_lane_and_day(site):
    assert site.shown(lot=site.lots[0].slug) == {"ZH 0"}
    assert site.shown(gate=site.lanes[1].gate.code) == {"ZH 1"}
    assert site.shown(day=localdate().isoformat()) | site.shown(day=str(now().date())) == {"ZH 0", "ZH 1"}
    assert site.shown(day="2020-01-01") == set()
    assert site.shown(flag="waived") == set()


def test_what_an_attendant_did_is_found_by_the_person(site):
    attendant = make_user("attendant", site.operator)
    desk = Client()
    desk.force_login(attendant)
    desk.post(
        "/desk/open/", {"key": "8f14e45f-ceea-4e67-a7b4-1f0f5b1d2c3a", "gate": site.lanes[0].gate.code, "note": "Ball"}
    )
    assert "Ball" in site.admin.get(PAGE, {"by": attendant.pk}).content.decode()
    assert site.shown(by=attendant.pk) == set()


def test_event_without_anything_odd_is_not_listed(site):
    entry = Lane(site.lots[0], "entry")
    entry.read("GE 7")
    assert "GE 7" not in site.admin.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "query", [{"gate": "nowhere"}, {"by": "7777777"}, {"day": "soon"}, {"flag": "none"}, {"by": "x"}]
)
def test_wrong_filter_is_refused_at_its_field(site, query):
    assert site.admin.get(PAGE, query).status_code == 422


def test_lots_of_others_are_not_there(site):
    other = make_lot()
    assert site.admin.get(PAGE, {"lot": other.slug}).status_code == 404
    assert site.admin.get(PAGE, {"gate": Lane(other, "exit").gate.code}).status_code == 422
