"""Lists that people work with: every filter, order and page of each finds the rows that it should, at the same cost."""

import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.web import listing
from exports.export_kinds import kind_named
from exports.models import WhoseRows
from office.saved_views import URLS
from tests.office import list_worlds
from tests.office.list_worlds import DebtsWorld, StaysWorld
from tests.office.people_worlds import PEOPLE_WORLDS, BlocksWorld, MembersWorld, PassesWorld, PermitsWorld

pytestmark = pytest.mark.django_db

WORLDS = [*list_worlds.WORLDS, *PEOPLE_WORLDS]
FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
EACH = pytest.mark.parametrize("world", WORLDS, indirect=True, ids=lambda one: one.listing.name)


@pytest.fixture
def world(request):
    return request.param(60)


def statements(world, **query):
    world.page(**query)  # what is remembered of the lots is asked for once
    with CaptureQueriesContext(connection) as captured:
        world.page(**query)
    return len(captured)


@pytest.mark.parametrize("kind", WORLDS, ids=lambda one: one.listing.name)
def test_many_rows_take_the_statements_of_one(kind):
    world = kind(1)
    of_one = statements(world)
    world.add(60, first=1)

    assert world.page().paginator.count > 40
    assert statements(world) == of_one


@EACH
def test_filters_find_what_they_say(world):
    @FEW
    @given(st.fixed_dictionaries({}, optional=world.asked))
    def check(asked):
        found = world.keys(**asked, per="100")
        assert len(found) == len(set(found))
        assert set(found) == world.wanted(asked)

    @settings(FEW, max_examples=2)
    @given(st.data())
    def check_each_alone(data):
        for name, values in world.asked.items():
            asked = {name: data.draw(values)}
            assert set(world.keys(**asked, per="100")) == world.wanted(asked), asked

    check()
    check_each_alone()


@EACH
def test_every_order_is_total_over_its_pages(world):
    everything = world.wanted({})
    for order, _words in world.listing.orders():
        found = world.keys(sort=order)

        assert len(found) == len(everything)
        assert set(found) == everything
        assert world.keys(sort=order, per="100") == found


@EACH
def test_what_a_page_looks_through_is_bounded_and_goes_on(world, monkeypatch):
    if not world.listing.along:
        pytest.skip("short lists are looked through as a whole")
    usual = world.keys()
    monkeypatch.setattr(listing, "REACH", 12)
    monkeypatch.setattr(listing, "PAGE_SIZES", (5, 10))

    assert world.page().edge is not None
    assert world.page().paginator.count < 60
    assert world.keys(per="5") == usual
    assert set(world.keys(per="10", **{"from": "2026-03-10"})) == world.wanted({"from": "2026-03-10"})


def test_whole_plate_is_found_beyond_what_a_page_looks_through(monkeypatch):
    world = StaysWorld(60)
    oldest = world.stored()[-1]
    monkeypatch.setattr(listing, "REACH", 12)
    monkeypatch.setattr(listing, "PAGE_SIZES", (5, 10))

    part = oldest.plate_normalised[:-1]
    assert oldest.pk not in [row.pk for row in world.page(q=part).object_list]
    assert [row.pk for row in world.page(q=oldest.plate).object_list] == [oldest.pk]
    assert [row.pk for row in world.page(q=oldest.number).object_list] == [oldest.pk]


def test_orders_put_the_greatest_and_the_smallest_first():
    world = StaysWorld(60)
    paid = [
        row.charge.captured_amount if row.charge else None for row in world.page(sort="-paid", per="100").object_list
    ]
    values = [amount for amount in paid if amount is not None]

    assert values == sorted(values, reverse=True)
    assert paid[len(values) :] == [None] * (60 - len(values))  # those without a value come last
    entries = [row.entry_at for row in world.page(sort="in", per="100").object_list]
    assert entries == sorted(entries)
    assert [row.entry_at for row in world.page(sort="nonsense", per="100").object_list] == entries[::-1]


def test_heads_say_how_a_list_is_sorted_and_lead_to_the_other_order():
    world = StaysWorld(3)
    page = world.client.get("/manage/stays/", {"sort": "paid", "q": "ZH", "page": "1"}).content.decode()

    assert re.findall(r'aria-sort="(\w+)"', page) == ["ascending"]
    links = re.findall(r'class="sort" href="([^"]+)"', page)
    assert "/manage/stays/?sort=-paid&amp;q=ZH" in links
    assert "/manage/stays/?sort=-in&amp;q=ZH" in links
    part = world.client.get("/manage/stays/", {"sort": "paid"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert part.count("<tr>") == 4
    assert 'hx-swap-oob="true"' in part  # the way to the export of these rows


def test_pages_have_the_chosen_size_and_the_nearest_number():
    world = StaysWorld(60)

    assert [len(world.page(per=size).object_list) for size in ("25", "50", "100", "1000", "x")] == [25, 50, 60, 50, 50]
    assert world.page(per="25", page="3").number == 3
    assert world.page(per="25", page="99").number == 3
    assert world.page(per="25", page="-1").number == 3
    assert len(world.page(beyond="nonsense").object_list) == 50
    assert len(world.page(beyond="2026-03-01T00:00:00+00:00").object_list) < 50


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (StaysWorld, "sort=-paid&status=closed&least=3"),
        (DebtsWorld, "sort=owed&least=7.50"),
        (MembersWorld, "sort=-since&lot=list-1&factor=on"),
        (BlocksWorld, "sort=-tried&state=holds&lot=list-0&from=2026-03-01"),
        (PermitsWorld, "sort=-until&state=over&to=2026-03-19"),
        (PassesWorld, "until=2026-03-18&lot=list-1"),
    ],
)
def test_export_has_what_is_shown_in_its_order(kind, asked):
    world = kind(40)
    rows = kind_named(kind.listing.name, WhoseRows.LOTS).rows_for(world.admin, asked)

    assert [row.pk for row in rows] == world.keys(**QueryDict(asked).dict()) != []


def test_amounts_are_of_the_lots_currencies():
    world = DebtsWorld(0)
    answer = world.client.get("/manage/debts/", {"least": "1.234"})

    assert answer.status_code == 422
    assert "At least" in answer.content.decode()


@pytest.mark.parametrize("kind", WORLDS, ids=lambda one: one.listing.name)
def test_every_list_says_what_matters_on_a_phone_and_can_be_saved(kind):
    assert sum("cell-key" in column.style for column in kind.listing.columns) >= 1
    assert URLS[kind.listing.name] == kind.listing.url
    assert any(column.name == kind.listing.usual.removeprefix("-") and column.order for column in kind.listing.columns)


def test_passes_that_end_soon_are_listed_by_their_last_day():
    world = PassesWorld(20)
    made = [row.held.created_at for row in world.page().object_list]
    ends = [row.held.valid_until for row in world.page(until="2026-03-19").object_list]

    assert made == sorted(made, reverse=True)
    assert ends == sorted(ends) != []


def test_filter_says_how_much_of_it_is_set_and_shows_what_is_wrong():
    client = StaysWorld(3).client
    asked = {"q": "ZH", "status": "closed", "least": "3", "lot": ""}

    page = client.get("/manage/stays/", asked)
    shown = page.context["filter"]
    assert (shown.text.name, shown.set, shown.is_wrong) == ("q", 2, False)
    assert '<details class="filter-fold">' in page.content.decode()
    part = client.get("/manage/stays/", asked, headers={"HX-Request": "true"}).content.decode()
    assert '<span id="filters-set" hx-swap-oob="true"> (2)</span>' in part
    assert client.get("/manage/gates/", {"lot": "list-0"}).context["filter"].set == 0  # what is hidden does not count
    wrong = client.get("/manage/stays/", asked | {"least": "much"})
    assert wrong.status_code == 422
    assert '<details class="filter-fold" open>' in wrong.content.decode()
