"""The pages of drafts, comparisons, event days and the history of prices."""

import datetime as dt
import json
from itertools import count

import pytest
from django.urls import reverse
from django.utils.timezone import now

from billing.models import TariffDraft
from billing.services.tariff_drafts import DraftValues, publish_draft, save_draft, start_draft
from billing.services.tariffs import TariffValues, create_tariff
from lots.calendar import local_day
from tests.factories import HOURLY, make_lot, make_operator, make_ticket, make_user
from tickets.tasks import compare_drafts

DEARER = HOURLY | {"plans": [{"name": "Hourly", "bands": [HOURLY["plans"][0]["bands"][0] | {"price": 350}]}]}
EVENTS = HOURLY | {"plans": [*HOURLY["plans"], {"name": "Event", "priority": 1, "days": ["event"], "max_price": 900,
                                                "steps": [{"up_to_minutes": 60, "price": 900}]}]}  # fmt: skip
ONE_DAY = dt.timedelta(days=1)
numbers = count(1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(make_operator(), slug="central", name="Central")


@pytest.fixture
def admin(client, lot):
    client.force_login(make_user("admin", lot.operator, name="Anna Admin"))
    return client


@pytest.fixture
def draft(lot):
    return start_draft(lot=lot, values=DraftValues("Winter", DEARER), at=now())


def at(name, *args):
    return reverse(f"office:{name}", args=args)


def text_of(answer):
    return " ".join(answer.content.decode().split())


def leave(lot, hours):
    exit_at = now() - dt.timedelta(days=2)
    entry_at, plate = exit_at - dt.timedelta(hours=hours), f"ZH {next(numbers)}"
    return make_ticket(lot, plate, entry_at=entry_at, status="closed", exit_at=exit_at, closed_reason="left")


def test_draft_is_started_from_the_prices_in_force(admin, lot):
    answer = admin.post(at("tariff_draft_new"), {"lot": "central", "name": "Winter", "start": "in-force"})
    made = TariffDraft.objects.get()
    assert (answer["Location"], made.rules, made.created_by.name) == (at("tariff_draft", made.pk), HOURLY, "Anna Admin")
    page = text_of(admin.get(at("tariffs")))
    assert "Winter" in page
    assert "Draft" in page


def test_draft_is_never_started_at_a_lot_of_others(admin):
    make_lot(slug="strange")
    answer = admin.post(at("tariff_draft_new"), {"lot": "strange", "name": "Winter", "start": "hourly"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["lot"])


def test_draft_is_edited_and_wrong_rules_are_refused_in_words(admin, draft):
    answer = admin.post(at("tariff_draft_edit", draft.pk), {"name": "Cold", "rules": json.dumps(HOURLY)})
    draft.refresh_from_db()
    assert (answer.status_code, draft.name, draft.rules) == (302, "Cold", HOURLY)
    answer = admin.post(at("tariff_draft_edit", draft.pk), {"name": "Cold", "rules": '{"plans": []}'})
    assert answer.status_code == 422
    assert "must have at least one plan" in answer.content.decode()


def test_comparison_is_asked_for_shown_and_reloaded(admin, lot, draft):
    long = [leave(lot, 8), leave(lot, 2)][0]
    assert admin.post(at("tariff_comparison", draft.pk))["Location"] == at("tariff_comparison", draft.pk)
    page = text_of(admin.get(at("tariff_comparison", draft.pk)))
    assert "0 of 2 stays" in page
    assert 'hx-trigger="every 1s"' in page
    part = admin.get(at("tariff_comparison", draft.pk), headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    again = admin.get(at("tariff_comparison", draft.pk), headers={"HX-Request": "true", "If-None-Match": part["ETag"]})
    assert again.status_code == 304
    compare_drafts()
    page = text_of(admin.get(at("tariff_comparison", draft.pk)))
    assert "Revenue +16.7 %, 2 stays dearer, the dearest by CHF 4.00" in page
    assert reverse("office:stay", args=[long.number]) in page
    assert "hx-trigger" not in page.partition('id="comparison"')[2].partition(">")[0]
    assert "Preview" in text_of(admin.get(at("tariff_draft", draft.pk)))
    assert "Preview" in text_of(admin.get(at("tariffs")))
    save_draft(draft=draft, values=DraftValues("Winter", HOURLY), at=now())
    assert "The draft has changed since." in text_of(admin.get(at("tariff_draft", draft.pk)))


def test_nothing_to_compare_on_is_said(admin, draft):
    page = text_of(admin.post(at("tariff_comparison", draft.pk), follow=True))
    assert "No car has left Central in the last 30 days" in page


def test_draft_is_published_for_monday_and_taken_back(admin, lot, draft):
    today = local_day(lot, now())
    monday = today + dt.timedelta(days=7 - today.weekday())
    page = admin.get(at("tariff_publish", draft.pk))
    assert f'value="{monday:%Y-%m-%d}"' in page.content.decode()
    assert "Standard ends the day before." in text_of(page)
    answer = admin.post(at("tariff_publish", draft.pk), {"valid_from": monday})
    assert answer["Location"] == at("tariff_draft", draft.pk)
    assert "Scheduled" in text_of(admin.get(at("tariff_draft", draft.pk)))
    assert "Other prices from" in text_of(admin.get(reverse("driver:lot", args=["central"])))
    assert "Standard goes on." in text_of(admin.get(at("tariff_take_back", draft.pk)))
    admin.post(at("tariff_take_back", draft.pk))
    assert lot.tariffs.current().count() == 1
    assert lot.tariffs.get().valid_until is None


@pytest.mark.parametrize(("shift", "said"), [(-1, "This day is over."), (3, "begins on that day already")])
def test_days_that_can_not_be_priced_are_refused_at_their_field(admin, lot, draft, shift, said):
    today = local_day(lot, now())
    other = start_draft(lot=lot, values=DraftValues("Other", HOURLY), at=now())
    publish_draft(draft=other, valid_from=today + 3 * ONE_DAY, at=now())
    answer = admin.post(at("tariff_publish", draft.pk), {"valid_from": today + shift * ONE_DAY})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["valid_from"])
    assert said in answer.content.decode()


def test_published_draft_can_not_be_saved_or_discarded(admin, lot, draft):
    publish_draft(draft=draft, valid_from=local_day(lot, now()) + ONE_DAY, at=now())
    answer = admin.post(at("tariff_draft_edit", draft.pk), {"name": "Cold", "rules": json.dumps(HOURLY)})
    assert answer.status_code == 422
    assert "is published from" in text_of(admin.post(at("tariff_draft_discard", draft.pk), follow=True))
    assert TariffDraft.objects.exists()


def test_draft_is_discarded_after_a_question(admin, draft):
    assert "Discard Winter?" in text_of(admin.get(at("tariff_draft_discard", draft.pk)))
    admin.post(at("tariff_draft_discard", draft.pk))
    assert not TariffDraft.objects.exists()


def test_rules_are_copied_to_chosen_lots_of_the_operator(admin, lot):
    make_lot(lot.operator, slug="london", name="London", timezone="Europe/London")
    make_lot(lot.operator, slug="euro", name="Euro", currency="EUR")
    make_lot(slug="strange", name="Strange")
    page = text_of(admin.get(at("tariff_copy", lot.tariffs.get().pk)))
    assert "London (times of day are those of Europe/London)" in page
    assert "takes EUR, so it can&#x27;t have these prices" in page
    assert "Strange" not in page
    for chosen in ("strange", "euro"):
        answer = admin.post(at("tariff_copy", lot.tariffs.get().pk), {"lots": [chosen]})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["lots"])
    admin.post(at("tariff_copy", lot.tariffs.get().pk), {"lots": ["london"]})
    assert TariffDraft.objects.get().lot.slug == "london"


def test_event_days_are_added_listed_and_removed(admin, lot):
    day = local_day(lot, now()) + 10 * ONE_DAY
    page = text_of(admin.post(at("event_days", "central"), {"name": "Fair", "first_day": day}, follow=True))
    assert "No plan for it" in page
    lot.tariffs.update(rules=EVENTS | {"special_days": lot.tariffs.get().rules["special_days"]})
    page = text_of(admin.get(at("event_days", "central")))
    assert "Fair" in page
    assert "Event <span" in page
    assert "(Fair)" in text_of(admin.get(reverse("driver:lot", args=["central"])))
    admin.post(at("event_day_removal", "central"), {"day": day.isoformat()})
    assert lot.tariffs.get().rules["special_days"] == [{"name": "Fair", "dates": []}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "Fair", "first_day": "2020-01-01"}, "first_day"),
        ({"name": "event", "first_day": "2099-01-01"}, "name"),
        ({"name": "Fair", "first_day": "2099-01-02", "last_day": "2099-01-01"}, "last_day"),
        ({"name": "Fair", "first_day": "2099-01-02", "last_day": "2099-06-01"}, "last_day"),
        ({"name": "Fair", "first_day": "2099-02-30"}, "first_day"),
    ],
)
def test_wrong_event_days_are_refused_at_their_field(admin, given, field):
    answer = admin.post(at("event_days", "central"), given)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


@pytest.mark.parametrize("day", ["", "soon", "2020-01-01"])
def test_only_days_ahead_are_removed(admin, day):
    assert admin.post(at("event_day_removal", "central"), {"day": day}).status_code == 302


def test_history_tells_who_changed_what_in_words(admin, lot, client):
    other = make_lot(lot.operator, slug="other", tariff=None)
    create_tariff(lot=other, values=TariffValues("City", dt.date(2020, 1, 1), None, HOURLY), at=now())
    admin.post(at("tariff_draft_new"), {"lot": "other", "name": "Winter", "start": "in-force"})
    made = TariffDraft.objects.get()
    admin.post(at("tariff_draft_edit", made.pk), {"name": "Winter", "rules": json.dumps(DEARER)})
    admin.post(at("tariff_publish", made.pk), {"valid_from": local_day(other, now()) + ONE_DAY})
    page = text_of(admin.get(at("tariff_history", "other")))
    for said in (
        "Added the tariff City",
        "A site file",
        "Started the draft Winter",
        "Changed the draft Winter",
        "CHF 3.00 per 1 h",
        "CHF 3.50 per 1 h",
        "Published the draft Winter",
        "Changed the tariff City",
        "Last day",
    ):
        assert said in page, said
    assert "Anna Admin" in page or str(TariffDraft.objects.get().created_by) in page
