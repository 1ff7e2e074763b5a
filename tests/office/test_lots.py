"""The pages on which admins make and change lots and their places."""

import pytest
from django.urls import reverse

from lots.models import Lot
from lots.services import hold_spot, set_maintenance
from tests.factories import make_gate, make_lot, make_operator, make_ticket, make_user

NEWCOMER = {"name": "Central Garage", "city": "Zürich", "timezone": "Europe/Zurich", "currency": "CHF"}
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(make_operator(), slug="central", spots={"regular": 3, "ev": 1})


@pytest.fixture
def admin(client, lot):
    client.force_login(make_user("admin", lot.operator))
    return client


def pages(lot):
    level, zone, spot = lot.levels.first(), lot.levels.first().zones.first(), lot.spots.first()
    slug = lot.slug
    return {
        "office:lot": [slug],
        "office:lot_settings": [slug],
        "office:level": [slug, level.number],
        "office:level_settings": [slug, level.number],
        "office:level_removal": [slug, level.number],
        "office:level_layout": [slug, level.number],
        "office:level_use": [slug, level.number],
        "office:zone": [slug, zone.pk],
        "office:zone_removal": [slug, zone.pk],
        "office:spot": [slug, spot.pk],
    }


def posts(lot):
    return {
        "office:lot_closing": [lot.slug],
        "office:places_new": [lot.slug],
        "office:bays": [lot.slug, lot.levels.first().number],
    }


NAMES = [
    *("office:lot", "office:lot_settings", "office:level", "office:level_settings", "office:level_removal"),
    *("office:zone", "office:zone_removal", "office:spot", "office:level_layout", "office:level_use"),
]
POSTS = ["office:lot_closing", "office:places_new", "office:bays"]


@pytest.mark.parametrize("name", [*NAMES, *POSTS])
@pytest.mark.parametrize(
    ("who", "status"),
    [(("admin", False), 404), (("attendant", True), 403), (("attendant", False), 403), ((None, True), 403)],
)
def test_page_is_the_admins_of_its_operator_only(client, lot, name, who, status):
    role, own = who
    client.force_login(make_user(role, lot.operator if own else make_operator()))
    method = client.post if name in POSTS else client.get
    assert method(reverse(name, args=(pages(lot) | posts(lot))[name])).status_code == status


@pytest.mark.parametrize("name", [*NAMES, *POSTS])
def test_visitor_is_sent_to_log_in(client, lot, name):
    method = client.post if name in POSTS else client.get
    answer = method(reverse(name, args=(pages(lot) | posts(lot))[name]))
    assert answer.status_code == 302
    assert "/accounts/login/?next=" in answer["Location"]


@pytest.mark.parametrize("name", NAMES)
def test_page_opens_for_its_admin(admin, lot, name):
    assert admin.get(reverse(name, args=pages(lot)[name])).status_code == 200


@pytest.mark.parametrize("name", POSTS)
def test_what_changes_places_is_posted(admin, lot, name):
    assert admin.get(reverse(name, args=posts(lot)[name])).status_code == 302


def test_places_of_another_lot_are_unknown_under_this_one(admin, lot):
    other = make_lot(lot.operator)
    zone, spot = other.levels.get().zones.first(), other.spots.first()
    assert admin.get(reverse("office:zone", args=[lot.slug, zone.pk])).status_code == 404
    assert admin.get(reverse("office:spot", args=[lot.slug, spot.pk])).status_code == 404
    assert admin.get(reverse("office:level", args=[lot.slug, 9])).status_code == 404


def test_list_shows_the_operators_lots_with_as_many_queries_for_many_as_for_one(
    admin, lot, django_assert_max_num_queries
):
    make_lot(name="Not Ours")
    with django_assert_max_num_queries(8):
        first = admin.get(reverse("office:lots"))
    for number in range(5):
        make_lot(lot.operator, name=f"Ours {number}")
    with django_assert_max_num_queries(8):
        many = admin.get(reverse("office:lots")).content.decode()
    assert "Not Ours" not in first.content.decode() + many
    assert all(f"Ours {number}" in many for number in range(5))


def test_empty_list_says_what_to_do(client):
    client.force_login(make_user("admin"))
    page = client.get(reverse("office:lots")).content.decode()
    assert "No lots yet" in page
    assert reverse("office:lot_new") in page


def test_newcomer_makes_a_lot_from_four_answers(admin, lot):
    answer = admin.post(reverse("office:lot_new"), NEWCOMER)
    made = Lot.objects.get(slug="central-garage")
    assert (answer.status_code, answer["Location"]) == (302, reverse("office:lot", args=[made.slug]))
    assert (made.operator, made.tracking, made.hold_minutes) == (lot.operator, "spots", 30)
    assert "Central Garage added. Next: its spots." in admin.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"currency": "ZZZ"}, "currency"),
        ({"slug": "central"}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"name": "!!!"}, "slug"),
        ({"opening_hours": "whenever"}, "opening_hours"),
        ({"opening_hours": "mon: 25:00-26:00"}, "opening_hours"),
        ({"holidays_country": "XX"}, "holidays_country"),
        ({"holidays_country": "CH", "holidays_subdivision": "XX"}, "holidays_subdivision"),
        ({"holidays_extra": "someday"}, "holidays_extra"),
        ({"lane_fee_limit": "much"}, "lane_fee_limit"),
        ({"latitude": "91"}, "latitude"),
        ({"confidence_threshold": "2"}, "confidence_threshold"),
        ({"tracking": "guess"}, "tracking"),
    ],
)
def test_wrong_answer_is_said_at_its_field_and_nothing_is_made(admin, changes, field):
    answer = admin.post(reverse("office:lot_new"), NEWCOMER | changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Lot.objects.count() == 1


def test_admin_of_two_operators_says_for_which_the_lot_is(client):
    person, other = make_user("admin", make_operator("one")), make_operator("two")
    person.memberships.create(operator=other, role="admin")
    client.force_login(person)
    assert "Two" in client.get(reverse("office:lot_new")).content.decode()
    client.post(reverse("office:lot_new"), NEWCOMER | {"operator": "two"})
    assert Lot.objects.get().operator == other


def test_lot_is_never_made_for_an_operator_of_others(admin, lot):
    make_operator("strange")
    admin.post(reverse("office:lot_new"), NEWCOMER | {"operator": "strange"})
    assert Lot.objects.get(slug="central-garage").operator == lot.operator


def typed(page):
    form = page.context["form"]
    return {name: value for name in form.fields if (value := form[name].value()) is not None}


def test_settings_saved_as_they_are_shown_change_nothing(admin, lot):
    Lot.objects.filter(pk=lot.pk).update(
        opening_hours={"mon-fri": "06:00-24:00", "sun,holiday": "closed"},
        holidays={"country": "CH", "subdivision": "ZH", "extra": ["2026-04-20"]},
        amenities=["lift", "cctv"],
        lane_fee_limit=5050,
        latitude=47.3769,
    )
    before = Lot.objects.values().get()
    url = reverse("office:lot_settings", args=[lot.slug])
    assert admin.post(url, typed(admin.get(url))).status_code == 302
    assert Lot.objects.values().get() == before


def test_settings_change_and_show_again(admin, lot):
    url = reverse("office:lot_settings", args=[lot.slug])
    changes = {"name": "Renamed", "opening_hours": "mon-fri: 06:00-24:00\nsat: closed", "lane_fee_limit": "50.50"}
    changes |= {"language": "de", "second_language": "fr"}
    assert admin.post(url, typed(admin.get(url)) | changes).status_code == 302
    lot.refresh_from_db()
    assert (lot.language, lot.second_language) == ("de", "fr")
    assert (lot.name, lot.opening_hours) == ("Renamed", {"mon-fri": "06:00-24:00", "sat": "closed"})
    assert lot.lane_fee_limit == 5050


def test_share_that_may_be_booked_is_set_for_each_kind(admin, lot):
    url = reverse("office:lot_settings", args=[lot.slug])
    shown = typed(admin.get(url))
    assert shown["share_regular"] == 100
    admin.post(url, shown | {"share_regular": 40, "share_ev": ""})
    assert Lot.objects.get().booking_share_percent == {"regular": 40}


def test_admin_says_for_how_long_data_is_kept_within_bounds(admin, lot):
    url = reverse("office:lot_settings", args=[lot.slug])
    shown = typed(admin.get(url))
    assert (shown["kept_paid_plates"], shown["kept_images"]) == (2, 28)
    refused = admin.post(url, shown | {"kept_paid_plates": 31})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["kept_paid_plates"])
    admin.post(url, shown | {"kept_paid_plates": 1, "kept_images": ""})
    assert Lot.objects.get().kept_days == {"paid_plates": 1}
    admin.post(url, typed(admin.get(url)) | {"kept_paid_plates": 2})
    assert Lot.objects.get().kept_days == {}


def test_wrong_settings_show_what_was_typed_below_the_stored_name(admin, lot):
    url = reverse("office:lot_settings", args=[lot.slug])
    answer = admin.post(url, typed(admin.get(url)) | {"name": "Typed Name", "currency": "ZZZ"})
    assert answer.status_code == 422
    assert answer.context["lot"].name == lot.name
    assert "Typed Name" in answer.content.decode()


def test_lot_closes_and_opens(admin, lot):
    url = reverse("office:lot_closing", args=[lot.slug])
    admin.post(url, {"closed": "yes"})
    assert Lot.objects.get().is_closed
    assert "Closed by hand" in admin.get(reverse("office:lot", args=[lot.slug])).content.decode()
    admin.post(url, {"closed": "no"})
    assert not Lot.objects.get().is_closed


def test_three_hundred_spots_are_made_at_once(admin, lot):
    answer = admin.post(
        reverse("office:places_new", args=[lot.slug]),
        {"count": "300", "spot_type": "regular", "level": "-1", "prefix": "A-"},
    )
    assert answer.status_code == 302
    level = lot.levels.get(number=-1)
    assert (level.name, level.spots.count(), level.zones.get().name) == ("Level -1", 300, "A")
    assert admin.get(reverse("office:level", args=[lot.slug, -1])).status_code == 200


def test_places_without_a_name_get_a_free_one(admin, lot):
    for prefix in ("B-", "b", "B-9"):
        admin.post(
            reverse("office:places_new", args=[lot.slug]),
            {"count": "1", "spot_type": "ev", "level": "5", "prefix": prefix},
        )
    assert set(lot.levels.get(number=5).zones.values_list("name", flat=True)) == {"B", "b", "B-9"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"count": "many"}, "count"),
        ({"count": "100001"}, "count"),
        ({"spot_type": "boat"}, "spot_type"),
        ({"prefix": "R0-"}, "prefix"),
        ({"prefix": "A\x00"}, "prefix"),
        ({"level": "9999"}, "level"),
    ],
)
def test_wrong_places_are_said_at_their_field(admin, lot, fields, field):
    values = {"count": "2", "spot_type": "regular", "level": "0", "prefix": "N-"} | fields
    answer = admin.post(reverse("office:places_new", args=[lot.slug]), values)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert lot.spots.count() == 4


def test_plan_draws_each_state_and_links_each_spot(admin, lot):
    ticket = make_ticket(lot)
    set_maintenance(lot=lot, numbers=["R0-3"], on=True, note="Lamp")
    hold_spot(spot=lot.spots.get(number="E0-1"), reservation_id=7)
    page = admin.get(reverse("office:level", args=[lot.slug, 0])).content.decode()
    for state in ("bay-available", "bay-occupied", "bay-reserved", "bay-maintenance"):
        assert f'class="bay {state} bay-choice"' in page
    assert f'value="{ticket.spot_id}" data-stay="{ticket.number}"' in page


def test_plan_part_is_sent_once_until_something_changes(admin, lot):
    url = reverse("office:level", args=[lot.slug, 0])
    part = admin.get(url, headers=HTMX)
    assert "<html" not in part.content.decode()
    again = {"If-None-Match": part["ETag"]} | HTMX
    assert admin.get(url, headers=again).status_code == 304
    make_ticket(lot)
    assert admin.get(url, headers=again).status_code == 200


def test_lot_part_is_sent_once_until_something_changes(admin, lot):
    url = reverse("office:lot", args=[lot.slug])
    part = admin.get(url, headers=HTMX)
    assert "<html" not in part.content.decode()
    again = {"If-None-Match": part["ETag"]} | HTMX
    assert admin.get(url, headers=again).status_code == 304
    make_ticket(lot)
    assert admin.get(url, headers=again).status_code == 200


@pytest.mark.parametrize("name", ["office:lot", "office:level"])
def test_page_asks_as_often_for_many_places_as_for_few(admin, lot, name, django_assert_max_num_queries):
    url = reverse(name, args=pages(lot)[name])
    with django_assert_max_num_queries(14):
        admin.get(url)
    for number in range(1, 4):
        admin.post(
            reverse("office:places_new", args=[lot.slug]),
            {"count": "40", "spot_type": "regular", "level": str(number), "prefix": f"N{number}-"},
        )
        admin.post(
            reverse("office:places_new", args=[lot.slug]),
            {"count": "40", "spot_type": "ev", "level": "0", "prefix": f"G{number}-"},
        )
    with django_assert_max_num_queries(14):
        admin.get(url)


def test_level_is_renamed_and_a_taken_number_refused(admin, lot):
    url = reverse("office:level_settings", args=[lot.slug, 0])
    assert admin.post(url, {"number": "2", "name": "Blue"}).status_code == 302
    assert lot.levels.get().name == "Blue"
    admin.post(
        reverse("office:places_new", args=[lot.slug]), {"count": "1", "spot_type": "ev", "level": "3", "prefix": "X"}
    )
    answer = admin.post(reverse("office:level_settings", args=[lot.slug, 2]), {"number": "3", "name": ""})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["number"])


def test_removals_ask_first_and_then_do_it(admin, lot):
    zone = lot.levels.get().zones.get(spot_type="ev")
    url = reverse("office:zone_removal", args=[lot.slug, zone.pk])
    assert "undone" in admin.get(url).content.decode()
    assert lot.spots.count() == 4
    admin.post(url)
    assert lot.spots.count() == 3
    admin.post(reverse("office:level_removal", args=[lot.slug, 0]))
    assert not lot.levels.exists()


def test_removal_says_how_many_spots_and_cars_it_is_about(admin, lot):
    make_ticket(lot)
    page = admin.get(reverse("office:level_removal", args=[lot.slug, 0])).content.decode()
    assert "is removed with its 4 spots (1 occupied)." in page
    regular, ev = (lot.levels.get().zones.get(spot_type=kind) for kind in ("regular", "ev"))
    page = admin.get(reverse("office:zone_removal", args=[lot.slug, regular.pk])).content.decode()
    assert "is removed with its 3 spots (1 occupied)." in page
    page = admin.get(reverse("office:zone_removal", args=[lot.slug, ev.pk])).content.decode()
    assert "is removed with its 1 spot." in page


def test_timezones_are_offered_by_region_without_older_names_and_oddities(admin, lot):
    page = admin.get(reverse("office:lot_settings", args=[lot.slug]))
    choices = dict(page.context["form"].fields["timezone"].choices)
    offered = {name for zones in choices.values() for name, _ in zones}
    assert {"Europe/Zurich", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "UTC"} <= offered
    assert not offered & {
        "Factory",
        "localtime",
        "US/Eastern",
        "GMT+0",
        "Asia/Calcutta",
        "Europe/Belfast",
        "posixrules",
    }
    assert ("America/New_York", "New York") in choices["America"]
    assert '<optgroup label="Europe">' in page.content.decode()


def test_lot_keeps_an_older_name_of_its_timezone(admin, lot):
    Lot.objects.filter(pk=lot.pk).update(timezone="US/Eastern")
    url = reverse("office:lot_settings", args=[lot.slug])
    assert admin.post(url, typed(admin.get(url))).status_code == 302
    assert Lot.objects.get().timezone == "US/Eastern"


def test_refused_value_is_told_in_a_sentence(admin):
    page = admin.post(reverse("office:lot_new"), NEWCOMER | {"currency": "ZZZ"})
    assert page.context["form"].errors["currency"] == ["This is not a known currency code, such as CHF."]


@pytest.mark.parametrize("slug", ["central", "not good", "ü/ü"])
def test_no_error_of_a_form_speaks_of_models_or_slugs(admin, lot, slug):
    pages = [
        admin.post(reverse("office:lot_new"), NEWCOMER | {"slug": slug, "currency": "ZZZ", "timezone": "x"}),
        admin.post(reverse("office:gate_new"), {"lot": lot.slug, "code": slug, "direction": "up"}),
    ]
    for page in pages:
        said = " ".join(str(error) for errors in page.context["form"].errors.values() for error in errors)
        assert "lug" not in said, said
        assert "already exists" not in said, said
    if slug == "central":
        assert pages[0].context["form"].errors["slug"] == ["Another lot has this short name. Choose another."]


def test_used_level_is_kept_and_the_page_says_why(admin, lot):
    make_ticket(lot)
    answer = admin.post(reverse("office:level_removal", args=[lot.slug, 0]), follow=True)
    assert "can&#x27;t be removed" in answer.content.decode()
    assert lot.spots.count() == 4


def test_zone_changes_its_name_and_distance_only_once_spots_are_made(admin, lot):
    zone = lot.levels.get().zones.get(spot_type="regular")
    url = reverse("office:zone", args=[lot.slug, zone.pk])
    admin.post(url, {"name": "North", "distance": "12", "count": "99", "spot_type": "ev"})
    zone.refresh_from_db()
    assert (zone.name, zone.distance, zone.count, zone.spot_type) == ("North", 12, 3, "regular")


def test_counted_capacity_changes_and_never_below_the_cars_inside(client):
    lot = make_lot(spots={"regular": 3}, tracking="levels")
    client.force_login(make_user("admin", lot.operator))
    make_ticket(lot)
    make_ticket(lot, "ZH 2")
    url = reverse("office:zone", args=[lot.slug, lot.levels.get().zones.get().pk])
    assert client.post(url, {"name": "All", "count": "2", "spot_type": "regular"}).status_code == 302
    answer = client.post(url, {"name": "All", "count": "1", "spot_type": "regular"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["count"])


def test_spot_page_shows_its_present_stay_and_leads_back_to_it(admin, lot):
    ticket = make_ticket(lot, "ZH 777")
    url = reverse("office:spot", args=[lot.slug, ticket.spot_id])
    page = admin.get(url).content.decode()
    assert ticket.number in page
    assert "ZH 777" in page
    assert "<dd>Occupied</dd>" in page
    form = {"bay": ticket.spot_id, "back": "spot", "act": "close", "reason": "Crack"}
    answer = admin.post(reverse("office:bays", args=[lot.slug, 0]), form)
    assert answer["Location"] == url
    assert "Crack" in admin.get(url).content.decode()


def test_pages_of_a_lot_link_to_its_gates_and_tariffs(admin, lot):
    make_gate(lot)
    page = admin.get(reverse("office:lot", args=[lot.slug])).content.decode()
    for name in ("office:gates", "office:tariffs"):
        link = f"{reverse(name)}?lot={lot.slug}"
        assert link in page
        assert admin.get(link).status_code == 200
