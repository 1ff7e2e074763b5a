"""Every page of the demo site: no accessibility violation, light and dark, phone and desk; whole without JavaScript."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, Page

from accounts.applications import application_token
from accounts.invitations import token_of
from accounts.models import ApiKey, BlockedPlate, Membership, OperatorApplication, User, Vehicle
from billing.models import Debt, Document, Objection, Payment, Shift
from billing.objecting import objection_token
from billing.services import start_card_setup
from billing.services.tariff_drafts import DraftValues, start_draft
from devices.models import Device
from gates.models import GateEvent
from lots.calendar import zone_of
from lots.models import Gate, Lot
from merchants.models import ValidationType
from merchants.shop_codes import code_of_day
from notifications.models import Message
from passes.models import Pass
from reservations.models import NotParkedReport
from tests.browser.conftest import DESK, PHONE
from tests.factories import make_application, make_blackout, make_blocked_plate, make_invitation, make_reservation
from tickets.models import Ticket, TicketStatus
from traffic.demo import load_demo
from traffic.demo.held_passes import MONTH_PASS
from traffic.demo.personas import DRIVER_PLATE, SECOND_PLATE, VALIDATOR
from traffic.demo.validated_month import CODE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRIVER = "driver@demo.example"
PEOPLE = {
    "admin": "admin@demo.example",
    "attendant": "attendant@demo.example",
    "driver": DRIVER,
    "validator": VALIDATOR,
}


def pages() -> dict[str | None, list[str]]:
    """Every page with the person it is for; None is a visitor."""
    lot = Lot.objects.get(slug="city-garage")
    inside = Ticket.objects.open().filter(lot=lot).earliest("entry_at")
    published = lot.tariff_drafts.get()
    draft = start_draft(lot=lot, values=DraftValues("Spring", published.rules), at=now())
    reviewed = Ticket.objects.filter(status=TicketStatus.REVIEW).earliest("pk")
    paid = Ticket.objects.filter(charge__settled_at__isnull=False, status=TicketStatus.CLOSED).earliest("pk")
    document = Document.objects.filter(payments__charge__ticket=paid).earliest("pk")
    gate = Gate.objects.filter(lot=lot).earliest("pk")
    zone = lot.levels.earliest("number").zones.earliest("pk")
    closed_shift = Shift.objects.filter(person__email=PEOPLE["attendant"], state="closed").earliest("pk")
    manage = f"/manage/lots/{lot.slug}"
    late = (now() + dt.timedelta(days=60)).astimezone(zone_of(lot)).replace(hour=23, minute=30)  # ends the next day
    booking = make_reservation(lot, "BE 77", late, driver=User.objects.get(email=DRIVER))
    lost = make_reservation(lot, "BE 78", now() + dt.timedelta(days=61), place_lost_at=now())
    report = NotParkedReport.objects.create(booking=booking, reported_at=now())
    closed = make_blackout(lot, now() + dt.timedelta(days=60))
    office = f"/manage/bookings/{booking.pk}"
    fleet = Pass.objects.get(company__isnull=False)
    month = Pass.objects.get(name=MONTH_PASS)
    replaced = ApiKey.objects.get(rolled_at__isnull=False)
    assert Device.objects.exists()
    waiting = OperatorApplication.objects.waiting().get()
    declined = OperatorApplication.objects.get(declined_at__isnull=False)
    film = ValidationType.objects.get(by_code=True)
    new, known = (
        f"/invitations/{token_of(make_invitation(lot.operator, email))}/" for email in ("a@b.example", DRIVER)
    )
    return {
        None: [
            "/",
            "/?q=nowhere",
            f"/lots/{lot.slug}/",
            "/lots/lakeside/",
            "/lots/nowhere/",
            f"/board/{lot.slug}/",
            f"/book/{lot.slug}/",
            "/bookings/",
            f"/bookings/{booking.token}/",
            f"/bookings/{booking.token}/change/",
            f"/bookings/{booking.token}/cancel/",
            "/bookings/confirm/nowhere/",
            "/passes/",
            f"/passes/{month.offer_id}/",
            "/pay/",
            f"/pay/{inside.token}/",
            f"/pay/{inside.token}/?code={CODE}",
            f"/v/{code_of_day(film, at=now())}/",
            "/v/nowhere/",
            f"/pay/{paid.token}/receipt/",
            f"/d/{document.token}/",
            "/accounts/login/",
            "/accounts/signup/",
            "/accounts/password/reset/",
            new,
            known,
            "/invitations/nowhere/",
            f"/not-me/{objection_token(Payment.objects.filter(automatic__isnull=False).earliest('-finished_at'))}/",
            "/not-me/nowhere/",
            "/accounts/confirm-email/",
            "/apply/",
            "/apply/sent/",
            f"/apply/confirm/{application_token(make_application(confirmed=False))}/",
            f"/apply/confirm/{application_token(waiting)}/",
            "/apply/confirm/nowhere/",
            "/api/v1/docs",
            "/help/",
            "/help/?q=receipt",
            "/help/pay/",
        ],
        "driver": [
            "/me/",
            "/me/account/",
            "/me/account/delete/",
            "/me/messages/",
            "/me/bookings/",
            "/me/passes/",
            f"/me/passes/{month.code}/",
            f"/me/passes/{month.code}/cancel/",
            f"/me/passes/{fleet.code}/",
            f"/me/company/{fleet.company_id}/",
            f"/passes/{month.offer_id}/",
            "/me/vehicles/",
            "/me/cards/",
            start_card_setup(owner=User.objects.get(email=DRIVER), return_url="/me/cards/", at=now()).page_url,
            "/me/documents/",
            "/me/automatic/",
            f"/me/automatic/{Vehicle.objects.get(owner__email=DRIVER, plate=SECOND_PLATE).pk}/",
            f"/me/automatic/{Vehicle.objects.get(owner__email=DRIVER, plate=DRIVER_PLATE).pk}/",
            f"/me/vehicles/{Vehicle.objects.earliest('pk').pk}/",
            f"/pay/{inside.number}/",
            new,
            known,
            "/accounts/email/",
            "/accounts/2fa/",
            "/accounts/2fa/webauthn/",
            "/accounts/2fa/webauthn/add/",
            "/accounts/sessions/",
            "/accounts/password/change/",
        ],
        "validator": ["/validate/", "/validate/month/", "/help/status/"],
        "attendant": [
            "/desk/",
            f"/desk/?q={inside.number}",
            "/desk/?q=ZH",
            f"/desk/stays/{inside.number}/",
            f"/desk/stays/{inside.number}/out/",
            f"/desk/stays/{inside.number}/end/",
            f"/desk/stays/{inside.number}/plate/",
            f"/desk/stays/{paid.number}/refund/",
            "/desk/in/",
            "/desk/open/",
            "/desk/hold/",
            "/desk/lost/",
            "/desk/today/",
            "/manage/documents/?q=ZH",
            "/desk/today/?show=exceptions",
            "/desk/shift/",
            f"/desk/shift/{closed_shift.pk}/",
        ],
        "admin": [
            "/manage/",
            "/manage/reviews/",
            "/manage/stays/",
            f"/manage/stays/{reviewed.number}/",
            f"/manage/stays/end/?stay={reviewed.number}&stay={inside.number}",
            f"/manage/stays/{paid.number}/",
            "/manage/people/",
            f"/manage/people/{Membership.objects.filter(role='attendant').earliest('pk').pk}/",
            "/manage/keys/",
            "/manage/keys/new/",
            f"/manage/keys/{replaced.pk}/",
            f"/manage/keys/{replaced.pk}/roll/",
            f"/manage/keys/{replaced.pk}/withdraw/",
            "/manage/debts/",
            "/manage/payments/",
            f"/manage/payments/{Payment.objects.filter(state='captured').earliest('pk').pk}/",
            "/manage/refunds/",
            "/manage/debts/write-off/?days=0&most=100",
            "/manage/documents/",
            f"/manage/documents/{document.pk}/",
            "/manage/company/",
            "/manage/bookings/",
            f"/manage/bookings/arrivals/?lot={lot.slug}",
            f"/manage/bookings/timeline/?lot={lot.slug}&day={booking.starts_at.date()}",
            f"/manage/bookings/new/?lot={lot.slug}",
            "/manage/bookings/blackouts/",
            f"/manage/bookings/blackouts/new/?lot={lot.slug}",
            f"/manage/bookings/blackouts/{closed.pk}/",
            f"{office}/",
            f"{office}/change/",
            f"{office}/cancel/",
            "/manage/passes/",
            "/manage/passes/new/",
            "/manage/passes/offers/",
            "/manage/passes/offers/new/",
            f"/manage/passes/offers/{month.offer_id}/",
            "/manage/passes/imports/",
            "/manage/passes/companies/",
            "/manage/passes/companies/new/",
            f"/manage/passes/companies/{fleet.company_id}/",
            f"/manage/passes/{fleet.code}/",
            f"/manage/passes/{fleet.code}/change/",
            f"/manage/passes/{month.code}/cancel/",
            "/manage/exceptions/",
            f"/manage/exceptions/no-place/{lost.pk}/",
            f"/manage/exceptions/not-parked/{report.pk}/",
            "/manage/objections/",
            f"/manage/objections/{Objection.objects.get().pk}/",
            "/manage/waivers/",
            "/manage/revenue/",
            "/manage/revenue/lines/",
            "/manage/reports/",
            "/manage/shifts/",
            f"/manage/shifts/{closed_shift.pk}/",
            f"/manage/shifts/{Shift.objects.get(state='open').pk}/",
            f"/manage/debts/{Debt.objects.earliest('pk').pk}/",
            f"/manage/debts/{Debt.objects.earliest('pk').pk}/invoice/",
            "/manage/blocked/",
            f"/manage/blocked/{BlockedPlate.objects.earliest('pk').pk}/",
            "/manage/blocked/imports/",
            "/manage/permits/imports/",
            "/manage/permits/",
            "/manage/events/",
            "/manage/messages/",
            f"/manage/messages/{Message.objects.filter(outcome='bounced').earliest('pk').pk}/",
            "/manage/messages/templates/",
            "/manage/tasks/",
            "/manage/messages/templates/booking_confirmed/",
            "/installation/applications/",
            f"/installation/applications/{waiting.pk}/",
            f"/installation/applications/{declined.pk}/",
            "/manage/lots/",
            "/manage/lots/new/",
            f"{manage}/",
            f"{manage}/settings/",
            f"{manage}/copy/",
            "/manage/start/",
            f"/manage/start/{lot.slug}/",
            f"{manage}/levels/0/",
            f"{manage}/levels/0/layout/",
            f"{manage}/levels/0/use/",
            f"{manage}/levels/0/settings/",
            f"{manage}/levels/0/remove/",
            f"{manage}/zones/{zone.pk}/",
            f"{manage}/spots/{lot.spots.filter(tickets__status=TicketStatus.CLOSED).earliest('pk').pk}/",
            "/manage/gates/",
            "/manage/gates/new/",
            f"/manage/gates/{gate.code}/",
            f"/manage/devices/{gate.devices.earliest('pk').pk}/revoke/",
            "/manage/tariffs/",
            "/manage/tariffs/new/",
            f"/manage/tariffs/new/?lot={lot.slug}&start=airport",
            "/manage/merchants/",
            "/manage/merchants/new/",
            f"/manage/merchants/{film.merchant_id}/",
            f"/manage/merchants/{film.merchant_id}/settings/",
            "/manage/promo-codes/",
            "/manage/vouchers/",
            "/manage/vouchers/new/",
            "/manage/promo-codes/new/",
            f"/manage/tariffs/{lot.tariffs.earliest('pk').pk}/",
            f"/manage/tariffs/{lot.tariffs.earliest('pk').pk}/copy/",
            "/manage/tariffs/drafts/new/",
            f"/manage/tariffs/drafts/{published.pk}/",
            f"/manage/tariffs/drafts/{published.pk}/comparison/",
            f"/manage/tariffs/drafts/{published.pk}/take-back/",
            f"/manage/tariffs/drafts/{draft.pk}/",
            f"/manage/tariffs/drafts/{draft.pk}/edit/",
            f"/manage/tariffs/drafts/{draft.pk}/publish/",
            f"/manage/tariffs/drafts/{draft.pk}/copy/",
            f"/manage/tariffs/drafts/{draft.pk}/discard/",
            f"/manage/tariffs/event-days/{lot.slug}/",
            f"/manage/tariffs/history/{lot.slug}/",
            f"/manage/tariffs/{lot.tariffs.earliest('pk').pk}/edit/",
        ],
    }


def fill_the_lists() -> None:
    """Give a row to the lists that are empty in the demo."""
    lot = Lot.objects.get(slug="city-garage")
    make_blocked_plate(lot.operator, "ZH 667", reason="Three open debts since the summer")
    told = {"recipient": User.objects.get(email=PEOPLE["admin"]).email, "template": "receipt"}
    parked = {"state": "parked", "error": "550 5.1.1 The mailbox of this person is not known here"}
    Message.objects.create(key="parked", created_at=now(), next_attempt_at=now(), **told, **parked)
    event = GateEvent.objects.filter(lot=lot).latest("pk")
    event.pk, event.event_id, event.flags = None, uuid.uuid4(), ["clock", "region_mismatch"]
    event.save(force_insert=True)


class Visits:
    """One browser window per person, all on the demo site."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url

    def open(self, person: str | None, **options: object) -> Page:
        context = self.browser.new_context(**options)
        if person:
            client = Client()
            client.force_login(User.objects.get(email=PEOPLE[person]))
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.url}])
        return context.new_page()


@pytest.fixture
def visits(live_server, browser, settings):
    settings.OPERATORS_MAY_APPLY = True
    load_demo()
    fill_the_lists()
    return Visits(browser, live_server.url)


def test_pages_are_accessible_and_fit_and_the_browser_has_no_complaint(visits, flaws):
    found = {}
    for person, paths in pages().items():
        page = visits.open(person, viewport=PHONE)
        errors: list[str] = []
        page.on("console", lambda message, errors=errors: errors.append(f"{message.type} {message.text}"))
        page.on("pageerror", lambda error, errors=errors: errors.append(f"error {error}"))
        for path in paths:
            page.set_viewport_size(PHONE)
            page.goto(visits.url + path)
            said = [error for error in errors if error.startswith("error") and "404" not in error]
            found[path] = [*said, *flaws(page, [(PHONE, "light"), (DESK, "dark")])]
            errors.clear()  # axe styles the page itself
        page.context.close()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_pages_say_the_same_without_javascript(visits):
    missing = {}
    for person, paths in pages().items():
        page = visits.open(person, java_script_enabled=False, viewport=PHONE)
        for path in paths:
            response = page.goto(visits.url + path)
            expected = 404 if "nowhere/" in path else 200
            words = page.locator("main").inner_text().strip()
            if response.status != expected or len(words) < 20 or "hx-" in words:
                missing[path] = (response.status, words[:80])
        page.context.close()
    assert missing == {}
