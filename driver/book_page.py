"""The page on which a place is booked: the period, what is free then, what it costs, and who comes."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from billing.code_tries import check_code_tries
from billing.models import PaymentState, PromoCode
from billing.providers import cards_are_simulated, pages_take_cards
from billing.services import find_code
from common.errors import DomainError, InvalidValueError
from common.phones import parse_phone
from common.time import truncate
from common.web.client_address import client_network
from common.web.htmx import page_response
from common.web.rate_limits import check_rate
from driver.book_forms import AGAIN, BookForm, PeriodForm, pay_by_of, refuse_at
from driver.book_plan import MOST_SPOTS, day_strip_of, plan_of, twice_shown
from driver.pay_forms import new_key
from lots.access import get_public_lot
from lots.boards import lot_counts
from lots.booking_rules import Prepay
from lots.models import SPOT_LABELS, Lot
from notifications.phone_codes import WrongPhoneCodeError, simulated_text
from notifications.texts import texts_are_simulated
from reservations.booker_phones import GivenPhone, PhoneCodeNeededError
from reservations.booking_links import booking_paid_back, reference_to_pay
from reservations.models import Reservation, ReservationStatus
from reservations.offering import BookingOffer, SpotToAskFor, code_to_book, offer_booking, spots_to_ask_for
from reservations.queries import booked_elsewhere
from reservations.services import BookingWish, PaymentDeclinedError, book, return_from_booking_page

BOOKINGS_PER_MINUTE = 20
PARTS = ("start", "end", *AGAIN, "spot_type", "spot", "promo_code")


@dataclass(frozen=True, slots=True)
class KindOffered:
    """What is offered of one kind of spot, with the address of the page that shows it chosen."""

    label: str
    offer: BookingOffer
    is_chosen: bool
    href: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def book_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a lot offers over a period and what each change of mind would cost, and book it."""
    lot, at = get_public_lot(slug), truncate(now())
    if not lot.bookable:
        messages.info(request, _("%(lot)s can't be booked. Just drive there.") % {"lot": lot.name})
        return redirect("driver:lot", slug)
    given = request.POST if request.method == "POST" else request.GET
    period = PeriodForm(lot, lot_counts(lot).kinds, at, given)
    form = _book_form(request, lot)
    offers = _offers(lot, period, form.vehicle, _code_of(request, lot, period))
    if request.method == "POST":
        return _take(request, lot, period, form, offers)
    context = _context(lot, period, form, offers)
    return page_response(request, "driver/book.html#offer", context, status=422 if period.errors else 200)


@require_safe
@never_cache
def booked_back(request: HttpRequest, key: str) -> HttpResponse:
    """Ask how the payment of a new booking ended whose payer comes back from the provider's page, and show it."""
    booking = booking_paid_back(key)
    return_from_booking_page(booking=booking, gave_up="left" in request.GET, at=truncate(now()))
    return redirect("driver:booking", booking.token)


def payment_page_of(booking: Reservation) -> str:
    """Return the provider's page on which a booking's payer still has to act; empty when there is none."""
    if booking.charge is None:
        return ""
    waiting = booking.charge.payments.filter(state=PaymentState.PENDING).exclude(page_url="")
    return str(waiting.values_list("page_url", flat=True).order_by("-pk").first() or "")


def takes_cards() -> bool:
    """Return whether a card can be taken on our pages or the provider's."""
    return cards_are_simulated() or pages_take_cards()


def _take(
    request: HttpRequest, lot: Lot, period: PeriodForm, form: BookForm, offers: list[KindOffered]
) -> HttpResponse:
    """Book what was typed; a refusal is shown at its field, with all that was typed."""
    status = 422
    chosen = next((one.offer for one in offers if one.is_chosen), None)
    if form.is_valid() and chosen is not None and not period.errors:
        if chosen.price.total > form.cleaned_data["amount"]:
            form.add_error(None, _("The price went up while you were looking at it. Please check it and book again."))
        else:
            try:
                return _book(request, lot, period, form)
            except DomainError as error:
                status = error.status
                if isinstance(error, PaymentDeclinedError):
                    form.ask_card()
                if isinstance(error, PhoneCodeNeededError | WrongPhoneCodeError):
                    form.ask_code()
                refuse_at((period, form), error)
    form.data = request.POST.copy()
    form.data["key"] = new_key()
    return render(request, "driver/book.html", _context(lot, period, form, offers), status=status)


def _book(request: HttpRequest, lot: Lot, period: PeriodForm, form: BookForm) -> HttpResponse:
    check_rate("booking", client_network(request), per_minute=BOOKINGS_PER_MINUTE)
    given, wanted, driver = form.cleaned_data, period.cleaned_data, signed_in(request)
    assert period.time is not None  # noqa: S101 - of a valid form
    key = f"page-{given['key']}"
    back = request.build_absolute_uri(reverse("driver:booked_back", args=[reference_to_pay(key)]))
    booking = book(
        lot=lot,
        wish=BookingWish(
            time=period.time,
            plate=given["plate"],
            spot_type=wanted["spot_type"],
            spot=wanted.get("spot", ""),
            vehicle_type=given["vehicle_type"],
            promo_code=wanted["promo_code"],
        ),
        driver=driver,
        email=given.get("email", ""),
        idempotency_key=key,
        pay_by=pay_by_of(given.get("payment", ""), driver, back),
        phone=GivenPhone(number=given.get("phone", ""), code=given.get("phone_code", "")),
        at=period.at,
    )
    for other in booked_elsewhere(booking, Reservation.objects.filter(driver=driver)) if driver else ():
        said = _("%(plate)s is booked at %(lot)s at this time, too. Cancel the one that you don't need.")
        messages.warning(request, said % {"plate": other.plate, "lot": other.lot.name})
    page = payment_page_of(booking) if booking.status == ReservationStatus.PENDING else ""
    return redirect(page or reverse("driver:booking", args=[booking.token]))


def _book_form(request: HttpRequest, lot: Lot) -> BookForm:
    asks_card = lot.prepay != Prepay.NONE or "payment" in request.POST
    data = request.POST if request.method == "POST" else None
    asked = {"asks_card": asks_card, "asks_phone": lot.asks_phone}
    return BookForm(data, driver=signed_in(request), **asked, initial={"key": new_key()})


def _code_of(request: HttpRequest, lot: Lot, period: PeriodForm) -> PromoCode | None:
    """Return the promo code that was typed; what is wrong with it is shown at its field, beside the price without."""
    typed = str(period.cleaned_data["promo_code"]) if period.is_valid() else ""
    # Whether a use is left is decided with the booking, which may have taken the last one when the form came before.
    look = find_code if request.method == "POST" else code_to_book
    try:
        check_code_tries(request, typed)
        return look(lot, typed, at=period.at) if typed else None
    except DomainError as error:
        refuse_at((period,), InvalidValueError(error.message, path="promo_code"))
        return None


def _offers(lot: Lot, period: PeriodForm, vehicle: str, code: PromoCode | None) -> list[KindOffered]:
    """Return what is offered of each kind over the period; what refuses the chosen one is shown in the form."""
    if period.time is None or "spot_type" not in period.cleaned_data:
        return []
    found, chosen = [], period.cleaned_data["spot_type"]
    for kind, label in period.fields["spot_type"].choices:  # type: ignore[attr-defined]
        try:
            offer = offer_booking(lot, kind, period.time, at=period.at, vehicle_type=vehicle, code=code)
        except DomainError as error:
            if kind == chosen:
                refuse_at((period,), error)
            continue
        address = reverse("driver:book", args=[lot.slug])
        query = urlencode(_typed(period) | {"spot_type": kind, "spot": ""})
        found.append(KindOffered(str(label), offer, kind == chosen, f"{address}?{query}"))
    return found


def _typed(period: PeriodForm) -> dict[str, Any]:
    return {name: period.data[name] for name in PARTS}


def _spots(lot: Lot, period: PeriodForm) -> list[SpotToAskFor]:
    """Return the spots of the chosen kind; one that was asked for and is not free is refused in the form."""
    if not period.time or period.errors or not lot.counts_spots:
        return []
    wanted = period.cleaned_data
    asked, kind = wanted["spot"], wanted["spot_type"]
    spots = spots_to_ask_for(lot, kind, period.time, at=period.at, also=asked)
    if asked and not any(spot.is_free and spot.number == asked for spot in spots):
        message = _("No spot %(spot)s of the kind “%(kind)s” is free for all of this time.")
        values = {"spot": asked, "kind": SPOT_LABELS[kind]}
        refuse_at((period,), InvalidValueError(message % values, path="spot"))
    return spots


def _context(lot: Lot, period: PeriodForm, form: BookForm, offers: list[KindOffered]) -> dict[str, Any]:
    spots = _spots(lot, period)
    on_plan = len(spots) <= MOST_SPOTS
    chosen = next((one.offer for one in offers if one.is_chosen), None)
    typed = _typed(period)
    if on_plan:
        del typed["spot"]  # it is chosen on the plan, as part of the booking
    return {
        "lot": lot,
        "period": period,
        "form": form,
        "offers": offers,
        "chosen": chosen,
        "length": period.time.end - period.time.start if period.time else None,
        "plan": plan_of(spots, period) if on_plan else [],
        "has_plan": on_plan,
        "strip": day_strip_of(lot, period),
        "twice": twice_shown(lot, period),
        "typed": typed.items(),
        "simulated_text": _simulated_text(form),
        "asks_card": form.asks_card and bool(chosen and chosen.price.total),
        "takes_cards": takes_cards(),
        "at": period.at,
    }


def _simulated_text(form: BookForm) -> str:
    """Return the text that would have reached the phone, once its code is asked for."""
    phone = form["phone"].value() if "phone_code" in form.fields and texts_are_simulated() else ""
    try:
        return simulated_text(parse_phone(phone)) if phone else ""
    except DomainError:
        return ""
