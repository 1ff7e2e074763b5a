"""Every form of the product: a refusal is told on top of the page, and the wrong field has the focus."""

import datetime as dt
import time
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import resolve
from django.utils.timezone import now
from playwright.sync_api import expect

from billing.documents.issuing import issue_receipts
from billing.models import Shift
from billing.services import approve_refund, ask_refund, record_debt, return_refund, take_payment
from billing.services.tariff_drafts import DraftValues, start_draft
from events.services import WebhookWish, make_webhook
from gates.services import let_out
from passes.models import PassPeriod
from passes.services import HeldBy, add_manager
from reservations.models import NotParkedReport
from tests.access.rows import ROWS
from tests.browser.conftest import PHONE
from tests.factories import (
    HOURLY,
    make_api_key,
    make_application,
    make_blackout,
    make_blocked_plate,
    make_cashier,
    make_charge,
    make_closed_shift,
    make_device,
    make_gate,
    make_lot,
    make_merchant,
    make_objection,
    make_reservation,
    make_saved_method,
    make_ticket,
    make_user,
    make_validation_type,
    make_validator,
    make_vehicle,
)
from tests.passes.sold import company_of, granted, offered, pool
from tickets.services import review_ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 120_000
# Sends the form that goes to `action` with these values, whatever the browser itself thinks of them.
SEND = """([action, values, scripts]) => {
  const form = [...document.forms].findLast((one) =>
    new URL(one.getAttribute("action") || location, location).pathname === action && Object.keys(values).every((name) => one.elements[name]));
  if (!form) return false;
  form.noValidate = true;
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (field instanceof RadioNodeList) [...field].forEach((one) => { one.checked = false; });
    else if (field.tagName === "SELECT") field.add(new Option(value, value, true, true));
    else { if (!["hidden", "radio", "checkbox"].includes(field.type)) field.type = "text"; field.value = value; }
    if (field.type === "radio") field.checked = false;
  }
  const button = form.querySelector("button[name=act][value=save]") ?? form.querySelector("button[name]");
  if (button) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
  const isSwapped = form.hasAttribute("hx-get") || (form.hasAttribute("hx-post") && !form.hasAttribute("hx-trigger"));
  if (scripts && !isSwapped) form.requestSubmit();
  else HTMLFormElement.prototype.submit.call(form);
  return true;
}"""
TOLD = """() => {
  const told = document.querySelector("main .refused"), focused = document.activeElement;
  if (!told) return null;
  const links = [...told.querySelectorAll("a")].map((link) => document.querySelector(link.getAttribute("href")));
  const { top, bottom } = focused.getBoundingClientRect();
  return {
    text: told.innerText.replace(/\\s+/g, " ").replace(/^! /, ""),
    onTop: told.getBoundingClientRect().top + scrollY < innerHeight,
    focused: links.length ? focused === links[0] || !!focused.closest("fieldset")?.contains(links[0]) : focused === told,
    inSight: top >= 0 && top + Math.min(bottom - top, 40) <= innerHeight,
    linked: links.every((field) => field && field.getAttribute("aria-invalid") === "true"),
  };
}"""


class World:
    """One lot with what its forms are about, and a window for each kind of person."""

    def __init__(self, browser, url, *, scripts):
        self.browser, self.url, self.scripts = browser, url, scripts
        self.lot = make_lot(slug="central", name="Central", spots={"regular": 9}, latitude=47.3, longitude=8.5)
        make_lot(self.lot.operator, slug="tower", name="Tower", spots={"regular": 1})
        self.gate = make_gate(self.lot, "entry", "in-1")
        make_gate(self.lot, "exit", "out-1")
        make_device(self.gate)
        hours = dt.timedelta(hours=1)
        start = now().replace(microsecond=0)
        self.inside = make_ticket(self.lot, "ZH 123456", start - 5 * hours)
        self.unpriced = make_ticket(self.lot, "GE 5", start - 3 * hours, tariff=None)
        self.reviewed = review_ticket(ticket=make_ticket(self.lot, "AG 7", start - 9 * hours), at=now(), why="unseen")
        self.debt = record_debt(charge=make_charge(self.lot), plate="ZH 7", reason="declined", at=now())
        left = {"status": "closed", "exit_at": start - hours, "closed_reason": "owed"}
        self.left = make_ticket(self.lot, "BE 8", start - 6 * hours, charge=make_charge(self.lot), **left)
        before = make_ticket(self.lot, "ZH 123456", start - 9 * hours, charge=make_charge(self.lot), **left)
        record_debt(charge=before.charge, plate="ZH 123456", reason="card declined twice", at=now())
        record_debt(charge=self.left.charge, plate="BE 8", reason="card declined twice", at=now())
        self.admin = make_user("admin", self.lot.operator)
        self.key = make_api_key(self.admin).row
        wish = WebhookWish(url="https://example.com/")
        self.webhook, _secret = make_webhook(operator=self.lot.operator, wish=wish, by=self.admin, at=now())
        self.driver = make_user(password="s3cret-words")
        self.vehicle = make_vehicle(self.driver, "ZH 5")
        self.shop = make_merchant(self.lot, name="Café")
        self.kind = make_validation_type(self.shop, name="Tea", budget_kind="number", budget_limit=5)
        people = {
            "validator": make_validator(self.shop),
            "admin": self.admin,
            "attendant": make_cashier(self.lot),
            "driver": self.driver,
            "leaver": make_user(),
        }
        self.running = Shift.objects.get()
        self.counted = make_closed_shift(make_user("attendant", self.lot.operator), self.lot)
        self.mistaken = make_ticket(self.lot, "BE 9", start - hours)
        self.let_out(people["attendant"])
        self._give_back(people["attendant"])
        self.objection = make_objection(self.lot, make_vehicle(make_user(), "ZH 88"))
        make_saved_method(self.driver)
        self.application = f"/installation/applications/{make_application().pk}/"
        tomorrow = start + 24 * hours
        self.booking = make_reservation(self.lot, "ZH 3", tomorrow, spot=self.lot.spots.latest("pk"))
        self.lost = make_reservation(self.lot, "ZH 34", start + 48 * hours, place_lost_at=now())
        self.report = NotParkedReport.objects.create(booking=self.booking, reported_at=now())
        gone = {"status": "no_show", "missed_at": start - 3 * hours}
        self.missed = make_reservation(self.lot, "ZH 4", start - 4 * hours, **gone)
        self.blackout = make_blackout(self.lot, tomorrow)
        self.offer = offered(self.lot, renewal="invoice")
        company = company_of(self.lot)
        add_manager(company=company, email=self.driver.email, by=self.admin, at=now())
        days = {"at": now(), "valid_from": start.date(), "by": self.admin}
        self.held = granted(self.offer, "ZH 61", to=HeldBy(user=self.driver), **days)
        PassPeriod.objects.create(
            held_pass=self.held,
            number=2,
            first_day=self.held.valid_until + dt.timedelta(days=1),
            last_day=self.held.valid_until + dt.timedelta(days=30),
            price_amount=12000,
            offered_at=now(),
        )
        self.fleet = pool(self.lot, 2, "ZH 62", company=company, **days)
        self.pages = {None: self.open(None)} | {name: self.open(person) for name, person in people.items()}

    def let_out(self, attendant):
        """Let a car out, which can be undone for a minute."""
        gate = self.lot.gates.get(direction="exit")
        let_out(ticket=self.mistaken, gate=gate, by=attendant, note="wrong car", at=now(), key=uuid4())

    def _give_back(self, attendant):
        """Make a receipt, a refund that its provider refused, and one that waits for a second person."""
        self.lot.operator.refund_limit = 500
        self.lot.operator.save()
        paid, self.paid = self._pay("tok_no_refund"), self._pay("tok_ok")
        (self.receipt,) = issue_receipts([paid], at=now())
        asked = {"reason": "Broken lift", "by": attendant, "at": now()}
        self.stuck = ask_refund(payment=paid, amount=100, idempotency_key="stuck", **asked)
        return_refund(refund=self.stuck, at=now())
        self.request = ask_refund(payment=self.paid, amount=600, idempotency_key="asked", **asked)
        self.paid = self._pay("tok_ok")
        by_terminal, closed = self._pay(), {"status": "closed", "closed_reason": "paid"}
        self.given = make_ticket(self.lot, "BE 10", charge=by_terminal.charge, exit_at=now(), **closed)
        handed = ask_refund(payment=by_terminal, amount=600, idempotency_key="handed", **asked)
        approve_refund(asked=handed, by=self.admin, at=now())

    def _pay(self, token=""):
        charge, method = make_charge(self.lot, 600), "card" if token else "terminal"
        key = f"paid-{charge.pk}"
        return take_payment(charge=charge, method=method, amount=None, token=token, idempotency_key=key, at=now())

    def open(self, person):
        context = self.browser.new_context(viewport=PHONE, java_script_enabled=self.scripts)
        if person:
            client = Client()
            client.force_login(person)
            session = client.session
            session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
            session.save()
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.url}
            context.add_cookies([cookie])
        context.set_default_timeout(PATIENCE)
        return context.new_page()

    def close(self):
        for page in self.pages.values():
            page.context.close()

    @property
    def refusals(self):
        """Who sends what to which address from which page, and the words that follow."""
        lot, stay, desk = "/manage/lots/central", f"/manage/stays/{self.reviewed.number}", "/desk/stays"
        parked, unpriced = (f"/manage/stays/{one.number}" for one in (self.inside, self.unpriced))
        zone, tariff = self.lot.levels.get().zones.get().pk, self.lot.tariffs.get().pk
        webhook = f"/manage/webhooks/{self.webhook.pk}"
        draft = start_draft(lot=self.lot, values=DraftValues("Spring", HOURLY), at=now()).pk
        team = f"/manage/people/{self.admin.memberships.get().pk}/"
        block = make_blocked_plate(self.admin.memberships.get().operator, "ZH 99").pk
        inside, left = f"{desk}/{self.inside.number}", f"{desk}/{self.left.number}"
        mistaken = f"{desk}/{self.mistaken.number}"
        debt = f"/manage/debts/{self.debt.pk}"
        running, counted = (f"/manage/shifts/{one.pk}" for one in (self.running, self.counted))
        tolerance = f"/manage/shifts/{self.lot.operator.slug}/tolerance"
        office = "/manage/refunds"
        request, stuck = f"{office}/requests/{self.request.pk}/reject", f"{office}/{self.stuck.pk}"
        money, document = f"/manage/payments/{self.paid.pk}", f"/manage/documents/{self.receipt.pk}"
        objection, rules = f"/manage/objections/{self.objection.pk}", f"/manage/debts/{self.lot.operator.slug}/rules"
        given, unkept = f"{desk}/{self.given.number}", "/manage/exceptions"
        agreement = f"/me/automatic/{self.vehicle.pk}"
        passes, mine = f"/manage/passes/{self.held.code}", f"/me/passes/{self.held.code}"
        fleet, sold = f"/me/passes/{self.fleet.code}", f"/manage/passes/offers/{self.offer.pk}"
        companies, company = "/manage/passes/companies", self.fleet.company_id
        saved, done, paid = "Not saved: 1 thing to correct: ", "Not done: 1 thing to correct: ", "Not paid: "
        bookings, day = "/manage/bookings", self.booking.starts_at.date()
        booked, closed = f"{bookings}/{self.booking.pk}", f"{bookings}/blackouts/{self.blackout.pk}"
        missed = f"{bookings}/{self.missed.pk}"
        shops, shop = "/manage/merchants", f"/manage/merchants/{self.shop.pk}"
        return [
            # First, as an exit can be undone for a minute only.
            ("attendant", f"{mistaken}/", f"{mistaken}/undo/", {"exit": "no"}, "Not done: "),
            ("validator", "/validate/", "", {"ticket": "…"}, f"{saved}Ticket or plate"),
            ("admin", f"{shop}/", f"{shop}/types/", {"value": "x"}, "Not saved: 2 things to correct: Name, How much"),
            ("admin", f"{shop}/", f"{shop}/invite/", {"email": "nope"}, f"{saved}Email"),
            ("admin", f"{shop}/", f"{shops}/types/{self.kind.pk}/budget/", {"limit": "x"}, "Not saved: "),
            ("admin", f"{shop}/settings/", "", {"email": "nope"}, f"{saved}Email for invoices"),
            ("admin", f"{shops}/new/", "", {"name": ""}, "Not saved: 2 things to correct: Name"),
            ("admin", "/manage/promo-codes/new/", "", {"shown": "-"}, "Not saved: 2 things to correct: Code, How much"),
            ("driver", "/me/vehicles/", "", {"plate": "…"}, f"{saved}Plate"),
            ("driver", f"/me/vehicles/{self.vehicle.pk}/", "", {"plate": ""}, f"{saved}Plate"),
            ("driver", "/me/", "/me/stays/", {"ticket": "PS-1"}, f"{saved}Ticket number or link"),
            ("driver", "/me/account/", "", {"phone": "079 123"}, f"{saved}Phone"),
            ("leaver", "/me/account/delete/", "", {"understood": ""}, "Not saved: "),
            ("driver", "/accounts/email/", "", {"email": "nope"}, f"{saved}Email"),
            (
                "driver",
                "/accounts/password/change/",
                "",
                {"oldpassword": "no"},
                "Not saved: 3 things to correct: Current",
            ),
            ("driver", "/accounts/reauthenticate/", "", {"password": "no"}, "1 thing to correct: Password"),
            (None, "/accounts/login/", "", {"login": "nope", "password": "no"}, "1 thing to correct: Email"),
            (
                None,
                "/accounts/login/",
                "",
                {"login": "a@b.example", "password": "no"},
                "The email address or the password",
            ),
            (None, "/accounts/signup/", "", {"email": "nope"}, "3 things to correct: Email"),
            (None, "/apply/", "", {"email": "nope"}, "Not saved: 4 things to correct: Company, Your name, Your email"),
            ("admin", self.application, "", {"name": ""}, f"{saved}Company"),
            (None, "/accounts/password/reset/", "", {"email": "nope"}, "1 thing to correct: Email"),
            (None, "/?q=", "", {"spot_type": "tent"}, "1 thing to correct: Spot"),
            (None, "/lots/central/", "", {"entry": "never"}, "1 thing to correct: From"),
            (
                None,
                "/book/central/",
                "",
                {"start": "never", "plate": "ZH 1", "email": "a@b.example"},
                "Not booked: 1 thing to correct: From",
            ),
            (
                None,
                "/book/central/",
                "",
                {"plate": "…", "email": "a@b.example"},
                "Not booked: 1 thing to correct: Plate",
            ),
            (
                None,
                "/bookings/",
                "",
                {"code": "BK-1", "email": "a@b.example"},
                "Not found: 1 thing to correct: Booking code",
            ),
            (None, f"/bookings/{self.booking.token}/cancel/", "", {"fee": ""}, "Not cancelled: "),
            (
                None,
                f"/bookings/{self.booking.token}/change/",
                "",
                {"plate": "…"},
                "Not changed: 1 thing to correct: Plate",
            ),
            ("driver", f"/passes/{self.offer.pk}/", "", {"plates": "…"}, "Not bought: 1 thing to correct: Plate"),
            ("driver", f"{fleet}/", f"{fleet}/plates/add/", {"plate": "…"}, f"{saved}Plate"),
            ("driver", "/me/exports/new/own/stays/", "", {"file_format": "no"}, f"{saved}Format"),
            ("driver", f"{mine}/", f"{mine}/swap/", {"swap-plate": "…"}, f"{saved}Plate"),
            ("driver", f"{mine}/", f"{mine}/renewal/", {"renewal-renewal": "no"}, f"{saved}After the last day"),
            ("driver", f"{mine}/cancel/", "", {"refund": "1"}, "Not cancelled: "),
            (
                "driver",
                f"/me/company/{company}/",
                f"/me/company/{company}/people/add/",
                {"email": "no"},
                f"{saved}Email",
            ),
            ("admin", "/manage/passes/new/", "", {"name": ""}, f"{saved}Name"),
            ("admin", f"{passes}/", f"{passes}/suspend/", {"suspend-why": ""}, f"{saved}Why?"),
            ("admin", f"{passes}/change/", "", {"why": ""}, "Not changed: 1 thing to correct: Why?"),
            ("admin", f"{passes}/cancel/", "", {"why": ""}, "Not cancelled: 1 thing to correct: Why?"),
            ("admin", f"{passes}/", f"{passes}/plates/add/", {"plate": "…"}, f"{saved}Plate"),
            ("admin", f"{passes}/", f"{passes}/plates/change/", {"plate": "…"}, f"{saved}Plate"),
            ("admin", "/manage/passes/offers/new/", "", {"name": ""}, "Not saved: "),
            ("admin", f"{sold}/", "", {"price": "x"}, f"{saved}Price of a period"),
            ("admin", "/manage/passes/imports/", "", {"offer": "0"}, "Not saved: 2 things to correct: Pass, CSV file"),
            ("admin", f"{companies}/new/", "", {"email": "no"}, "Not saved: 2 things to correct: Name, Email"),
            ("admin", f"{companies}/{company}/", "", {"email": "no"}, f"{saved}Email"),
            (
                "admin",
                f"{companies}/{company}/",
                f"{companies}/{company}/people/add/",
                {"person-email": "no"},
                f"{saved}Email",
            ),
            (None, "/pay/", "", {"number": "PS-1"}, "1 thing to correct: Ticket number"),
            (
                None,
                "/pay/by-plate/central/",
                "",
                {"plate": "-", "day": "x", "clock": "x"},
                "Not found: 3 things to correct: Plate, Day on which you came, About when did you come?",
            ),
            (
                None,
                f"/pay/{self.inside.number}/",
                "",
                {"receipt_email": "nope"},
                f"{paid}1 thing to correct: Email",
            ),
            ("attendant", f"{inside}/", f"{inside}/cash/", {"tendered": "x"}, f"{done}Cash handed over"),
            ("attendant", f"{inside}/", f"{inside}/card/", {"token": ""}, f"{done}Card"),
            ("attendant", f"{left}/", f"{left}/debt/cash/", {"tendered": "x"}, f"{done}Cash handed over"),
            ("attendant", f"{left}/", f"{left}/debt/card/", {"token": ""}, f"{done}Card"),
            ("attendant", f"{inside}/", f"{inside}/mixed/", {"tendered": "x"}, f"{done}Part in cash"),
            ("attendant", f"{inside}/", f"{inside}/voucher/", {"code": "x"}, "Not done: "),
            ("admin", "/manage/vouchers/new/", "", {"amount": "x"}, f"{saved}Amount"),
            ("attendant", "/desk/shift/", "/desk/shift/move/", {"amount": "x"}, f"{done}Amount, in CHF"),
            ("admin", "/desk/shift/", "/desk/shift/open/", {"float_amount": "x"}, f"{done}Float, as counted, in CHF"),
            ("admin", "/manage/shifts/", f"{tolerance}/", {"tolerance": "x"}, f"{saved}Over or short without a note"),
            ("admin", f"{running}/", f"{running}/end/", {"cash_CHF": "5", "note": ""}, f"{saved}Note"),
            ("admin", f"{counted}/", f"{counted}/reopen/", {"reason": ""}, f"{saved}Reason"),
            ("attendant", f"{inside}/out/", "", {"note": ""}, f"{done}Reason"),
            (
                "attendant",
                f"{desk}/{self.reviewed.number}/",
                f"{desk}/{self.reviewed.number}/back/",
                {"gate": "no"},
                "Not done: ",
            ),
            ("attendant", "/desk/in/", "", {"note": ""}, f"{done}Reason"),
            ("attendant", "/desk/open/", "", {"note": ""}, f"{done}Reason"),
            ("attendant", "/desk/hold/", "", {"note": ""}, f"{done}Reason"),
            ("attendant", f"{inside}/plate/", "", {"plate": "…"}, f"{done}Plate as on the car"),
            ("attendant", f"{inside}/end/", "", {"note": ""}, f"{done}Reason"),
            ("attendant", "/desk/lost/", "", {"clock": "x"}, "1 thing to correct: Came at about"),
            ("attendant", "/desk/lost/?part=QQ+1", "/desk/lost/fee/", {"plate": "X" * 20}, f"{done}Plate"),
            ("admin", "/manage/lots/new/", "", {"name": ""}, "Not saved: 2 things to correct: Name, Short name"),
            ("admin", "/manage/start/", "", {"address": ""}, "Not saved: 2 things to correct: Address, How many spots"),
            ("admin", f"{lot}/copy/", "", {"name": ""}, f"{saved}Name of the copy"),
            ("admin", f"{lot}/settings/", "", {"longitude": "999"}, f"{saved}Longitude"),
            ("admin", f"{lot}/", f"{lot}/places/", {"count": ""}, f"{saved}How many"),
            ("admin", f"{lot}/levels/0/", f"{lot}/levels/0/bays/", {"reason": ""}, "Not saved: "),
            ("admin", f"{lot}/levels/0/layout/", "", {"count": "x"}, f"{saved}How many"),
            ("admin", f"{lot}/entrance/", "", {"way_in": "x" * 501}, f"{saved}Way in"),
            ("admin", f"{lot}/levels/0/settings/", "", {"number": "x"}, f"{saved}Number"),
            ("admin", f"{lot}/zones/{zone}/", "", {"distance": "-5"}, f"{saved}Metres to the entrance"),
            ("admin", "/manage/gates/new/", "", {"code": ""}, f"{saved}Code"),
            (
                "admin",
                "/manage/keys/new/",
                "",
                {"name": ""},
                "Not saved: 2 things to correct: Name, Lots, levels and spots",
            ),
            (
                "admin",
                f"/manage/keys/{self.key.pk}/roll/",
                "",
                {"keep": "x"},
                f"{saved}How long the current key still works",
            ),
            ("admin", "/manage/webhooks/new/", "", {"url": "x"}, f"{saved}Address"),
            ("admin", f"{webhook}/settings/", "", {"url": "x"}, f"{saved}Address"),
            ("admin", f"{webhook}/", f"{webhook}/replay/", {"after": "x"}, f"{saved}After event number"),
            ("admin", "/manage/gates/in-1/", "", {"level": "x"}, f"{saved}Level"),
            ("admin", "/manage/gates/in-1/", "/manage/gates/in-1/devices/", {"kind": "tank"}, f"{saved}Kind"),
            ("admin", "/manage/gates/in-1/", "/manage/gates/in-1/hold/", {"note": ""}, f"{saved}Reason"),
            ("admin", "/manage/gates/in-1/", "/manage/gates/in-1/open/", {"note": ""}, f"{saved}Reason"),
            (
                "admin",
                "/manage/gates/in-1/",
                "/manage/gates/in-1/closing/",
                {"closed": "yes", "why": ""},
                f"{saved}Reason",
            ),
            (
                "admin",
                "/manage/tariffs/new/?lot=central&start=hourly",
                "/manage/tariffs/new/",
                {"plans-0-bands-0-price": "dear"},
                "Not saved: 3 things to correct: Name, First day, Plan “Every day”, band 1: Price",
            ),
            (
                "admin",
                f"/manage/tariffs/{tariff}/edit/",
                "",
                {"plans-0-bands-0-price": "dear"},
                f"{saved}Plan “Hourly”, band 1: Price",
            ),
            ("admin", "/manage/tariffs/drafts/new/", "", {"name": ""}, f"{saved}Name"),
            (
                "admin",
                f"/manage/tariffs/drafts/{draft}/edit/",
                "",
                {"plans-0-bands-0-price": "dear"},
                f"{saved}Plan “Hourly”, band 1: Price",
            ),
            (
                "admin",
                f"/manage/tariffs/drafts/{draft}/publish/",
                "",
                {"valid_from": "2020-01-01"},
                f"{saved}First day",
            ),
            ("admin", f"/manage/tariffs/drafts/{draft}/copy/", "", {}, f"{saved}Lots"),
            ("admin", f"/manage/tariffs/{tariff}/copy/", "", {}, f"{saved}Lots"),
            ("admin", "/manage/tariffs/event-days/central/", "", {"name": "Fair"}, f"{saved}First day"),
            ("admin", "/manage/people/", "/manage/people/invite/", {"email": "nope"}, f"{saved}Email"),
            ("admin", team, f"{team}role/", {"role": "attendant"}, "Not saved: "),
            ("admin", team, f"{team}role/", {"role": "king"}, f"{saved}Role"),
            ("admin", team, f"{team}remove/", {}, "Not saved: "),
            (
                "admin",
                "/manage/blocked/",
                "/manage/blocked/add/",
                {"reason": ""},
                "Not saved: 2 things to correct: Plate, Reason",
            ),
            ("admin", f"/manage/blocked/{block}/", "", {"reason": ""}, f"{saved}Reason"),
            ("admin", "/manage/blocked/imports/", "", {}, f"{saved}CSV file"),
            ("admin", "/manage/permits/imports/", "", {}, f"{saved}CSV file"),
            (
                "admin",
                "/manage/permits/",
                "/manage/permits/add/",
                {"kind": "accessible", "plate": ""},
                f"{saved}Plate",
            ),
            ("admin", "/manage/stays/", "", {"from": "never"}, "1 thing to correct: From"),
            ("admin", "/manage/tasks/", "/manage/tasks/reports/", {"month": "never"}, f"{saved}Month"),
            ("admin", f"{stay}/", "", {"left_at": "never"}, "1 thing to correct: When did the car leave?"),
            ("admin", f"{stay}/", f"{stay}/close/", {"why": ""}, f"{saved}Why?"),
            ("admin", f"{stay}/", f"{stay}/return/", {"return-why": ""}, f"{saved}Why?"),
            ("admin", f"{stay}/", f"{stay}/void/", {"void-why": ""}, f"{saved}Why?"),
            ("admin", f"{stay}/", f"{stay}/plate/", {"plate": "…"}, f"{saved}Plate"),
            ("admin", f"{stay}/", f"{stay}/note/", {"note-why": ""}, f"{saved}Note"),
            ("admin", f"{parked}/", f"{parked}/move/", {"move-place": "Z9", "move-why": "There"}, f"{saved}Spot"),
            ("admin", f"{unpriced}/", f"{unpriced}/price/", {"price-why": ""}, f"{saved}Why?"),
            ("attendant", f"{inside}/together/", f"{inside}/together/", {"tendered": "x"}, f"{done}Cash handed over"),
            ("attendant", f"{given}/", f"{given}/refund/paid-out/", {"refund": "x"}, "Not done: "),
            ("driver", f"{agreement}/", "", {"limit": "x"}, "Not saved: "),
            ("admin", f"{office}/", f"{request}/", {"why": ""}, "Not saved: "),
            ("admin", f"{office}/", f"{stuck}/otherwise/", {"why": ""}, "Not saved: "),
            ("admin", f"{office}/", f"{stuck}/take-back/", {"why": ""}, "Not saved: "),
            ("admin", f"{money}/", f"{money}/refund/", {"amount": "x"}, "Not saved: "),
            ("admin", f"{document}/", f"{document}/send/", {"email": "nope"}, f"{saved}Email"),
            ("admin", f"{objection}/", "", {"outcome": ""}, "Not saved: "),
            (
                "admin",
                f"{unkept}/no-place/{self.lost.pk}/",
                "",
                {"spot_type": "tent"},
                "Not done: 1 thing to correct: ",
            ),
            ("admin", f"{unkept}/not-parked/{self.report.pk}/", "", {"word": ""}, "Not decided: "),
            ("admin", f"{bookings}/", "", {"from": "never"}, "1 thing to correct: From"),
            ("admin", f"{bookings}/new/", "", {"plate": "…"}, f"{saved}Plate"),
            ("admin", f"{booked}/change/", "", {"plate": "…"}, "Not changed: 1 thing to correct: Plate"),
            ("admin", f"{booked}/cancel/", "", {"how": ""}, "Not cancelled: 1 thing to correct: What its driver pays"),
            ("admin", f"{missed}/", f"{missed}/forgive/", {"why": ""}, f"{saved}Why?"),
            ("admin", f"{bookings}/timeline/?day={day}", f"{bookings}/timeline/move/", {"bay": "R0-1"}, "Not moved: "),
            ("admin", f"{bookings}/blackouts/new/", "", {"reason": ""}, "Not saved: "),
            ("admin", f"{closed}/", f"{closed}/cancel/", {}, "Not saved: "),
            ("admin", "/manage/debts/", f"{rules}/", {"fee": "x"}, "Not saved: "),
            ("admin", "/manage/debts/write-off/?days=0&most=1000", "", {"why": ""}, "Not saved: "),
            (
                "admin",
                f"/manage/bulk/write_off/?row={self.debt.pk}",
                "/manage/bulk/write_off/",
                {"why": ""},
                "Not begun: ",
            ),
            ("admin", f"{debt}/invoice/", "", {"name": ""}, "Not saved: "),
            ("admin", f"{debt}/", f"{debt}/pay/", {"method": ""}, f"{saved}Method"),
            ("admin", f"{debt}/", f"{debt}/waive/", {"why": ""}, f"{saved}Why?"),
        ]

    def send(self, who, page_path, action, values):
        """Send a form and return what is told; None when nothing is."""
        page = self.pages[who]
        page.goto(self.url + page_path)
        form = [action or page_path.partition("?")[0], values, self.scripts]
        with page.expect_event("domcontentloaded"):
            if not page.evaluate(SEND, form):
                page.reload()
                return None
        page.wait_for_load_state()
        told = page.evaluate(TOLD)
        for _ in range(20):  # a browser gives the focus when it draws next
            if told is None or told["focused"]:
                break
            page.wait_for_timeout(100)
            told = page.evaluate(TOLD)
        return told


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def world(live_server, browser, request, settings):
    settings.OPERATORS_MAY_APPLY = True
    made = World(browser, live_server.url, scripts=request.param)
    yield made
    made.close()


def test_refusal_is_told_on_top_and_focused(world):
    wrong = {}
    for who, page, action, values, words in world.refusals:
        told = world.send(who, page, action, values)
        # An address with a place in it keeps browsers from giving the focus, unless a script does it.
        is_focused = told and (
            (told["focused"] and told["inSight"]) or (page == "/lots/central/" and not world.scripts)
        )
        if not (told and told["text"].startswith(words) and told["onTop"] and told["linked"] and is_focused):
            wrong[page, action] = told
    assert wrong == {}, "\n".join(map(repr, wrong.items()))


def test_every_form_that_can_be_refused_is_tried(live_server, browser):
    world = World(browser, live_server.url, scripts=False)
    tried = {resolve(action or page.partition("?")[0]).route for _, page, action, _, _ in world.refusals}
    world.close()
    lines = [line.split() for line in ROWS.strip().splitlines()]
    refusing = {route for method, route, *statuses in lines if method == "POST" and "422" in statuses}

    assert {route for route in refusing if not route.startswith("api/")} - tried == set()


def test_value_that_is_wrong_in_a_closed_fold_is_not_passed_over(world):
    page = world.pages["admin"]
    page.goto(f"{world.url}/manage/lots/central/settings/")
    assert page.get_by_label("Longitude").is_hidden()
    page.locator("#id_longitude").evaluate("field => { field.value = '999' }")

    page.get_by_role("button", name="Save").click()

    expect(page.locator(".refused")).to_contain_text("Not saved: 1 thing to correct: Longitude")
    expect(page.get_by_label("Longitude")).to_be_focused()
    expect(page.get_by_label("Longitude")).to_be_in_viewport()


def test_search_that_is_refused_in_place_tells_it_above_its_results(live_server, browser):
    world = World(browser, live_server.url, scripts=True)
    page = world.pages["admin"]
    page.goto(f"{world.url}/manage/stays/")
    fold = page.locator("#filter summary")
    fold.click()
    page.locator("#id_from").evaluate("field => { field.type = 'text' }")
    page.locator("#id_from").fill("never")
    page.locator("#id_from").press("Tab")

    expect(page.locator("#rows .refused")).to_contain_text("1 thing to correct: From")
    fold.click()
    expect(page.locator("#id_from")).to_be_hidden()
    page.locator("#rows .refused a").click()  # shows it, where it is folded
    expect(page.locator("#id_from")).to_be_focused()
    world.close()
