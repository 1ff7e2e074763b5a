"""A first lot in one page, its test car, and the checklist of the overview."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from accounts.models import User
from billing.models import Charge
from devices.models import Device
from gates.models import GateEvent
from lots.models import Lot
from office.lots.first_lot_form import name_of_street, parts_of_address
from office.tariffs.first_rules import FIRST_RULES
from tests.entrance.sessions import client_of
from tests.factories import make_device, make_gate, make_lot, make_operator, make_user
from tests.retention.kept_rows import read_at
from tickets.models import Ticket, TicketStatus
from verification import INVARIANTS, prove

pytestmark = pytest.mark.django_db

ADDRESS = "Bahnhofstrasse 1, 8001 Zürich"
FIELDS = {"address": ADDRESS, "spots": "40", "start": "hourly", "cameras": "cameras", "country": "CH"}


@pytest.fixture
def operator():
    return make_operator("acme", timezone="Europe/Zurich")


@pytest.fixture
def admin(operator):
    return client_of(make_user("admin", operator))


def start(client, **fields):
    answer = client.post(reverse("office:first_lot"), FIELDS | fields)
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def test_four_answers_make_a_lot_with_spots_lanes_prices_and_keys(admin, client):
    page = admin.get(start(admin)).content.decode()
    lot = Lot.objects.get()
    assert (lot.slug, lot.name, lot.address) == ("bahnhofstrasse", "Bahnhofstrasse", "Bahnhofstrasse 1")
    assert (lot.postal_code, lot.city, lot.timezone, lot.currency) == ("8001", "Zürich", "Europe/Zurich", "CHF")
    assert lot.holidays == {"country": "CH"}
    assert not lot.published
    assert lot.spots.count() == 40
    assert sorted(lot.gates.values_list("code", "direction")) == [
        ("bahnhofstrasse-in", "entry"),
        ("bahnhofstrasse-out", "exit"),
    ]
    assert lot.tariffs.get().rules == dict(FIRST_RULES[0].rules)
    keys = re.findall(r'<textarea class="secret"[^>]*>([^<]+)<', page)
    assert len(keys) == 2
    for code, key in zip(("bahnhofstrasse-in", "bahnhofstrasse-out"), keys, strict=True):
        answer = client.get(f"/api/v1/gates/{code}/commands", headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 200
    again = admin.get(reverse("office:started_lot", args=[lot.slug])).content.decode()
    assert not any(key in again for key in keys)


@pytest.mark.parametrize("template", ["hourly", "day-night", "flat-evening", "first-free", "airport"])
def test_a_test_car_is_let_in_and_was_never_a_stay(template, admin):
    location = start(admin, start=template, cameras="none")
    lot = Lot.objects.get()
    assert not Device.objects.exists()
    answer = admin.post(reverse("office:trial_car", args=[lot.slug]), follow=True)
    assert "Its stay is void" in answer.content.decode(), location
    event, ticket = GateEvent.objects.filter(kind="read").get(), Ticket.objects.get()
    assert (event.action, event.gate.direction) == ("open", "entry")
    assert event.plate.startswith("TEST")
    assert ticket.status == TicketStatus.VOID
    assert not Charge.objects.exists()
    assert Device.objects.get().revoked_at is not None
    assert sum(lot.counts.values_list("free", flat=True)) == 40
    assert [one.invariant for one in prove(INVARIANTS) if not one.holds] == []


def test_no_test_car_opens_the_gate_of_a_public_lot(admin):
    start(admin)
    lot = Lot.objects.get()
    admin.post(reverse("office:lot_publishing", args=[lot.slug]), {"published": "yes"})
    assert Lot.objects.get().published
    answer = admin.post(reverse("office:trial_car", args=[lot.slug]), follow=True)
    assert "is for a lot that is being set up" in answer.content.decode()
    assert not GateEvent.objects.exists()


def test_the_overview_lists_what_is_missing_until_all_is_done(admin):
    start(admin, cameras="none")
    lot = Lot.objects.get()
    page = admin.get(reverse("office:home")).content.decode()
    assert "Setting up Bahnhofstrasse" in page
    open_step = r'○</span>\s*<a href="[^"]+">([^<]+)</a>'
    assert re.findall(open_step, page) == [
        "A key for a camera",
        "A first car, or a test car",
        "A second factor for your account",
    ]
    admin.post(reverse("office:trial_car", args=[lot.slug]))
    assert "A first car, or a test car</a>" not in admin.get(reverse("office:home")).content.decode()
    admin.post(reverse("office:lot_publishing", args=[lot.slug]), {"published": "yes"})
    page = admin.get(reverse("office:home")).content.decode()
    assert re.findall(open_step, page) == ["A key for a camera", "A second factor for your account"]
    make_device(lot.gates.first())
    Authenticator.objects.create(user=User.objects.get(), type=Authenticator.Type.TOTP, data={})
    assert "Setting up" not in admin.get(reverse("office:home")).content.decode()


def test_of_several_lots_only_one_that_does_not_run_is_set_up(admin, operator):
    start(admin)
    first, second = Lot.objects.get(), make_lot(operator, name="Second", published=False)
    assert "Setting up Second" in admin.get(reverse("office:home")).content.decode()
    assert "Setting up Bahnhofstrasse" in admin.get(f"{reverse('office:home')}?lot={first.slug}").content.decode()
    for lot in (first, second):
        read_at(lot.gates.first() or make_gate(lot), 0)
    Lot.objects.update(published=True)
    assert "Setting up" not in admin.get(reverse("office:home")).content.decode()


def test_another_country_brings_its_timezone_and_currency_and_both_can_differ(admin):
    start(admin, country="JP", name="Ginza")
    start(admin, country="JP", name="Ginza", timezone="Asia/Seoul", currency="krw")
    ginza, other = Lot.objects.order_by("pk")
    assert (ginza.slug, ginza.timezone, ginza.currency) == ("ginza", "Asia/Tokyo", "JPY")
    assert (other.slug, other.timezone, other.currency) == ("ginza-2", "Asia/Seoul", "KRW")
    assert other.gates.filter(code="ginza-2-in").exists()


def test_what_is_wrong_is_told_and_nothing_is_made(admin):
    for wrong in ({"address": ""}, {"spots": "0"}, {"start": "event"}, {"cameras": ""}, {"currency": "XXQ"}):
        assert admin.post(reverse("office:first_lot"), FIELDS | wrong).status_code == 422
    assert not Lot.objects.exists()


def test_a_lot_of_another_operator_is_not_there(admin):
    theirs = make_lot(slug="theirs", published=False)
    assert admin.get(reverse("office:started_lot", args=[theirs.slug])).status_code == 404
    assert admin.post(reverse("office:trial_car", args=[theirs.slug])).status_code == 404


@pytest.mark.parametrize(
    ("address", "parts", "name"),
    [
        (ADDRESS, ("Bahnhofstrasse 1", "8001", "Zürich"), "Bahnhofstrasse"),
        ("12 Main Street, Springfield", ("12 Main Street", "", "Springfield"), "Main Street"),
        ("Hafenplatz", ("Hafenplatz", "", ""), "Hafenplatz"),
        ("Allee 3a, D-10115 Berlin, Germany", ("Allee 3a", "10115", "Berlin"), "Allee"),
        (" , ", ("", "", ""), ""),
        ("7", ("7", "", ""), "7"),
    ],
)
def test_an_address_is_split_at_its_commas(address, parts, name):
    assert parts_of_address(address) == parts
    assert name_of_street(parts[0]) == name
