"""An attendant's day at the desk by keyboard alone, and the same with links and forms where no script runs."""

import datetime as dt
import re
import time
import uuid

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from billing.models import Debt, Payment
from gates.services import Tender, let_out, take_exit_payment
from tests.factories import make_cashier, make_lot, make_operator, make_ticket
from tests.gates.lanes import Lane, at
from tests.in_time import assert_in_time
from tickets.models import Ticket, TicketStatus

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "",
    "today/",
    "today/?show=exceptions",
    "lanes/",
    "lost/?part=2345",
    "in/",
    "open/",
    "hold/",
    "?q=zh",
    "stay",
    "out",
    "plate",
    "review",
    "owes",
    "declined",
    "slip",
    "?q=zh+1",
]


class Site:
    """A garage with two exit lanes, a car that owes CHF 9.00 and another beside it."""

    def __init__(self):
        operator = make_operator("acme")
        self.lot = make_lot(operator, name="Central Garage", spots={"regular": 20})
        self.entry = Lane(self.lot, "entry", name="IN 1")
        self.exit = Lane(self.lot, "exit", code="central-out-1", name="OUT 1")
        self.ticket = make_ticket(self.lot, "ZH 123456", entry_at=now() - dt.timedelta(hours=2, minutes=30, seconds=30))
        make_ticket(self.lot, "BE 777", entry_at=now() - dt.timedelta(minutes=40))
        make_lot(operator, name="Airport P2")
        self.attendant = make_cashier(self.lot)


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def signed_in(client, site, live_server):
    client.force_login(site.attendant)
    return [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]


@pytest.fixture
def desk(page, signed_in, live_server):
    page.context.add_cookies(signed_in)
    page.goto(f"{live_server.url}/desk/")
    yield page
    page.goto("about:blank")


@pytest.fixture
def plain_desk(browser, signed_in, live_server):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(signed_in)
    page = context.new_page()
    page.goto(f"{live_server.url}/desk/")
    yield page
    context.close()


def press(page, *keys):
    """Press keys once the page's script listens and has given the focus: its text stands there earlier."""
    for key in keys:
        page.wait_for_load_state("load")
        page.keyboard.press(key)


def find(page, text):
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/stays/"))


def said(page):
    return page.get_by_role("status", name="Last done")


def focused(page):
    return page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")


def test_exit_with_cash_takes_under_five_seconds_by_keyboard(desk, site):
    began = time.monotonic()
    find(desk, "2345")
    press(desk, "F9")
    desk.keyboard.type("20")
    expect(desk.get_by_text("Change CHF 11.00")).to_be_visible()
    sizes = "[...document.querySelectorAll('.desk-total strong, output strong')].map(e => getComputedStyle(e).fontSize)"
    assert len(set(desk.evaluate(sizes))) == 1
    press(desk, "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 may leave")

    assert_in_time(time.monotonic() - began, 5)
    expect(said(desk)).to_contain_text("CHF 11.00")
    assert focused(desk) == "q"
    assert Ticket.objects.get(pk=site.ticket.pk).status == TicketStatus.CLOSED


def test_receipt_of_the_last_car_is_one_key_away(desk, site):
    Ticket.objects.filter(pk=site.ticket.pk).update(token="A" * 22)
    find(desk, "2345")
    press(desk, "F9", "Enter")
    expect(said(desk)).to_contain_text("may leave")
    with desk.context.expect_page() as opened:
        press(desk, "F12")

    expect(opened.value.get_by_role("heading", name=re.compile(r"Receipt R-\d{4}-000001"))).to_be_visible()


def test_the_row_of_numbers_stands_for_f_keys_and_a_question_mark_lists_them(desk, flaws):
    find(desk, "2345")
    press(desk, "?")
    keys = desk.get_by_role("region", name="Keys")
    expect(keys).to_be_visible()
    assert flaws(desk) == []
    press(desk, "Escape")
    expect(keys).to_be_hidden()
    press(desk, "Alt+Digit9")
    expect(desk.get_by_label("Cash handed over")).to_be_focused()
    press(desk, "Alt+Digit0")
    expect(desk.get_by_role("button", name="F10 Card")).to_be_focused()
    press(desk, "Alt+Digit7")
    expect(desk.get_by_role("heading", name="Let a car in")).to_be_visible()


def decline(page):
    page.get_by_label("Test card").select_option("tok_declined")
    press(page, "F10", "Enter")
    expect(said(page)).to_contain_text("Card declined for ZH 123456")


def test_second_decline_asks_the_attendant_with_the_focus_on_cash(desk):
    find(desk, "ZH 123456")
    decline(desk)
    expect(desk.locator("#q")).to_be_focused()
    decline(desk)
    expect(desk.get_by_text("Cash, another card, or let it go and owe?")).to_be_visible()
    expect(desk.get_by_label("Cash handed over")).to_be_focused()
    press(desk, "Enter")  # meant for the next card: nothing was handed over, so nothing happens
    expect(desk.get_by_text("Not done:")).to_be_visible()
    assert (Payment.objects.filter(method="cash").exists(), Debt.objects.exists()) == (False, False)
    desk.keyboard.type("10")
    press(desk, "Enter")

    expect(said(desk)).to_contain_text("ZH 123456 may leave")
    assert not Debt.objects.exists()


def test_attendant_lets_a_car_go_owing_and_its_driver_comes_back_to_pay(desk, site):
    find(desk, "ZH 123456")
    decline(desk)
    decline(desk)
    expect(desk.get_by_label("Cash handed over")).to_be_focused()
    press(desk, "F11", "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 may leave, CHF 9.00 stays owed")
    assert Debt.objects.get().reason == "card declined twice"
    expect(desk.get_by_role("link", name="1 exception to look at")).to_be_visible()

    find(desk, "zh 123456")
    expect(desk.get_by_text("This car left owing: card declined twice.")).to_be_visible()
    press(desk, "F9")
    desk.keyboard.type("20")
    expect(desk.get_by_text("Change CHF 11.00")).to_be_visible()
    press(desk, "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 has paid what it owed")
    assert focused(desk) == "q"
    assert not Debt.objects.open().exists()
    assert Ticket.objects.get(pk=site.ticket.pk).status == TicketStatus.CLOSED


def test_older_debt_is_taken_with_one_key_before_the_fee(desk, site):
    find(desk, "ZH 123456")
    press(desk, "F11")
    desk.get_by_label("Reason").fill("No money with them")
    press(desk, "Enter")
    expect(said(desk)).to_contain_text("stays owed")
    make_ticket(site.lot, "ZH 123456", entry_at=now() - dt.timedelta(minutes=50))

    find(desk, "ZH 123456")
    expect(desk.get_by_role("region", name="Stay")).to_contain_text("Owes CHF 9.00 from today")
    press(desk, "+")
    expect(desk.get_by_text("Still owed")).to_be_visible()
    press(desk, "F9", "Enter")
    expect(said(desk)).to_contain_text("has paid what it owed")
    expect(desk.get_by_role("region", name="Stay")).to_contain_text("CHF 3.00")
    press(desk, "F9", "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 may leave")


def test_last_result_shrinks_beside_the_next_car_and_goes_by_escape(desk):
    find(desk, "2345")
    press(desk, "F9", "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 may leave")
    big = said(desk).bounding_box()["height"]
    find(desk, "BE 777")
    expect(said(desk)).to_contain_text("ZH 123456 may leave")
    assert said(desk).bounding_box()["height"] < big / 1.8
    press(desk, "Escape")
    expect(desk.get_by_text("Ready for the next car")).to_be_visible()
    expect(said(desk)).to_have_count(0)


def test_last_result_goes_by_itself(desk):
    find(desk, "2345")
    press(desk, "F9", "Enter")
    expect(said(desk)).to_be_visible()
    desk.evaluate("document.querySelector('[data-until]').dataset.until = new Date().toISOString()")

    expect(said(desk)).to_have_count(0)


def test_car_without_a_plate_gets_a_printed_ticket(desk):
    press(desk, "F7")
    expect(desk.get_by_role("heading", name="Let a car in")).to_be_visible()
    desk.get_by_label("Reason").fill("No plate yet")
    press(desk, "Enter")
    expect(said(desk)).to_contain_text("A car without a plate is in")
    number = Ticket.objects.get(plate=None).number
    expect(said(desk)).to_contain_text(number)
    expect(said(desk)).to_have_class(re.compile("desk-last-ok"))
    desk.evaluate("window.print = () => {}")
    press(desk, "F12")

    expect(desk.get_by_text("Keep this ticket.")).to_be_visible()
    expect(desk.get_by_text(number)).to_be_visible()
    press(desk, "Escape")
    expect(desk.get_by_text("Ready for the next car")).to_be_visible()


def test_lost_ticket_costs_its_fee_when_nothing_is_found(desk):
    press(desk, "F4")
    expect(desk.get_by_label("Plate, or a part of it").and_(desk.locator("#id_part"))).to_be_focused()
    desk.keyboard.type("GE 55")
    press(desk, "Enter")
    expect(desk.get_by_text("Nothing found: charge the lost-ticket fee")).to_be_visible()
    assert focused(desk) == "part"
    desk.get_by_role("button", name="Charge CHF 40.00").press("Enter")
    expect(desk.get_by_text("Still to pay").or_(desk.get_by_text("Total"))).to_be_visible()
    press(desk, "F9", "Enter")

    expect(said(desk)).to_contain_text("GE 55 may leave")
    assert Payment.objects.get().amount == 4000


def test_lost_ticket_is_found_by_a_part_of_the_plate(desk, site):
    press(desk, "F4")
    expect(desk.get_by_label("Plate, or a part of it").and_(desk.locator("#id_part"))).to_be_focused()
    desk.keyboard.type("777")
    press(desk, "Enter")
    expect(desk.get_by_text("None of these is the car")).to_be_visible()
    press(desk, "Enter")

    expect(desk.get_by_role("heading", name="Stay")).to_be_visible()
    expect(desk.get_by_role("region", name="Stay")).to_contain_text("BE 777")


def test_lost_ticket_of_a_car_like_others_is_charged_when_they_are_ruled_out(desk):
    press(desk, "F4")
    expect(desk.locator("#id_part")).to_be_focused()
    desk.keyboard.type("777")
    press(desk, "Enter")
    desk.get_by_text("None of these is the car").click()
    desk.get_by_label("It is none of the cars above").check()
    desk.get_by_role("button", name="Charge CHF 40.00").press("Enter")

    expect(desk.get_by_role("region", name="Stay")).to_contain_text("Lost ticket")


def test_misread_plate_is_corrected_and_a_wrong_exit_undone_by_keyboard(desk, site):
    find(desk, "BE 777")
    press(desk, "*")
    expect(desk.get_by_label("Plate as on the car")).to_be_focused()
    desk.keyboard.press("ControlOrMeta+a")
    desk.keyboard.type("be 177")
    press(desk, "Enter")
    expect(said(desk)).to_contain_text("The plate is BE 177 now")
    expect(desk.get_by_role("region", name="Stay")).to_contain_text("BE 177")

    press(desk, "Escape")
    expect(desk).to_have_url(re.compile("again"))
    find(desk, "2345")
    press(desk, "F9", "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 may leave")
    desk.get_by_role("link", name=site.ticket.number).click()
    expect(desk.get_by_role("button", name="Undo")).to_be_visible()
    find(desk, "BE 177")
    expect(desk.get_by_role("region", name="Stay")).to_contain_text("BE 177")
    press(desk, "Control+z")
    expect(desk.get_by_role("button", name="Undo")).to_be_focused()
    press(desk, "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 is inside again")
    expect(said(desk)).to_contain_text("What was paid stays paid.")
    assert Ticket.objects.get(pk=site.ticket.pk).status == TicketStatus.PAID


def test_undo_in_the_search_is_the_browsers_own_while_something_is_typed(desk):
    find(desk, "2345")
    press(desk, "F9", "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 may leave")
    desk.keyboard.type("be")
    press(desk, "Control+z")

    assert focused(desk) == "q"


def test_scanner_opens_a_stay_from_wherever_the_focus_is(desk, site):
    desk.get_by_role("heading", name="Lanes").click()
    desk.evaluate("document.activeElement.blur()")
    find(desk, site.ticket.number)
    other = Ticket.objects.get(plate="BE 777")
    find(desk, other.number)

    expect(desk.get_by_role("region", name="Stay")).to_contain_text("BE 777")


def test_several_cars_are_walked_by_arrows(desk, site):
    make_ticket(site.lot, "ZH 1234567", entry_at=now() - dt.timedelta(minutes=5))
    desk.keyboard.type("1234")
    expect(desk.get_by_text("2 found")).to_be_visible()
    press(desk, "ArrowDown", "ArrowDown", "Enter")

    expect(desk.get_by_role("region", name="Stay")).to_contain_text("ZH 123456")


def test_car_at_the_lane_appears_by_itself_and_is_taken_with_one_key(desk, site):
    desk.keyboard.type("be")
    site.exit.read("ZH 123456", captured_at=at(-1))

    expect(desk.get_by_role("article", name="OUT 1")).to_contain_text(re.compile(r"waiting 1:\d\d has to pay"))
    assert (focused(desk), desk.locator("#q").input_value()) == ("q", "be")
    press(desk, "F6")
    expect(desk.get_by_role("region", name="Stay")).to_contain_text("ZH 123456")
    press(desk, "F9", "Enter")
    expect(desk.get_by_role("article", name="OUT 1")).not_to_contain_text("waiting")


def test_lost_connection_greys_the_lanes_and_says_so(desk):
    desk.context.set_offline(True)

    expect(desk.get_by_role("status").filter(has_text="Connection lost")).to_have_count(1, timeout=10_000)
    expect(desk.locator("[data-live]")).to_have_class(re.compile("live-lost"))
    desk.context.set_offline(False)
    expect(desk.locator("[data-live]")).not_to_have_class(re.compile("live-lost"), timeout=10_000)


def test_every_key_on_the_desk_leads_where_it_says(desk):
    for key, heading in {"F4": "Lost ticket", "F7": "Let a car in", "F8": "Open a gate by hand"}.items():
        press(desk, key)
        expect(desk.get_by_role("heading", name=heading)).to_be_visible()
        assert focused(desk) in {"part", "plate", "note"}
    press(desk, "F1")
    expect(desk.get_by_role("heading", name="Today at Central Garage")).to_be_visible()
    press(desk, "Escape")
    expect(desk.get_by_text("Ready for the next car")).to_be_visible()
    press(desk, "F2")
    assert desk.get_by_role("radio", name="Ticket").is_checked()
    press(desk, "F3")
    assert desk.get_by_role("radio", name="Plate").is_checked()
    assert focused(desk) == "q"


def test_refused_cash_keeps_the_focus_where_it_is_wrong(desk):
    find(desk, "ZH 123456")
    press(desk, "F9")
    desk.keyboard.type("5")
    press(desk, "Enter")

    expect(desk.get_by_text("CHF 4.00 is missing.")).to_be_visible()
    assert focused(desk) == "tendered"
    desk.keyboard.press("ControlOrMeta+a")
    desk.keyboard.type("50")
    expect(desk.get_by_text("CHF 4.00 is missing.")).to_have_count(0)
    expect(desk.locator("[aria-invalid=true]")).to_have_count(0)
    expect(desk.get_by_text("Change CHF 41.00")).to_be_visible()


def test_pressing_twice_takes_money_once(desk):
    find(desk, "ZH 123456")
    desk.get_by_role("button", name="Cash").dblclick()

    expect(said(desk)).to_contain_text("ZH 123456 may leave")
    assert Payment.objects.count() == 1


def test_desk_works_without_javascript(plain_desk, site):
    page = plain_desk
    page.get_by_label("Plate or ticket number").fill("2345")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("Cash handed over").fill("10")
    page.get_by_role("button", name="Cash").click()
    expect(said(page)).to_contain_text("CHF 1.00")

    page.get_by_role("link", name="Let a car in").click()
    page.get_by_label("Plate", exact=False).and_(page.locator("#id_plate")).fill("GE 8")
    page.get_by_label("Reason").fill("Camera is down")
    page.get_by_role("button", name="Let it in").click()
    expect(said(page)).to_contain_text("GE 8 is in")

    page.get_by_label("Lot").select_option("Airport P2")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("no exit gate")).to_be_visible()


@pytest.mark.parametrize("failed_cards", [0, 2])
def test_served_car_stays_in_sight_on_a_phone(desk, site, live_server, failed_cards):
    for number in range(8):
        make_ticket(site.lot, f"GE {number}", entry_at=now() - dt.timedelta(minutes=40))
    for _ in range(failed_cards):
        take_exit_payment(
            ticket=site.ticket,
            gate=site.exit.gate,
            tender=Tender(method="card", token="tok_declined", key=uuid.uuid4()),
            by=site.attendant,
            at=now(),
        )
    desk.set_viewport_size({"width": 360, "height": 740})
    for _ in range(4):
        desk.goto(f"{live_server.url}/desk/stays/{site.ticket.number}/")
        expect(desk.get_by_role("heading", name="Stay")).to_be_in_viewport()
        desk.wait_for_timeout(300)
        assert desk.evaluate("scrollY") == 0
        expect(desk.get_by_role("heading", name="Stay")).to_be_in_viewport()
    assert focused(desk) not in {"q", "tendered"}


def test_every_page_is_accessible_and_fits(desk, site, live_server, flaws):
    site.exit.read("GE 99")
    number = site.ticket.number
    aside = make_ticket(site.lot, "GE 1", status="review").number
    own = {
        "stay": f"stays/{number}/",
        "out": f"stays/{number}/out/",
        "plate": f"stays/{number}/plate/",
        "review": f"stays/{aside}/",
    }
    act = {"gate": site.exit.gate, "by": site.attendant, "at": now()}
    owing = make_ticket(
        site.lot, "ZH 123456 ", entry_at=now() - dt.timedelta(hours=3), spot=None, plate_normalised="ZH1"
    )
    let_out(ticket=owing, note="card declined twice", key=uuid.uuid4(), **act)
    Debt.objects.update(plate_normalised="ZH123456")
    for _ in range(2):
        tender = Tender(method="card", token="tok_declined", key=uuid.uuid4())
        take_exit_payment(ticket=site.ticket, tender=tender, **act)
    no_plate = make_ticket(site.lot, None)
    own |= {"owes": f"stays/{owing.number}/", "declined": own["stay"], "slip": f"stays/{no_plate.number}/slip/"}
    broken = []
    desk.on("console", lambda message: broken.append(message.text) if "Security Policy" in message.text else None)

    for path in PAGES:
        desk.goto(f"{live_server.url}/desk/{own.get(path, path)}")
        assert broken == [], path
        assert flaws(desk) == [], path
        broken.clear()  # axe styles the page itself


def lanes_pane(page):
    return page.get_by_role("region", name="Lanes")


def test_lane_is_held_open_and_ended_again_and_its_car_does_not_wait(desk, site, flaws):
    site.exit.read("ZH 123456")
    expect(lanes_pane(desk)).to_contain_text("has to pay")
    desk.get_by_role("link", name="Hold a gate open").click()
    desk.get_by_label("Gate", exact=True).select_option("OUT 1")
    desk.get_by_label("Reason").fill("Fire alarm")
    press(desk, "Enter")

    expect(said(desk)).to_contain_text("OUT 1 is held open")
    expect(lanes_pane(desk)).to_contain_text(f"by {site.attendant}: Fire alarm")
    expect(lanes_pane(desk)).not_to_contain_text("has to pay")
    assert flaws(desk) == []
    assert site.exit.read("ZH 123456")["reason"] == "held_open"
    site.ticket.refresh_from_db()
    assert (site.ticket.status, Debt.objects.exists()) == (TicketStatus.REVIEW, False)

    lanes_pane(desk).get_by_role("button", name="End the hold").click()
    expect(said(desk)).to_contain_text("OUT 1 is not held open any more")
    expect(lanes_pane(desk)).to_contain_text(f"hold ended by {site.attendant}")
    expect(lanes_pane(desk)).not_to_contain_text("Held open")


def test_lane_is_held_open_and_ended_again_without_scripts(plain_desk, site):
    plain_desk.get_by_role("link", name="Hold a gate open").click()
    plain_desk.get_by_label("Gate", exact=True).select_option("IN 1")
    plain_desk.get_by_label("Reason").fill("Queue")
    plain_desk.get_by_role("button", name="Hold it open").click()
    expect(lanes_pane(plain_desk)).to_contain_text(f"by {site.attendant}: Queue")
    plain_desk.get_by_role("button", name="End the hold").click()
    expect(said(plain_desk)).to_contain_text("IN 1 is not held open any more")
    site.entry.gate.refresh_from_db()
    assert not site.entry.gate.is_held_open
