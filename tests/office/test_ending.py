"""Stays that are not there any more are ended in the office, one or many at once."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import Credit, Debt
from gates.models import GateEvent
from office.stays.ending import MOST_AT_ONCE
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_ticket, make_user
from tests.invariants import broken
from tickets.models import Ticket
from tickets.services import close_ticket, review_ticket

pytestmark = pytest.mark.django_db

PAGE = "/manage/stays/end/"
HOUR = dt.timedelta(hours=1)


class Office:
    """An operator's lot with three cars inside, and its admin."""

    def __init__(self):
        self.operator = make_operator()
        self.lot = make_lot(self.operator, spots={"regular": 9})
        self.entry = now().replace(microsecond=0) - 29.9 * HOUR  # the fee stays the same while a test runs
        self.stays = [make_ticket(self.lot, f"ZH {number}", self.entry) for number in range(3)]
        self.admin = make_user("admin", self.operator)
        self.client = client_of(self.admin)

    def form(self, *stays, hours=2, owed="600", **fields):
        numbers = [stay.number for stay in stays or self.stays]
        return {
            "stay": numbers, "agreed": [owed] * len(numbers), "outcome": "left_unseen", "when": "after",
            "stayed_hours": str(hours), "settlement": "debt", "why": "the barrier stood open", "list": "stays",
            "seen_at": now().replace(microsecond=0).isoformat(),
        } | fields  # fmt: skip

    def end(self, *stays, **fields):
        return self.client.post(PAGE, self.form(*stays, **fields), follow=True)

    def states(self):
        return [*Ticket.objects.order_by("pk").values_list("status", "closed_reason")]


@pytest.fixture
def office():
    return Office()


def text_of(page):
    return " ".join(page.content.decode().split())


def test_many_are_ended_with_one_reason(office):
    page = office.end()

    assert "3 stays are ended." in text_of(page)
    assert office.states() == [("closed", "left_unseen")] * 3
    assert [debt.amount for debt in Debt.objects.all()] == [600] * 3
    changes = {
        (change.by, change.why) for ticket in office.stays for change in ticket.changes.filter(to_status="closed")
    }
    assert changes == {(office.admin, "the barrier stood open")}
    assert not GateEvent.objects.exists()
    assert not broken()


def test_form_sent_twice_ends_them_once(office):
    form = office.form()
    pages = [office.client.post(PAGE, form, follow=True) for _ in range(2)]

    assert ["3 stays are ended." in text_of(page) for page in pages] == [True, True]
    assert Debt.objects.count() == 3
    assert office.stays[0].changes.count() == 2


def test_stay_that_left_meanwhile_is_named_and_the_others_are_ended(office):
    close_ticket(ticket=office.stays[1], at=now(), reason="grace", why="grace at OUT 1")

    page = text_of(office.end())

    assert "2 stays are ended." in page
    assert "1 stay could not be ended." in page
    assert "ZH 1" in page
    assert office.states() == [("closed", "left_unseen"), ("closed", "grace"), ("closed", "left_unseen")]


def test_stays_that_never_were_are_void(office):
    office.end(outcome="never_was", stayed_hours="")

    assert office.states() == [("void", "")] * 3
    assert not Debt.objects.exists()


def test_what_is_not_charged_is_waived_in_the_admins_name(office):
    office.end(settlement="waive")

    assert {(credit.kind, credit.granted_by, credit.amount) for credit in Credit.objects.all()} == {
        ("waived", office.admin, 600)
    }
    assert not broken()


def test_car_that_left_now_owes_what_was_shown(office):
    shown = office.client.get(PAGE, {"stay": office.stays[0].number})
    row = shown.context["rows"][0]
    assert row.owed == 9000

    seen = shown.context["seen_at"]
    page = office.end(office.stays[0], when="now", seen_at=seen, owed=str(row.owed))

    assert "1 stay is ended." in text_of(page)
    assert Ticket.objects.get(pk=office.stays[0].pk).exit_at.isoformat() == seen
    assert Debt.objects.get().amount == 9000


def test_time_is_that_of_each_stays_lot(office):
    abroad = make_lot(office.operator, timezone="Asia/Tokyo", spots={"regular": 1})
    stay = make_ticket(abroad, "JP 1", dt.datetime(2026, 3, 2, 0, tzinfo=dt.UTC))

    office.end(stay, when="at", left_at="2026-03-02T11:00", stayed_hours="")

    stay.refresh_from_db()
    assert stay.exit_at == dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)


def test_prices_that_were_not_shown_are_shown_first(office):
    page = office.end(owed="0")

    assert page.status_code == 409
    assert "these are the prices now" in text_of(page)
    assert [row.owed for row in page.context["rows"]] == [600] * 3
    assert {status for status, _ in office.states()} == {"active"}


def test_asking_for_the_prices_ends_nothing(office):
    page = office.end(show="1", why="", settlement="debt")

    assert page.status_code == 200
    assert [row.owed for row in page.context["rows"]] == [600] * 3
    part = office.client.post(PAGE, office.form(show="1"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "CHF 18.00" in part.replace("\xa0", " ")
    assert {status for status, _ in office.states()} == {"active"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"why": " "}, "why"),
        ({"outcome": "gone"}, "outcome"),
        ({"stayed_hours": ""}, "stayed_hours"),
        ({"stayed_hours": "-1"}, "stayed_hours"),
        ({"when": "at", "left_at": ""}, "left_at"),
        ({"when": "at", "left_at": "9999-12-31T23:59"}, "left_at"),
        ({"settlement": "free"}, "settlement"),
        ({"seen_at": "soon"}, "seen_at"),
    ],
)
def test_wrong_form_is_refused_and_ends_nothing(office, wrong, field):
    page = office.end(**wrong)

    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert {status for status, _ in office.states()} == {"active"}


def test_car_without_a_plate_is_named_as_one_that_can_owe_nothing(office):
    plain = make_ticket(office.lot, None, office.entry)

    page = text_of(office.end(office.stays[0], plain))

    assert "1 stay is ended." in page
    assert "1 stay could not be ended." in page
    assert Ticket.objects.get(pk=plain.pk).status == "active"


@pytest.mark.parametrize(("hours", "said"), [(0, "Nothing is owed."), (2, "will be owed by the plate.")])
def test_page_says_what_one_plate_will_owe(office, hours, said):
    page = office.client.get(PAGE, office.form(office.stays[0], hours=hours))

    total = text_of(page).split('class="end-total">')[1].split("</p>")[0]
    assert total.strip().endswith(said)


def test_stays_of_others_are_left_out(office):
    foreign = make_ticket(make_lot(), "ZH 99")

    assert office.client.get(PAGE, {"stay": foreign.number}).status_code == 404
    assert office.end(foreign).status_code == 404
    assert "1 stay is ended." in text_of(office.end(office.stays[0], foreign))
    assert Ticket.objects.get(pk=foreign.pk).status == "active"


def test_nothing_ticked_and_too_much_lead_back_to_the_list(office):
    for sent in ({}, {"stay": [f"PS-{number:010}" for number in range(MOST_AT_ONCE + 1)]}):
        page = office.client.get(PAGE, sent | {"list": "reviews"}, follow=True)
        assert page.redirect_chain == [("/manage/reviews/", 302)]
    assert "At most 100 stays at once." in text_of(page)


def test_lists_offer_the_stays_that_can_be_ended(office):
    left, aside, inside = office.stays
    close_ticket(ticket=left, at=now(), reason="grace", why="left")
    review_ticket(ticket=aside, at=now(), why="missed")

    stays = office.client.get("/manage/stays/").content.decode()
    reviews = office.client.get("/manage/reviews/").content.decode()

    tick = 'name="stay" value="{}"'
    assert [tick.format(stay.number) in stays for stay in office.stays] == [False, True, True]
    assert tick.format(aside.number) in reviews
    assert f"{PAGE}?stay={inside.number}" in office.client.get(f"/manage/stays/{inside.number}/").content.decode()
    assert PAGE not in office.client.get(f"/manage/stays/{left.number}/").content.decode()


def test_history_says_who_ended_it_and_why(office):
    office.end(office.stays[0])

    page = text_of(office.client.get(f"/manage/stays/{office.stays[0].number}/"))

    assert f"ended: left unseen ({office.admin}): the barrier stood open" in page
    assert "left unseen, ended by a person" in page


def test_many_stays_are_priced_by_as_many_statements_as_one(office, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        office.client.get(PAGE, {"stay": [stay.number for stay in office.stays]})
