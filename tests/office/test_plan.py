"""The plan of a level: what is done with selected bays, who is found on it, and how it is laid out."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from common.web.wall_clock import as_typed
from lots.calendar import zone_of
from lots.drawn_rows import RowPlace
from lots.models import Zone
from lots.services import add_places
from lots.services.zones import ZoneValues
from reservations.models import Blackout
from reservations.services import ClosingPlan, make_blackout
from tests.factories import make_lot, make_ticket, make_user
from tests.reservations.bookings import DAY, HOUR, time

pytestmark = pytest.mark.django_db


class Plan:
    """A lot of two levels, and its admin's window."""

    def __init__(self):
        self.lot = make_lot(slug="central", spots={"regular": 5, "ev": 1}, levels=2)
        self.admin = make_user("admin", self.lot.operator)
        self.client = Client()
        self.client.force_login(self.admin)

    def url(self, name="level", number=0):
        return reverse(f"office:{name}", args=[self.lot.slug, number])

    def keys(self, *numbers):
        return [self.lot.spots.get(number=number).pk for number in numbers]

    def act(self, act, *numbers, **values):
        return self.client.post(self.url("bays"), {"act": act, "bay": self.keys(*numbers)} | values)

    def state(self, number):
        return self.lot.spots.get(number=number).status

    def typed(self, at):
        return as_typed(at, zone_of(self.lot))


@pytest.fixture
def plan():
    return Plan()


def test_bays_go_out_of_use_until_an_end_and_back(plan):
    end = now() + DAY
    answer = plan.act("close", "R0-1", "R0-3", reason="Wet", end=plan.typed(end))
    keys = plan.keys("R0-1", "R0-3")
    assert answer["Location"] == f"{plan.url()}?bay={keys[0]}&bay={keys[1]}"
    page = plan.client.get(answer["Location"]).content.decode()
    assert "2 spots out of use: R0-1, R0-3" in page
    assert page.count(" checked>") == 2
    assert "regular, out of use, wet" in page.lower()
    spot = plan.lot.spots.get(number="R0-1")
    assert (spot.status, spot.maintenance_note) == ("maintenance", "Wet")
    assert spot.maintenance_until == end.replace(second=0, microsecond=0)

    assert plan.act("open", "R0-1", "R0-3").status_code == 302
    assert plan.state("R0-1") == plan.state("R0-3") == "available"


def test_bays_change_their_type_and_are_held(plan):
    assert plan.act("retype", "R0-1", spot_type="ev").status_code == 302
    assert plan.lot.spots.get(number="R0-1").spot_type == "ev"
    start = now() + HOUR
    times = {"hold-start": plan.typed(start), "hold-end": plan.typed(start + HOUR)}
    assert plan.act("hold", "R0-2", "R0-3", **times | {"hold-plates": "ZH 1, ZH 2"}).status_code == 302
    assert plan.state("R0-2") == plan.state("R0-3") == "reserved"


def test_one_that_is_opened_leads_to_its_page(plan):
    (key,) = plan.keys("R0-2")
    assert plan.act("look", "R0-2")["Location"] == reverse("office:spot", args=[plan.lot.slug, key])
    assert plan.client.post(plan.url("bays"), {"act": "look"}).status_code == 422


@pytest.mark.parametrize(
    "case",
    [
        ("close", ["R0-2"], {"reason": ""}, "reason", "required"),
        ("close", ["R0-2"], {"reason": "Wet", "end": "2020-01-01T10:00"}, "end", "over already"),
        ("close", [], {"reason": "Wet"}, "__all__", "Select at least one spot."),
        ("open", [], {}, "__all__", "Select at least one spot."),
        ("retype", ["R0-1"], {"spot_type": "ev"}, "spot_type", "R0-1: a car stands there."),
        ("retype", ["R0-2"], {"spot_type": "boat"}, "spot_type", "boat"),
        ("hold", ["R0-2"], {"hold-plates": "A 1, A 2"}, "plates", "as many plates"),
        ("hold", ["R0-1"], {"hold-plates": "A 1"}, "plates", "R0-1 is not free."),
    ],
)
def test_refusals_are_told_at_their_place_and_keep_the_selection(plan, case):
    act, numbers, values, field, said = case
    make_ticket(plan.lot)
    if act == "hold":
        start = now() + HOUR
        values = values | {"hold-start": plan.typed(start), "hold-end": plan.typed(start + HOUR)}
    answer = plan.act(act, *numbers, **values)
    errors = answer.context[f"{act}_form"].errors
    assert said in str(errors[field])
    assert answer.status_code in {409, 422}
    page = answer.content.decode()
    assert page.count(" checked>") == len(numbers)
    assert not plan.lot.spots.filter(maintenance=True).exists()


def test_bay_closed_with_its_level_says_so(plan):
    closing = ClosingPlan(time=time(0, 1)._replace(start=now() - HOUR, end=now() + HOUR), reason="Flood")
    make_blackout(lot=plan.lot, plan=closing, by=plan.admin, at=now())
    answer = plan.act("open", "R0-1")
    assert answer.status_code == 409
    assert "closed together with others: Flood" in answer.content.decode()
    assert Blackout.objects.get().lifted_at is None


def test_bays_of_another_level_are_not_touched(plan):
    (above,) = plan.keys("R1-1")
    answer = plan.client.post(plan.url("bays"), {"act": "close", "bay": [above, "x", "9" * 30], "reason": "Wet"})
    assert answer.status_code == 422
    assert plan.state("R1-1") == "available"


def test_spot_plate_and_ticket_are_found_wherever_they_are(plan):
    above = plan.lot.spots.get(number="R1-2")
    stay = make_ticket(plan.lot, "ZH 123456", spot=above)
    for text in ("r1-2", "ZH 123456", "zh123", stay.number.lower()):
        answer = plan.client.get(plan.url(), {"find": text}, follow=True)
        page = answer.content.decode()
        assert answer.redirect_chain[0][0].startswith(plan.url(number=1))
        assert f'data-found="{above.pk}"' in page
        assert reverse("office:stay", args=[stay.number]) in page
        assert f'value="{above.pk}" data-stay="{stay.number}" checked>' in page
    assert "No car has a ticket for it." in plan.client.get(plan.url(), {"find": "R0-1"}).content.decode()


def test_what_is_not_found_or_several_is_said(plan):
    make_ticket(plan.lot, "ZH 1234", spot=plan.lot.spots.get(number="R0-1"))
    make_ticket(plan.lot, "ZH 1235", spot=plan.lot.spots.get(number="R0-2"))
    make_ticket(make_lot(plan.lot.operator), "AG 9")
    for text, said in (("AG 9", "is called that"), ("ZH 123", "Several cars"), ("…", "is called that")):
        assert said in plan.client.get(plan.url(), {"find": text}).content.decode()


def test_next_levels_are_linked_from_each_page(plan):
    for name in ("level", "level_use", "level_layout"):
        page = plan.client.get(plan.url(name)).content.decode()
        assert f'rel="next" href="{plan.url(name, 1)}"' in page
        assert 'rel="prev"' not in page
        assert f'rel="prev" href="{plan.url(name, 0)}"' in plan.client.get(plan.url(name, 1)).content.decode()


def test_row_is_added_numbered_again_and_moved(plan):
    new = {"act": "add", "count": "3", "spot_type": "regular", "prefix": "N-", "start": "2", "step": "2", "angle": "90"}
    answer = plan.client.post(plan.url("level_layout"), new | {"left": "1.5", "top": "10"})
    assert answer.status_code == 302
    zone = Zone.objects.get(name="N")
    assert list(zone.spots.order_by("ordinal").values_list("number", flat=True)) == ["N-2", "N-4", "N-6"]
    assert zone.place == RowPlace(15, 100, 90)

    again = {"name": "North", "prefix": "N-", "start": "1", "step": "1", "left": "2", "top": "0", "angle": ""}
    assert plan.client.post(reverse("office:zone", args=[plan.lot.slug, zone.pk]), again).status_code == 302
    zone.refresh_from_db()
    assert (zone.name, zone.place) == ("North", RowPlace(20, 0, 0))
    assert list(zone.spots.order_by("ordinal").values_list("number", flat=True)) == ["N-1", "N-2", "N-3"]

    moved = {"act": "move", f"row-{zone.pk}-left": "0.5", f"row-{zone.pk}-top": "7", f"row-{zone.pk}-angle": "180"}
    assert plan.client.post(plan.url("level_layout"), moved).status_code == 302
    zone.refresh_from_db()
    assert zone.place == RowPlace(5, 70, 180)
    assert "rotate(180)" in plan.client.get(plan.url()).content.decode()


def test_rows_without_a_place_are_laid_below_the_others(plan):
    zones = list(plan.lot.levels.get(number=0).zones.order_by("ordinal", "pk"))
    Zone.objects.filter(pk=zones[0].pk).update(left=0, top=0)
    assert plan.client.post(plan.url("level_layout"), {"act": "lay"}).status_code == 302
    zones[1].refresh_from_db()
    assert zones[1].place == RowPlace(0, 70, 0)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"left": "3"}, "top"),
        ({"left": "-1", "top": "0"}, "left"),
        ({"left": "1", "top": "1", "angle": "360"}, "angle"),
    ],
)
def test_row_lies_where_it_did_when_its_place_is_refused(plan, values, field):
    zone = plan.lot.levels.get(number=0).zones.first()
    sent = {f"row-{zone.pk}-{name}": value for name, value in values.items()}
    answer = plan.client.post(plan.url("level_layout"), sent | {"act": "move"})
    assert answer.status_code == 422
    assert [list(row.errors) for row in answer.context["rows"] if row.errors] == [[field]]
    zone.refresh_from_db()
    assert zone.place is None


def test_row_with_a_car_keeps_its_numbers_and_says_why(plan):
    spot = make_ticket(plan.lot).spot
    url = reverse("office:zone", args=[plan.lot.slug, spot.zone_id])
    answer = plan.client.post(url, {"name": "R", "prefix": "X-", "start": "1", "step": "1"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["prefix"] == ["R0-1: a car stands there."]
    assert plan.state("R0-1") == "occupied"


def test_thousand_bays_are_at_most_150_kilobytes(plan, django_assert_max_num_queries):
    for row in range(20):
        values = ZoneValues(f"Row {row}", "regular", 50, prefix=f"{chr(65 + row)}-", left=0, top=row * 70)
        add_places(lot=plan.lot, level_number=7, values=values)
    spots = list(plan.lot.spots.filter(level__number=7))
    for number, spot in enumerate(spots[::4]):
        make_ticket(plan.lot, f"ZH {100_000 + 7919 * number % 900_000}", spot=spot)
    with django_assert_max_num_queries(14):
        page = plan.client.get(plan.url(number=7)).content
    assert page.count(b'name="bay"') == 1_000
    assert 10_000 < len(gzip.compress(page)) <= 150_000
