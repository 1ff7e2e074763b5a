"""The page on which a tariff is written: with and without HTMX, as fields and as JSON; nothing typed is lost."""

import json
import time
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from billing.models import Tariff
from billing.pricing import parse_rules
from tests.factories import HOURLY, make_lot, make_operator, make_tariff, make_ticket, make_user
from tests.in_time import assert_in_time

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
BAND = {
    "plans-0-bands-0-from": "00:00",
    "plans-0-bands-0-to": "24:00",
    "plans-0-bands-0-price": "2.50",
    "plans-0-bands-0-increment_minutes": "30",
}
TYPED = {
    "name": "City",
    "valid_from": "2030-01-01",
    "valid_until": "",
    "exit_grace_minutes": "15",
    "tax_included": "on",
    "plans-0-name": "Week",
    "plans-0-periods": "any",
    **BAND,
}


@pytest.fixture
def lot():
    return make_lot(make_operator(), slug="central")


@pytest.fixture
def admin(client, lot):
    client.force_login(make_user("admin", lot.operator))
    return client


@pytest.fixture
def url(lot):
    return reverse("office:tariff_edit", args=[lot.tariffs.get().pk])


def test_lot_and_a_beginning_are_chosen_first(admin, lot):
    page = admin.get(reverse("office:tariff_new"), {"lot": lot.slug})
    assert page.context["form"]["lot"].value() == lot.slug
    begun = admin.get(reverse("office:tariff_new"), {"lot": lot.slug, "start": "day-night"})
    assert "07:00" in begun.content.decode()
    assert begun.context["effect"].price.total == 900  # from 8:15 to 10:47: six half hours of 1.50
    as_now = admin.get(reverse("office:tariff_new"), {"lot": lot.slug, "start": "in-force"})
    assert as_now.context["effect"].rules == parse_rules(HOURLY)
    assert admin.get(reverse("office:tariff_new"), {"lot": lot.slug, "start": "nonsense"}).status_code == 200


def test_lots_of_others_are_not_offered(admin):
    make_lot(slug="strange", tariff=None)
    page = admin.get(reverse("office:tariff_new"), {"lot": "strange", "start": "hourly"})
    assert [slug for slug, _ in page.context["form"].fields["lot"].choices] == ["central"]
    answer = admin.post(reverse("office:tariff_new"), TYPED | {"lot": "strange"})
    assert answer.status_code == 422
    assert not Tariff.objects.filter(lot__slug="strange").exists()


@pytest.mark.parametrize(
    ("currency", "typed", "stored"), [("JPY", "250", 250), ("KWD", "0.250", 250), ("CHF", "2.50", 250)]
)
def test_new_tariff_is_typed_in_the_money_of_its_lot(admin, lot, currency, typed, stored):
    other = make_lot(lot.operator, slug="other", tariff=None, currency=currency)
    values = TYPED | {"lot": "other", "plans-0-bands-0-price": typed}
    answer = admin.post(reverse("office:tariff_new"), values)
    made = other.tariffs.get()
    assert answer["Location"] == reverse("office:tariff", args=[made.pk])
    assert made.rules["plans"][0]["bands"][0]["price"] == stored
    edit = admin.get(reverse("office:tariff_edit", args=[made.pk]))
    assert f'value="{typed}"' in edit.content.decode()


def test_saving_what_is_shown_changes_nothing(admin, lot, url):
    make_ticket(lot)
    page = admin.get(url)
    data = {"name": "Standard", "valid_from": "2020-01-01", "valid_until": ""}
    for row in page.context["every_row"]:
        data |= {cell.bound.html_name: cell.bound.value() for cell in row.cells if cell.bound.value()}
    assert admin.post(url, data).status_code == 302
    assert lot.tariffs.get().rules == HOURLY
    assert admin.post(url, data | {"plans-0-bands-0-price": "3.50"}).status_code == 302
    assert lot.tariffs.current().get().revision == 2


def test_wrong_rules_are_refused_at_their_field_and_nothing_typed_is_lost(admin, url):
    wrong = {"plans-0-bands-0-from": "06:00", "plans-0-bands-0-price": "dear", "plans-0-name": "Wéek", "name": ""}
    answer = admin.post(url, TYPED | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Not saved: 2 things to correct" in page
    assert 'value="dear"' in page
    assert 'value="Wéek"' in page
    marks = {row.place: [mark.text for mark in row.marks] for row in answer.context["every_row"]}
    assert len(marks["plans-0-bands-0"]) == 1
    assert marks["plans-0-bands-0"][0].startswith("Enter an amount")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_rows_are_added_and_removed_with_what_was_typed(admin, url, headers):
    typed = TYPED | {"name": "", "plans-0-bands-0-to": "18:00", "plans-0-bands-0-price": "dear"}
    answer = admin.post(url, typed | {"act": "add plans-0-bands"}, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="plans-0-bands-1-from" value="18:00"' in page
    assert 'value="dear"' in page
    assert ("<html" in page) == (not headers)
    assert "Not saved" not in page
    assert 'id="effect"' in page
    removed = admin.post(url, typed | {"act": "remove plans-0-bands-0"}, headers=headers).content.decode()
    assert "plans-0-bands-0" not in removed
    assert Tariff.objects.get().rules == HOURLY


def test_changed_field_shows_what_it_means_and_the_marks_of_every_row(admin, url):
    typed = TYPED | {"act": "show"}
    page = admin.post(url, typed, headers=HTMX)
    said = page.content.decode()
    assert 'id="effect"' in said
    assert "<input" not in said
    assert page.context["effect"].price.total == 1500
    assert page.context["effect"].price_now.total == 900
    assert 'id="note-plans-0-bands-0" hx-swap-oob="true"' in said
    hole = admin.post(url, typed | {"plans-0-bands-0-to": "18:00"}, headers=HTMX).content.decode()
    assert "From 18:00 to 24:00 there is no price." in hole
    assert "1 thing to correct before there are prices" in hole


def test_stay_is_priced_as_asked_and_a_wrong_one_is_said(admin, url):
    asked = {
        "asked-entry": "2026-03-02T08:00",
        "asked-exit": "2026-03-04T08:00",
        "asked-spot_type": "ev",
        "asked-vehicle_type": "regular",
        "asked-span": "week",
    }
    page = admin.post(url, TYPED | asked | {"act": "show"})
    effect = page.context["effect"]
    assert effect.price.total == 96 * 250
    assert [row.draft for row in effect.lengths] == [12_000 * days for days in range(1, 8)]
    wrong = admin.post(url, TYPED | asked | {"act": "show", "asked-exit": "2026-03-01T08:00"})
    assert "The exit is before the entry." in wrong.content.decode()
    assert wrong.context["effect"] is not None


def test_rules_go_to_json_and_back_with_what_was_typed(admin, url):
    page = admin.post(url, TYPED | {"act": "json"})
    text = page.context["json_form"]["rules"].value()
    assert json.loads(text)["plans"][0]["bands"][0] == {
        "from": "00:00",
        "to": "24:00",
        "price": 250,
        "increment_minutes": 30,
        "prorata": False,
    }
    assert text.index('"exit_grace_minutes"') < text.index('"plans"')
    assert text.index('"name"') < text.index('"bands"')
    assert 'value="City"' in page.content.decode()
    back = admin.post(url, {"name": "City", "rules": text, "act": "fields"})
    assert back.context["effect"].rules == page.context["effect"].rules
    assert 'value="2.50"' in back.content.decode()
    saved = admin.post(url, {"name": "City", "valid_from": "2020-01-01", "rules": text})
    assert saved.status_code == 302
    assert parse_rules(Tariff.objects.current().get().rules) == page.context["effect"].rules


@pytest.mark.parametrize("text", ["{", "[]", '{"colour": 1}', '{"plans": [{"bands": 7}]}', "[" * 9000])
def test_json_that_fields_cannot_show_stays_as_it_is_typed(admin, url, text):
    answer = admin.post(url, {"rules": text, "act": "fields"})
    assert answer.context["json_form"]["rules"].value() == text
    assert answer.context["json_form"].errors["rules"]


def test_wrong_json_is_corrected_as_fields(admin, url):
    text = json.dumps({"plans": [{"bands": [{"from": "06:00", "to": "24:00", "price": 100, "increment_minutes": 60}]}]})
    answer = admin.post(url, {"rules": text, "act": "fields"})
    assert "From 00:00 to 06:00 there is no price." in answer.content.decode()


def many_bands(count):
    return {
        f"plans-0-bands-{number}-{name}": value
        for number in range(count)
        for name, value in (("from", "00:00"), ("to", "24:00"), ("price", "1"), ("increment_minutes", "60"))
    }


def send(client, url, values):
    """Post as a browser does, and return the answer with the seconds that it took."""
    body, started = urlencode(TYPED | values), time.monotonic()
    answer = client.post(url, body, content_type="application/x-www-form-urlencoded")
    return answer, time.monotonic() - started


def test_absurd_numbers_of_bands_are_refused_at_once(admin, url):
    more, seconds = send(admin, url, many_bands(600))
    assert more.status_code == 422
    assert_in_time(seconds, 3)
    assert "has more than 100 entries" in more.content.decode()
    assert json.loads(more.context["json_form"]["rules"].value())["plans"][0]["bands"][599]["price"] == 100
    band = {"from": "00:00", "to": "24:00", "price": 100, "increment_minutes": 60}
    pasted, seconds = send(admin, url, {"rules": json.dumps({"plans": [{"bands": [band] * 1500}]})})
    assert pasted.status_code == 422
    assert_in_time(seconds, 3)
    assert "bands has more than 100 entries" in pasted.content.decode()
    for values in (many_bands(10_000), {"rules": json.dumps({"plans": [{"bands": [band] * 10_000}]})}):
        answer, seconds = send(admin, url, values)
        assert answer.status_code == 400
        assert_in_time(seconds, 3)
        assert "That form is too large" in answer.content.decode()
    assert Tariff.objects.get().rules == HOURLY


def test_page_of_a_large_tariff_is_bounded(admin, lot, url, django_assert_max_num_queries):
    bands = [
        {
            "from": f"{n // 4:02}:{n % 4 * 15:02}",
            "to": f"{(n + 1) // 4:02}:{(n + 1) % 4 * 15:02}",
            "price": n,
            "increment_minutes": 15,
        }
        for n in range(96)
    ]
    make_tariff(make_lot(lot.operator, tariff=None))
    Tariff.objects.filter(lot=lot).update(rules={"plans": [{"bands": bands}]})
    with django_assert_max_num_queries(10):
        assert admin.get(url).status_code == 200
