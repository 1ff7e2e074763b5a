"""The desk's pages: finding cars, taking money, everything by plain forms."""

import datetime as dt
import re
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts.models import Membership
from billing.models import Debt, Payment
from billing.services import record_debt
from gates.models import GateEvent
from tests.factories import make_charge, make_gate, make_lot, make_operator, make_shift, make_ticket, make_user
from tests.gates.lanes import Lane, at
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db

PAGES = ["/desk/", "/desk/lanes/", "/desk/today/", "/desk/lost/", "/desk/in/", "/desk/open/", "/desk/hold/"]


def ago(**delta):
    return dt.datetime.now(dt.UTC) - dt.timedelta(**delta)


def words(page):
    """Return what a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", "", page).replace("\u00a0", " ").split())


class Desk:
    """An attendant of an operator with one lot, a lane each way, and a car that owes CHF 9.00."""

    def __init__(self, role="attendant"):
        self.operator = make_operator()
        self.lot = make_lot(self.operator, spots={"regular": 30})
        self.entry = Lane(self.lot, "entry", name="IN 1")
        self.exit = Lane(self.lot, "exit", name="OUT 1")
        self.ticket = make_ticket(self.lot, "ZH 123456", entry_at=ago(hours=2, minutes=30, seconds=30))
        self.user = make_user(role, self.operator)
        self.shift = make_shift(self.user, self.lot)
        self.client = Client()
        self.client.force_login(self.user)

    def get(self, path="/desk/", **query):
        return self.client.get(path, query)

    def text(self, path="/desk/", **query):
        return self.get(path, **query).content.decode()

    def post(self, path, **data):
        gate = self.entry.gate if path == "/desk/in/" else self.exit.gate
        return self.client.post(path, {"key": str(uuid.uuid4()), "gate": gate.code} | data)

    def stay(self, act="", ticket=None):
        return f"/desk/stays/{(ticket or self.ticket).number}/{act}"

    def cash(self, **data):
        return self.post(self.stay("cash/"), **{"agreed": 900} | data)

    def card(self, token):
        return self.post(self.stay("card/"), agreed=900, token=token)


@pytest.fixture
def desk():
    return Desk()


# Who may work here


@pytest.mark.parametrize("path", PAGES)
def test_page_is_for_members_only(desk, path):
    assert Client().get(path)["Location"].startswith("/accounts/login/?next=/desk/")
    driver = Client()
    driver.force_login(make_user())
    assert driver.get(path).status_code == 403
    assert desk.get(path).status_code == 200
    assert Desk("admin").get(path).status_code == 200


@pytest.mark.parametrize("act", ["", "cash/", "card/", "out/", "back/"])
def test_stay_of_another_operator_does_not_exist(desk, act):
    stranger = Desk()
    response = desk.client.post(stranger.stay(act)) if act else desk.get(stranger.stay())

    assert response.status_code == 404
    assert desk.get("/desk/", lot=stranger.lot.slug).status_code == 404
    assert desk.get("/desk/", lane=stranger.exit.gate.code).status_code == 404
    assert desk.get("/desk/stays/PS-nonsense/").status_code == 404


@pytest.mark.parametrize("path", ["cash/", "card/", "back/", "lost/fee/"])
def test_acts_are_never_done_by_looking(desk, path):
    place = "/desk/lost/fee/" if path == "lost/fee/" else desk.stay(path)

    assert desk.get(place).status_code == 302
    assert desk.client.post("/desk/").status_code == 405


def test_gate_of_another_lot_is_refused(desk):
    other = make_gate(make_lot(desk.operator), "exit")

    response = desk.cash(gate=other.code)

    assert response.status_code == 422
    assert not Payment.objects.exists()


# Where one works


def test_scanned_ticket_of_another_lot_opens_its_stay_at_a_lane_there(desk):
    second = make_lot(desk.operator, name="Airport P2")
    make_gate(second, "exit", name="WEST")
    elsewhere = make_ticket(second, "ZH 999")

    response = desk.client.get("/desk/", {"q": elsewhere.number, "lane": desk.exit.gate.code}, follow=True)

    assert response.status_code == 200
    assert "WEST" in response.content.decode()
    assert desk.get("/desk/", lane="nowhere").status_code == 404


def test_lot_is_chosen_and_remembered(desk):
    second = make_lot(desk.operator, slug="airport", name="Airport P2")
    make_gate(second, "exit", name="WEST")

    assert "Airport P2" in desk.text(lot="airport")
    assert "Exit desk of Airport P2" in desk.text()


def test_window_that_refreshes_itself_changes_no_choice(desk):
    second = make_lot(desk.operator, slug="airport", name="Airport P2")
    make_gate(second, "exit")
    desk.get(lot="airport")

    desk.client.get("/desk/lanes/", {"lot": desk.lot.slug}, headers={"HX-Request": "true"})

    assert "Exit desk of Airport P2" in desk.text()


def test_lane_is_chosen_and_remembered(desk):
    second = make_gate(desk.lot, "exit", code="way-out-2", name="OUT 2")
    desk.get(lane=second.code)

    assert "Through OUT 2" in desk.text(desk.stay())


def test_lot_without_an_exit_says_what_to_do():
    admin = Desk("admin")
    admin.exit.gate.delete()

    page = admin.text()
    assert "no exit gate" in page
    assert 'href="/manage/gates/"' in page
    assert "no exit gate" in admin.text(admin.stay())


def test_operator_without_a_lot_says_what_to_do():
    client = Client()
    client.force_login(make_user("admin"))

    assert "has no lot yet" in client.get("/desk/").content.decode()


# Finding


@pytest.mark.parametrize("typed", ["zh 123456", "ZH-I234S6", "2345"])
def test_only_fitting_car_opens_at_once(desk, typed):
    make_ticket(desk.lot, "BE 777")

    assert desk.get(q=typed)["Location"].startswith(desk.stay())


def test_scanned_number_or_link_opens_its_stay(desk):
    token = "A" * 22
    Ticket.objects.filter(pk=desk.ticket.pk).update(token=token)

    for scanned in (desk.ticket.number, desk.ticket.number.lower().replace("-", ""), f"https://p.example/t/{token}"):
        assert desk.get(q=scanned)["Location"].startswith(desk.stay())


def test_number_of_another_of_my_lots_opens_there(desk):
    elsewhere = make_ticket(make_lot(desk.operator), "BE 1")

    assert desk.get(q=elsewhere.number)["Location"].startswith(desk.stay(ticket=elsewhere))


def test_part_of_a_number_finds_its_stay(desk):
    make_ticket(desk.lot, "BE 777")

    assert desk.get(q=desk.ticket.number[-5:], by="ticket")["Location"].startswith(desk.stay())


def test_several_are_listed_with_the_typed_plate_first(desk):
    newer = make_ticket(desk.lot, "ZH 1234567", entry_at=ago(minutes=20))

    page = desk.text(q="ZH 123456")
    assert page.index(desk.ticket.number) < page.index(newer.number)
    assert "2 found" in page


def test_one_slip_away_is_only_suggested(desk):
    response = desk.get(q="ZH 123457")

    assert response.status_code == 200
    assert "Did you mean one of these?" in response.content.decode()
    assert desk.ticket.number in response.content.decode()


def test_nothing_found_leads_to_the_lost_ticket(desk):
    assert "look for a lost ticket" in desk.text(q="GE 1")
    assert desk.get(q="-").status_code == 422
    assert desk.get(q="X" * 40).status_code == 422
    assert desk.get(q="\0").status_code == 422


def test_list_is_bounded(desk):
    for number in range(15):
        make_ticket(desk.lot, f"ZH 77{number:02d}")

    page = desk.text(q="77")
    assert page.count('class="desk-match-plate"') == 12
    assert "First 12 matches. Type more to narrow it down." in page


def test_matches_alone_answer_while_typing(desk):
    part = desk.client.get("/desk/", {"q": "2345"}, headers={"HX-Request": "true"}).content.decode()

    assert desk.ticket.number in part
    assert "<html" not in part


def test_markup_in_the_search_is_only_text(desk):
    assert "<script>alert" not in desk.text(q="<script>alert(1)</script>")


# Taking money


def test_stay_shows_what_is_owed_and_how_to_take_it(desk):
    page = desk.text(desk.stay())

    for shown in ("ZH 123456", desk.ticket.spot.number, "2 h 30 min", "CHF 9.00", "0.67", "F9", "F10", "F11"):
        assert shown.replace(" ", "\u00a0") in page or shown in page, shown


def test_cash_gives_change_and_the_result_stays_in_sight(desk):
    response = desk.cash(tendered="20")

    assert response["Location"].startswith("/desk/")
    for _ in range(2):
        page = desk.text()
        assert "ZH 123456 may leave" in page
        assert "CHF 11.00" in page.replace("\u00a0", " ")
    assert desk.ticket.number in desk.text("/desk/today/", show="left")
    assert Ticket.objects.get().status == TicketStatus.CLOSED


@pytest.mark.parametrize("typed", ["8", "twenty", "9.999"])
def test_wrong_cash_is_said_beside_its_field(desk, typed):
    response = desk.cash(tendered=typed)

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not Payment.objects.exists()


def test_same_form_twice_takes_money_once(desk):
    key = str(uuid.uuid4())
    for _ in range(2):
        assert desk.cash(key=key)["Location"].startswith("/desk/?")

    assert Payment.objects.count() == 1


def test_fee_that_rose_is_shown_before_it_is_taken(desk):
    response = desk.cash(agreed=600)

    page = response.content.decode().replace("\u00a0", " ")
    assert response.status_code == 422
    assert "The fee has gone up meanwhile" in page
    assert (page.count('name="agreed" value="900"'), page.count('value="600"')) == (3, 0)
    assert not Payment.objects.exists()


def test_card_declined_twice_leaves_the_choice_to_the_attendant(desk):
    assert desk.card("tok_declined")["Location"].startswith(desk.stay())
    page = desk.text(desk.stay())
    assert "Card declined for ZH 123456" in page
    assert "let it go and owe" not in page

    assert desk.card("tok_declined")["Location"].startswith(desk.stay())
    page = desk.text(desk.stay()).replace("\u00a0", " ")
    assert "<strong>Card declined twice.</strong> Cash, another card, or let it go and owe?" in page
    for choice in ("<kbd>F9</kbd> Cash", "<kbd>F10</kbd> Another card", "<kbd>F11</kbd> Let it go"):
        assert choice in page
    assert (Ticket.objects.get().is_open, Debt.objects.exists()) == (True, False)

    assert desk.post(desk.stay("out/"), how="debt", note="Card declined twice")["Location"].startswith("/desk/?")
    assert "ZH 123456 may leave, CHF 9.00 stays owed" in desk.text().replace("\u00a0", " ")
    assert (Debt.objects.get().plate, Debt.objects.get().reason) == ("ZH 123456", "Card declined twice")


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        (["tok_partial_400"], "Card paid only a part"),
        (["tok_unavailable"], "Card payment did not work"),
        (["tok_unavailable", "tok_declined"], "Card payment did not work"),
    ],
)
def test_card_that_fails_otherwise_leaves_the_choice_at_once(desk, tokens, why):
    for token in tokens:
        desk.card(token)

    assert f"<strong>{why}.</strong> Cash, another card, or let it go and owe?" in desk.text(desk.stay())
    assert Ticket.objects.get().is_open


def test_enter_meant_for_the_next_card_takes_no_cash_that_nobody_gave(desk):
    for _ in range(2):
        desk.card("tok_declined")

    refused = desk.cash(tendered="")
    assert (refused.status_code, Payment.objects.filter(method="cash").exists()) == (422, False)
    assert "Type what was handed over." in refused.content.decode()
    assert desk.cash(tendered="9").status_code == 302


def test_cards_that_failed_long_ago_leave_no_choice(desk):
    for _ in range(2):
        desk.card("tok_declined")
    Payment.objects.update(created_at=ago(minutes=16))

    assert "let it go and owe" not in desk.text(desk.stay())


def test_card_is_a_slip_where_no_provider_is_simulated(desk, settings):
    settings.PAYMENT_PROVIDERS = []

    assert "Test card" not in desk.text(desk.stay())
    desk.post(desk.stay("card/"), agreed=900)
    assert Payment.objects.get().method == "terminal"


def test_free_stay_is_let_out_with_one_key(desk):
    Ticket.objects.update(entry_at=ago(minutes=5))

    page = desk.text(desk.stay())
    assert "Let the car out" in page
    assert 'data-key="F10"' not in page
    desk.cash(agreed=0)
    assert "Nothing was owed." in desk.text()


def test_car_that_left_meanwhile_is_said(desk):
    desk.cash()
    response = desk.cash()

    assert response.status_code == 422
    assert "is not inside any more" in response.content.decode()


def test_stay_in_review_is_found_and_taken_back_when_its_car_stands_here(desk):
    Ticket.objects.update(status="review")
    found = desk.text(q="ZH 123456")
    assert "Not inside, but in review" in found
    assert desk.ticket.number in found
    assert "Its car stands here" in desk.text(desk.stay())

    assert desk.post(desk.stay("back/"))["Location"].startswith(desk.stay())
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.changed_by) == ("active", desk.user)
    assert desk.cash().status_code == 302


def test_stay_in_review_is_not_taken_back_beside_another_of_its_plate(desk):
    Ticket.objects.update(status="review")
    make_ticket(desk.lot, "ZH 123456", entry_at=ago(hours=1), spot=None, level=None)

    response = desk.post(desk.stay("back/"))

    assert response.status_code == 422
    assert "has another open stay here" in response.content.decode()


def test_paid_car_has_a_receipt_to_print(desk):
    Ticket.objects.update(token="A" * 22)
    desk.cash(tendered="10")

    page = desk.text()
    assert f'href="/pay/{"A" * 22}/receipt/"' in page
    assert desk.get(f"/pay/{'A' * 22}/receipt/").status_code == 200


# Debts


def owe(desk, plate="ZH 367172", lot=None, gate=None, **entry):
    """Let a car out that then owes CHF 9.00."""
    lot = lot or desk.lot
    ticket = make_ticket(lot, plate, entry_at=ago(**entry or {"hours": 2, "minutes": 30, "seconds": 30}))
    gate = gate or desk.exit.gate
    assert desk.post(desk.stay("out/", ticket), how="debt", note="no money", gate=gate.code).status_code == 302
    return ticket


def test_driver_who_comes_back_pays_at_the_desk(desk):
    ticket = owe(desk)
    found = desk.get(q="zh 367172")
    assert found["Location"] == f"{desk.stay(ticket=ticket)}?lane={desk.exit.gate.code}"

    page = desk.text(desk.stay(ticket=ticket)).replace("\u00a0", " ")
    for shown in ("Owes", "Still owed", "This car left owing: no money.", "<kbd>F9</kbd>", "<kbd>F10</kbd>"):
        assert shown in page, shown
    assert 'data-key="F11"' not in page
    paid = desk.post(desk.stay("debt/cash/", ticket), agreed=900, tendered="20")

    assert paid["Location"].startswith("/desk/?")
    page = desk.text().replace("\u00a0", " ")
    assert "ZH 367172 has paid what it owed" in page
    assert "CHF 11.00" in page
    assert not Debt.objects.open().exists()
    assert Payment.objects.get().taken_by == desk.user


def test_matches_show_what_left_owing_beside_the_cars_inside(desk):
    ticket = owe(desk, "ZH 123499")

    page = desk.text(q="ZH 1234").replace("\u00a0", " ")
    assert page.index(desk.ticket.number) < page.index("Left owing") < page.index(ticket.number)
    assert 'Owes <span class="money">CHF 9.00' in page
    part = desk.client.get("/desk/", {"q": "3499"}, headers={"HX-Request": "true"}).content.decode()
    assert ticket.number in part
    assert desk.get(q=ticket.number[-5:], by="ticket")["Location"].startswith(desk.stay(ticket=ticket))


def test_debt_never_opens_before_a_car_inside_that_may_be_meant(desk):
    owe(desk, "ZH 123457")

    page = desk.text(q="ZH 123457")
    assert "Did you mean one of these?" in page
    assert "Left owing" in page


def test_older_debt_is_shown_and_taken_while_its_car_is_served(desk):
    ticket = owe(
        desk, "ZH 123456 ", lot=(second := make_lot(desk.operator, name="Airport P2")), gate=make_gate(second, "exit")
    )
    page = desk.text(desk.stay())
    assert "Owes CHF 9.00 from today, Airport P2 (no money)" in words(page)
    assert f'href="{desk.stay(ticket=ticket)}?lane={desk.exit.gate.code}" data-key="+"' in page

    # Its lot is another one; the work goes on here, and next is the fee of the car that stands here.
    page = desk.text(desk.stay(ticket=ticket), lane=desk.exit.gate.code)
    assert f"Exit desk of {desk.lot.name}" in page
    paid = desk.client.post(
        f"{desk.stay('debt/cash/', ticket)}?lane={desk.exit.gate.code}", {"key": str(uuid.uuid4()), "agreed": 900}
    )
    assert paid["Location"] == f"{desk.stay()}?lane={desk.exit.gate.code}"
    assert "from today" not in words(desk.text(desk.stay()))
    assert f"Exit desk of {desk.lot.name}" in desk.text()
    assert Payment.objects.get().shift == desk.shift  # the till has it, whatever lot it was for


def test_debt_of_another_operator_is_neither_found_nor_taken(desk):
    stranger = Desk()
    ticket = stranger.ticket
    stranger.post(stranger.stay("out/"), how="debt", note="no money")

    assert desk.get(q="ZH 123456")["Location"].startswith(desk.stay())
    assert "Owes" not in desk.text(desk.stay())
    assert "Left owing" not in desk.text(q=ticket.number[-5:], by="ticket")
    for act in ("debt/cash/", "debt/card/"):
        assert desk.post(desk.stay(act, ticket), agreed=900).status_code == 404
    assert Debt.objects.open().count() == 1


def test_debts_of_a_person_with_two_operators_stay_apart(desk):
    stranger = Desk()
    stranger.post(stranger.stay("out/"), how="debt", note="no money")
    Membership.objects.create(user=desk.user, operator=stranger.operator, role="attendant")

    assert "Owes" not in desk.text(desk.stay(), lane=desk.exit.gate.code)
    assert "Left owing" not in desk.text(lot=desk.lot.slug, q="ZH 12345")


@pytest.mark.parametrize(("token", "rest"), [("tok_declined", 900), ("tok_partial_400", 500)])
def test_card_that_does_not_pay_a_debt_leaves_it(desk, token, rest):
    ticket = owe(desk)
    refused = desk.post(desk.stay("debt/card/", ticket), agreed=900, token=token)

    assert refused["Location"].startswith(desk.stay(ticket=ticket))
    assert "until then it stays owed" in desk.text(desk.stay(ticket=ticket))
    assert Debt.objects.open().get().charge.balance_amount == rest


def test_debt_that_was_paid_meanwhile_is_said(desk):
    ticket = owe(desk)
    desk.post(desk.stay("debt/cash/", ticket), agreed=900)
    again = desk.post(desk.stay("debt/cash/", ticket), agreed=900)

    assert again.status_code == 422
    assert "Nothing is owed any more." in again.content.decode()
    assert Payment.objects.count() == 1


def test_debt_is_paid_where_no_lane_leads_out(desk):
    ticket = owe(desk)
    second = make_lot(desk.operator, slug="airport", name="Airport P2")
    desk.get(lot=second.slug)

    assert "<kbd>F9</kbd>" in desk.text(desk.stay(ticket=ticket))
    assert (
        desk.client.post(
            desk.stay("debt/cash/", ticket), {"key": str(uuid.uuid4()), "agreed": 900, "tendered": "8"}
        ).status_code
        == 422
    )
    assert desk.client.post(desk.stay("debt/cash/", ticket), {"key": str(uuid.uuid4()), "agreed": 900})[
        "Location"
    ].startswith("/desk/?lot=airport")


# The last result


def test_last_result_is_one_line_while_another_stay_is_served(desk):
    other = make_ticket(desk.lot, "BE 777")
    desk.cash(tendered="20")

    assert "desk-last-title" in desk.text()
    page = desk.text(desk.stay(ticket=other)).replace("\u00a0", " ")
    assert "desk-last-title" not in page
    assert "ZH 123456 may leave, change CHF 11.00" in page
    assert "desk-last-title" not in desk.text("/desk/lost/")


def test_last_result_is_gone_by_escape_and_after_five_minutes(desk):
    desk.cash()
    assert "may leave" not in desk.text("/desk/?again")
    assert "may leave" not in desk.text()

    desk.post("/desk/open/", note="Delivery")
    session = desk.client.session
    session["desk_last"] |= {"at": ago(minutes=4, seconds=50).isoformat()}
    session.save()
    assert "OUT 1 is open" in desk.text()
    session["desk_last"] |= {"at": ago(minutes=5, seconds=2).isoformat()}
    session.save()
    assert "OUT 1 is open" not in desk.text()


# Without paying


def test_let_out_owing_or_waived_needs_a_reason(desk):
    assert "stays owed by the plate" in desk.text(desk.stay("out/"))
    assert desk.post(desk.stay("out/"), how="waive", note=" ").status_code == 422
    assert Ticket.objects.get().is_open

    assert desk.post(desk.stay("out/"), how="waive", note="Wrong sign").status_code == 302
    assert "The fee was waived." in desk.text()
    assert GateEvent.objects.get().note == "Wrong sign"


def test_car_is_let_in_with_its_place(desk):
    assert "IN 1" in desk.text("/desk/in/")
    response = desk.post("/desk/in/", plate="be 77", vehicle_type="regular", note="Camera is down")

    assert response.status_code == 302
    assert "BE 77 is in: spot" in desk.text()
    assert "Print ticket" not in desk.text()
    assert Ticket.objects.filter(plate="BE 77").exists()


def test_car_without_a_plate_is_a_success_with_a_ticket_to_print(desk):
    desk.post("/desk/in/", plate="", vehicle_type="regular", note="Camera is down")
    ticket = Ticket.objects.get(plate=None)

    page = desk.text()
    assert "desk-last-ok" in page
    assert f'<strong class="ticket-number">{ticket.number}</strong>' in page
    slip = desk.text(desk.stay("slip/", ticket))
    assert ticket.number in slip
    assert "<svg" in slip
    assert desk.get(desk.stay("slip/")).status_code == 404  # a car with a plate has no second ticket


def test_open_gate_begins_with_the_reason_at_ones_own_lane(desk):
    page = desk.text("/desk/open/")

    assert f'<option value="{desk.exit.gate.code}" selected>' in page
    assert 'name="note"' in page.split("autofocus")[0].rsplit("<", 1)[1]


@pytest.mark.parametrize("wrong", [{"note": ""}, {"plate": "X" * 20}, {"vehicle_type": "tank"}, {"gate": "nowhere"}])
def test_wrong_arrival_is_refused_in_place(desk, wrong):
    given = {"plate": "BE 77", "vehicle_type": "regular", "note": "Camera is down"} | wrong

    assert desk.post("/desk/in/", **given).status_code == 422
    assert Ticket.objects.count() == 1


def test_gate_is_opened_for_a_reason(desk):
    assert desk.post("/desk/open/", note="").status_code == 422
    assert desk.post("/desk/open/", note="Fire brigade").status_code == 302
    assert "OUT 1 is open" in desk.text()
    assert desk.post("/desk/open/", gate=desk.entry.gate.code, note="Delivery").status_code == 302


# Lost tickets


def test_lost_ticket_is_found_by_a_part_of_the_plate_and_the_time(desk):
    make_ticket(desk.lot, "ZH 999", entry_at=ago(hours=9))
    local = desk.ticket.entry_at.astimezone(dt.timezone(dt.timedelta(hours=1)))

    page = desk.text("/desk/lost/", part="", day=f"{local:%Y-%m-%d}", clock=f"{local:%H:%M}")
    middle = page[page.index("lost-title") : page.index("Lanes")]
    assert desk.ticket.number in middle
    assert "ZH 999" not in middle
    assert "None of these is the car" in middle


def test_lost_ticket_that_nobody_finds_costs_its_fee(desk):
    page = desk.text("/desk/lost/", part="GE 55").replace("\u00a0", " ")
    assert 'Charge <span class="money">CHF 40.00' in page

    response = desk.post("/desk/lost/fee/", plate="GE 55")
    ticket = Ticket.objects.get(lost=True)
    assert response["Location"].startswith(desk.stay(ticket=ticket))
    assert "CHF 40.00" in desk.text(desk.stay(ticket=ticket)).replace("\u00a0", " ")


def test_lost_ticket_of_a_car_that_is_inside_leads_to_its_stay(desk):
    response = desk.post("/desk/lost/fee/", plate="ZH 123456")

    assert response.status_code == 422
    assert f"is inside with ticket {desk.ticket.number}" in response.content.decode()
    assert not Ticket.objects.filter(lost=True).exists()


def test_cars_that_may_be_meant_are_ruled_out_before_the_fee(desk):
    page = desk.text("/desk/lost/", part="345")
    assert f'name="shown" value="{desk.ticket.number}"' in page
    assert 'name="none_of_these"' in page

    fee = {"plate": "GE 3456", "shown": desk.ticket.number}
    response = desk.post("/desk/lost/fee/", **fee)
    assert (response.status_code, Ticket.objects.filter(lost=True).exists()) == (422, False)
    assert "confirm that it is none of them" in response.content.decode()
    assert desk.post("/desk/lost/fee/", **fee, none_of_these="on").status_code == 302


def test_cars_like_the_plate_that_is_typed_at_the_fee_are_shown_then(desk):
    response = desk.post("/desk/lost/fee/", plate="ZH 12345")

    assert response.status_code == 422
    page = response.content.decode()
    assert f'name="shown" value="{desk.ticket.number}"' in page
    assert "Look at the cars above first" in page
    shown = {"plate": "ZH 12345", "shown": desk.ticket.number, "none_of_these": "on"}
    assert desk.post("/desk/lost/fee/", **shown).status_code == 302


@pytest.mark.parametrize("around", ["soon", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"])
def test_impossible_time_at_the_fee_is_refused(desk, around):
    assert desk.post("/desk/lost/fee/", plate="GE 55", around=around).status_code == 422


def test_plate_of_a_car_inside_is_offered_no_fee(desk):
    page = desk.text("/desk/lost/", part="ZH 123456")

    assert desk.ticket.number in page
    assert "lost/fee/" not in page


def test_car_that_came_at_another_time_is_shown_as_such(desk):
    page = desk.text("/desk/lost/", part="345", day="2020-01-01", clock="10:00")

    assert "None came at about that time. At other times:" in page
    assert desk.ticket.number in page


@pytest.mark.parametrize(
    "query", [{"part": "X" * 20}, {"part": "12"}, {"part": "", "day": "soon"}, {"part": "", "clock": "25:61"}]
)
def test_impossible_memory_is_said(desk, query):
    assert desk.get("/desk/lost/", **query).status_code == 422


# Lanes and the day


def test_waiting_car_is_taken_with_one_key(desk):
    assert "<kbd>F6</kbd>" not in desk.text("/desk/lanes/")
    desk.exit.read("ZH 123456", captured_at=at(-0.5))

    page = desk.text("/desk/lanes/")
    assert "has to pay" in page
    assert "read 95" in page
    assert f'{desk.stay()}?lane={desk.exit.gate.code}" data-key="F6"' in page

    desk.cash()
    assert 'data-key="F6"' not in desk.text("/desk/lanes/")


def test_longest_wait_comes_first_but_ones_own_lane_before_it(desk):
    other = Lane(desk.lot, "exit", code="zz-out-2")
    other.read("GE 9", captured_at=at(-1))
    assert "zz-out-2&amp;q=GE%209" in desk.text("/desk/lanes/").split('data-key="F6"')[0].rsplit("href", 1)[1]

    desk.exit.read("ZH 123456")
    assert desk.stay() in desk.text("/desk/lanes/").split('data-key="F6"')[0].rsplit("href", 1)[1]


def test_car_that_waits_at_an_entry_can_be_let_in(desk):
    Lane(desk.lot, "entry").read("BE 5")

    desk.entry.read("BE 5")
    page = desk.text("/desk/lanes/")
    assert "already inside" in page
    assert "Let it in" in page


def test_live_part_is_answered_304_until_something_happens(desk):
    headers = {"HX-Request": "true"}
    first = desk.client.get("/desk/lanes/", headers=headers)
    assert "<html" not in first.content.decode()

    again = desk.client.get("/desk/lanes/", headers=headers | {"If-None-Match": first["ETag"]})
    assert again.status_code == 304

    desk.exit.read("ZH 123456")
    assert desk.client.get("/desk/lanes/", headers=headers | {"If-None-Match": first["ETag"]}).status_code == 200


def test_bar_says_how_many_sales_the_own_shift_has(desk):
    desk.cash()
    colleague = Desk.__new__(Desk)
    vars(colleague).update(vars(desk), client=Client(), user=make_user("attendant", desk.operator))
    colleague.client.force_login(colleague.user)

    assert "· 1 sale " in words(desk.text("/desk/lanes/"))
    assert "No shift is open" in words(colleague.text("/desk/lanes/"))


def test_feed_says_what_happened_and_when_newest_first(desk):
    two, one = ago(minutes=2), ago(minutes=1)
    charge = make_charge(desk.lot, 300)
    make_ticket(
        desk.lot, "BE 1", ago(minutes=3), charge=charge, status="closed", exit_at=one, closed_reason="paid", spot=None
    )
    state = {"method": "online", "state": "captured", "idempotency_key": "one", "created_at": two, "finished_at": two}
    Payment.objects.create(charge=charge, amount=300, captured_amount=300, **state)
    desk.cash()

    page = desk.text("/desk/lanes/").replace("\u00a0", " ")
    rows = [" ".join(re.sub(r"<[^>]+>", "", row).split()) for row in page.split("desk-latest")[1].split("<li>")[1:4]]
    assert [row[6:] for row in rows] == ["ZH 123456 paid 9.00, drove out", "BE 1 drove out", "BE 1 paid 3.00"]
    assert rows[2].startswith(f"{two.astimezone(ZoneInfo('Europe/Zurich')):%H:%M}")


def test_feed_says_that_a_car_left_owing(desk):
    desk.post(desk.stay("out/"), how="debt", note="Terminal down")

    assert "left owing" in desk.text("/desk/lanes/")


def test_todays_list_is_searched_and_paged(desk):
    for number in range(30):
        make_ticket(desk.lot, f"BE 4{number:03d}", entry_at=ago(seconds=1), spot=None, level=None)

    assert desk.text("/desk/today/", show="came").count('class="row-link"') == 25
    assert desk.text("/desk/today/", show="came", page=2).count('class="row-link"') >= 5
    assert desk.text("/desk/today/", show="inside", q="BE 4OO7").count('class="row-link"') == 1
    assert "Nothing fits" in desk.text("/desk/today/", q="nobody")
    assert desk.get("/desk/today/", show="nonsense", page="-7").status_code == 200


def test_exceptions_of_the_day_say_what_and_who(desk):
    desk.post(desk.stay("out/"), how="debt", note="Terminal down")

    page = desk.text("/desk/today/", show="exceptions")
    assert "left owing" in page
    assert "Terminal down" in page


def test_what_happened_is_said_in_words(desk):
    desk.post("/desk/in/", plate="", vehicle_type="regular", note="Camera is down")
    desk.exit.read("GE 99")
    listed, lanes = desk.text("/desk/today/", show="exceptions"), desk.text("/desk/lanes/")
    assert "let in by the attendant" in listed
    assert "No plate" in listed
    assert "no stay found" in lanes
    desk.cash()
    assert "let out by the attendant" in desk.text("/desk/lanes/")
    make_ticket(desk.lot, "BE 5", entry_at=ago(minutes=5))
    desk.exit.read("BE 5")
    assert "drove out" in desk.text("/desk/lanes/")


def test_todays_list_is_sorted_by_the_times_it_shows(desk):
    early = make_ticket(desk.lot, "BE 1", entry_at=ago(seconds=20), changed_at=ago(seconds=1))
    late = make_ticket(desk.lot, "BE 2", entry_at=ago(seconds=10), changed_at=ago(seconds=10))

    for which in ("all", "came", "inside"):
        page = desk.text("/desk/today/", show=which)
        assert page.index(late.number) < page.index(early.number), which


@pytest.mark.parametrize("path", ["/desk/", "/desk/lanes/", "/desk/today/", "/desk/today/?show=exceptions", "stay"])
def test_queries_do_not_grow_with_the_rows(desk, path):
    path = desk.stay() if path == "stay" else path
    desk.exit.read("GE 1")
    desk.post("/desk/in/", plate="BE 1", vehicle_type="regular", note="Camera is down")
    desk.post("/desk/open/", note="Delivery")
    desk.client.get(path)

    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            desk.client.get(path)
        return len(queries)

    few = count()
    for number in range(12):
        lane = Lane(desk.lot, "exit")
        lane.read(f"GE 5{number}")
        make_ticket(desk.lot, f"BE 4{number:03d}", entry_at=ago(minutes=1))
        desk.post("/desk/open/", note="Delivery")
        desk.post("/desk/in/", plate="BE 1", vehicle_type="regular", note="Camera is down")
    make_lot(desk.operator)

    assert count() == few
    assert few <= 20


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_day_at_the_end_of_the_calendar_is_refused(desk, day):
    clock = "00:00" if day.startswith("0001") else "23:59"
    assert desk.client.get(f"/desk/lost/?part=ZH&day={day}&clock={clock}").status_code == 422


@pytest.mark.parametrize(
    ("path", "status"),
    [("/desk/?lane=%00", 404), ("/desk/?lot=%00", 404), ("/desk/?q=%00", 422), ("/desk/stays/%00/", 404)],
)
def test_nul_in_an_address_of_the_desk_finds_nothing(desk, path, status):
    assert desk.client.get(path).status_code == status


# Gates held open


def test_gate_is_held_open_and_ended_again(desk):
    held = desk.post("/desk/hold/", note="Fire alarm")
    assert held.status_code == 302
    page = words(desk.text("/desk/lanes/"))
    assert "Held open since" in page
    assert f"by {desk.user}: Fire alarm" in page
    assert "OUT 1 is held open" in words(desk.text())

    again = desk.post("/desk/hold/", note="Queue")
    assert again.status_code == 302
    assert f"In the name of {desk.user}: Fire alarm" in words(desk.text())

    for _ in range(2):
        assert desk.post("/desk/hold/end/").status_code == 302
    assert "OUT 1 is not held open any more" in words(desk.text())
    assert "Held open" not in words(desk.text("/desk/lanes/"))
    assert "hold ended by" in words(desk.text("/desk/lanes/"))


def test_hold_without_a_reason_is_refused(desk):
    assert desk.post("/desk/hold/", note="").status_code == 422
    assert not GateEvent.objects.exists()


def test_gate_of_another_lot_is_neither_held_nor_ended(desk):
    other = make_gate(make_lot(desk.operator), "exit")
    assert desk.post("/desk/hold/", gate=other.code, note="Event").status_code == 422
    assert desk.post("/desk/hold/end/", gate=other.code).status_code == 404


def test_held_entry_is_listed_among_the_lanes(desk):
    assert "IN 1" not in words(desk.text("/desk/lanes/"))
    desk.client.post("/desk/hold/", {"key": str(uuid.uuid4()), "gate": desk.entry.gate.code, "note": "Event"})
    assert "IN 1 entry" in words(desk.text("/desk/lanes/"))


def test_car_that_waited_waits_no_more_while_its_lane_is_held_open(desk):
    desk.exit.read("ZH 123456")
    assert "has to pay" in words(desk.text("/desk/lanes/"))
    desk.post("/desk/hold/", note="Fire alarm")
    assert "has to pay" not in words(desk.text("/desk/lanes/"))


def test_hold_and_what_passed_are_among_the_days_exceptions(desk):
    desk.post("/desk/hold/", note="Fire alarm")
    desk.exit.read("ZH 123456")
    page = words(desk.text("/desk/today/", show="exceptions"))
    assert f"held open by {desk.user}" in page
    assert "gate held open" in page


def test_car_without_a_plate_is_offered_no_word_as_its_plate(desk):
    desk.lot.low_confidence = "attend"
    desk.lot.save()
    desk.entry.read("NOPLATE")
    page = desk.text("/desk/lanes/")
    assert "Let it in…" in page
    assert "NOPLATE" not in page


def test_attendant_of_one_lot_sees_no_debt_of_the_others():
    desk, elsewhere = Desk(), make_lot(name="Far away")
    elsewhere.operator = desk.operator
    elsewhere.save()
    left = make_ticket(
        elsewhere, "ZH 123456", status="closed", charge=make_charge(elsewhere), exit_at=now(), closed_reason="owed"
    )
    record_debt(charge=left.charge, plate="ZH 123456", reason="owed", at=now())
    address = f"/desk/stays/{desk.ticket.number}/"
    assert "Far away" in desk.text(address)

    desk.user.memberships.update(lot_ids=[desk.lot.pk])
    assert "Far away" not in desk.text(address)
    assert left.number not in desk.text(q="ZH 123456")
    assert desk.get(f"/desk/stays/{left.number}/").status_code == 404
