"""The list of everything at the lanes that a person should look at."""

import datetime as dt
import html
import re
import uuid
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from analytics.flags import FLAGS
from gates.models import GateEvent
from tests.entrance.sessions import client_of
from tests.factories import make_gate, make_lot, make_operator, make_ticket, make_user
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
    here = [localdate(at, ZoneInfo(site.lots[0].timezone)) for at in (now(), now() - dt.timedelta(hours=1))]
    assert site.shown(day=str(here[0])) | site.shown(day=str(here[1])) == {"ZH 0", "ZH 1"}
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


class Day:
    """An evening at one lot: what an attendant did and what went wrong, yesterday and today by the lot's clock."""

    def __init__(self):
        self.site = Site()
        lot = self.lot = self.site.lots[0]
        self.attendant = make_user("attendant", self.site.operator)
        gate, other = self.site.lanes[0].gate, make_gate(lot, "exit", name="Back")
        stay = make_ticket(lot, "ZH 77", status="closed", exit_at=now(), closed_reason="waived")
        midnight = dt.datetime.combine(localdate(), dt.time(), ZoneInfo(lot.timezone))
        made = [
            (gate, 1, ["waived"], {"person": self.attendant, "kind": "person", "ticket": stay, "note": "Lift broken"}),
            (gate, 2, ["waived", "plate_mismatch"], {"ticket": stay}),
            (other, 3, ["by_hand"], {"person": self.attendant, "kind": "person"}),
            (other, 4, ["unanswered", "owed"], {}),
            (other, 5, ["repeated", "reentered", "promised_twice"], {"skew_seconds": -4000}),
            (gate, -1, ["waived"], {"ticket": stay}),
            (gate, 30, ["waived"], {}),
        ]
        for place, (lane, hour, flags, fields) in enumerate(made):
            at = midnight + dt.timedelta(hours=hour)
            times = dict.fromkeys(("captured_at", "at", "received_at"), at)
            device = None if "person" in fields else self.site.lanes[0].device
            event = {"action": "open", "reason": "grace", "answer": {}, "body_hash": b"", "event_id": uuid.uuid4()}
            GateEvent.objects.create(
                lot=lot, gate=lane, device=device, plate=f"GE {place}", flags=flags, **event | times | fields
            )

    def page(self, **query):
        page = self.site.admin.get(PAGE, {"lot": self.lot.slug, "day": localdate().isoformat()} | query)
        assert page.status_code == 200
        return page


@pytest.fixture
def day():
    return Day()


FILTERS = [{}, {"day": ""}, {"by": "attendant"}, {"gate": "Back"}, {"gate": "Back", "by": "attendant"}, {"lot": ""}]


@pytest.mark.parametrize("query", FILTERS)
def test_counts_are_those_of_the_rows(day, query):
    query = dict(query)
    if "by" in query:
        query["by"] = day.attendant.pk
    if "gate" in query:
        query["gate"] = day.lot.gates.get(name="Back").code

    page = day.page(**query)

    assert page.context["kinds"]
    assert page.context["total"] == page.context["page"].paginator.count
    for kind in page.context["kinds"]:
        assert day.page(**query, flag=kind.kind).context["page"].paginator.count == kind.count, kind
    told = {kind.kind for kind in page.context["kinds"]}
    for kind in {*FLAGS, "skew"} - told:
        assert day.page(**query, flag=kind).context["page"].paginator.count == 0, kind


def test_counts_of_a_day_are_those_of_the_lots_day(day):
    counted = {kind.kind: kind.count for kind in day.page().context["kinds"]}

    assert counted["waived"] == 2
    assert {"by_hand", "unanswered", "owed", "repeated", "reentered", "promised_twice", "skew"} <= counted.keys()


def test_line_names_stay_lot_lane_attendant_and_note(day):
    page = " ".join(day.page(by=day.attendant.pk, flag="waived").content.decode().split())

    (line,) = [row for row in page.split("<tr ") if "Lift broken" in row]
    for told in ("/manage/stays/PS-", "ZH 77", "North", "North out", str(day.attendant), "fee waived"):
        assert told in line, told


def test_clock_that_was_off_is_named(day):
    page = day.page(flag="skew").content.decode().replace("\xa0", " ")

    assert "clock 1 h 6 min behind" in page


def test_pages_of_a_filtered_list_keep_the_filter(day):
    event = GateEvent.objects.filter(flags__contains=["owed"]).get()
    for _ in range(50):
        event.pk, event.event_id = None, uuid.uuid4()
        event.save(force_insert=True)

    page = day.page(flag="owed")
    [following] = set(re.findall(r'href="([^"]*page=2[^"]*)"', page.content.decode()))

    assert "flag=owed" in following
    shown = [page, day.site.admin.get(urljoin(PAGE, html.unescape(following)))]
    assert [len(one.context["page"].object_list) for one in shown] == [50, 1]


def test_overview_links_each_flag_to_its_list(day):
    event = GateEvent.objects.filter(flags__contains=["promised_twice"]).get()
    event.pk, event.event_id, event.at, event.flags = None, uuid.uuid4(), now(), ["waived", "promised_twice"]
    event.save(force_insert=True)

    page = day.site.admin.get("/manage/attention/").content.decode()

    assert 'href="/manage/exceptions/?flag=waived"' in page
    assert 'href="/manage/exceptions/?flag=promised_twice"' in page


def test_list_takes_as_many_statements_however_long_it_is(day, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        day.page()
