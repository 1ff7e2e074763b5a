"""API endpoints for bookings: quote, book, list, change, cancel."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.models import User
from api.auth import people_auth, person_of
from api.booking_answers import booking_json, offer_json, warnings_json, with_answer_parts
from api.booking_examples import BOOK, BOOKING, BOOKINGS, CANCEL_BOOKING, CHANGE_BOOKING, NOT_PARKED, QUOTE_BOOKING
from api.booking_schemas import (
    BookingChangeIn,
    BookingIn,
    BookingOut,
    BookingQuoteIn,
    BookingQuoteOut,
    BookingsOut,
    BookingsQuery,
    CardIn,
    ChangedBookingOut,
    MadeBookingOut,
    ReportedBookingOut,
)
from api.idempotency import IdempotencyKey, stored_key
from api.page_numbers import paged
from api.paying_by_card import pay_by_card
from billing.code_tries import check_code_tries
from billing.models import PaymentState
from billing.providers import pages_take_cards
from common.errors import DomainError, FieldError, InvalidValueError
from common.plates import normalise
from common.time import parse_instant, truncate
from gates.services import report_not_parked
from reservations.access import bookings_visible_to, load_booking, load_lot_to_book
from reservations.booked_time import BookedTime
from reservations.booker_phones import GivenPhone
from reservations.booking_links import reference_to_pay
from reservations.models import Reservation, ReservationQuerySet, ReservationStatus
from reservations.offering import code_to_book, offer_booking
from reservations.services import (
    BookingChange,
    BookingWish,
    ChangedBooking,
    PaymentDeclinedError,
    book,
    cancel_booking,
    change_booking,
    preview_change,
)

router = Router(tags=["People"], auth=people_auth)


class PaymentNeededError(DomainError):
    """What was asked for has to be paid now, and no card was sent."""

    code = "payment_required"
    status = 402


@router.post(
    "/reservations/quote",
    response=BookingQuoteOut,
    auth=None,
    tags=["Public"],
    summary="What a booking would cost",
    openapi_extra=QUOTE_BOOKING,
)
def quote_booking(request: HttpRequest, body: BookingQuoteIn) -> dict[str, Any]:
    """Say how many places are free for all of a period, what one costs and what each change of mind would cost."""
    lot, at = load_lot_to_book(request.user, body.lot, for_caller=False), truncate(now())
    check_code_tries(request, body.promo_code)
    code = code_to_book(lot, body.promo_code, at=at) if body.promo_code else None
    offer = offer_booking(lot, body.spot_type, _time(body), at=at, vehicle_type=body.vehicle_type, code=code)
    return offer_json(offer, lot)


@router.post(
    "/reservations", response={201: MadeBookingOut, 202: MadeBookingOut}, summary="Book a place", openapi_extra=BOOK
)
def post_booking(
    request: HttpRequest,
    body: BookingIn,
    idempotency_key: IdempotencyKey = "",
) -> Status[dict[str, Any]]:
    """Book a place for yourself or, where you work, with `driver` null for a caller.

    Answers 202 while the payment is pending; 402 when the card was declined, and 409 `no_availability` when nothing is
    free all that time: then nothing is booked. The same `Idempotency-Key` with the same body books once.
    """
    person = person_of(request)
    is_for_caller = body.is_for_caller or person.is_program
    check_code_tries(request, body.promo_code)
    key = stored_key(person, idempotency_key)
    if key is None and (body.payment or pages_take_cards()):
        key = stored_key(person, secrets.token_urlsafe(24))  # by which the payer comes back from the provider's page
    back = reverse("driver:booked_back", args=[reference_to_pay(key)]) if key else ""
    with _asking_for(body.payment):
        booking = book(
            lot=load_lot_to_book(person, body.lot, for_caller=is_for_caller),
            wish=_wish(body),
            at=truncate(now()),
            driver=None if is_for_caller else person,
            email=body.email,
            booked_by=person if is_for_caller else None,
            idempotency_key=key,
            pay_by=pay_by_card(request, body.payment, back),
            phone=GivenPhone(number=body.phone, code=body.phone_code),
        )
    answer = _shown(request, booking) | {"warnings": warnings_json(booking, person)}
    return Status(202 if booking.status == ReservationStatus.PENDING else 201, answer)


@router.get("/reservations", response=BookingsOut, summary="List bookings", openapi_extra=BOOKINGS)
def get_bookings(request: HttpRequest, query: Query[BookingsQuery]) -> dict[str, Any]:
    """List bookings, the latest start first: your own, and all at the lots you work for.

    `from` and `to` limit the start. Those that lapsed before they were confirmed are listed only with `status=lapsed`.
    """
    found = _filtered(bookings_visible_to(person_of(request)), query)
    answer = paged(with_answer_parts(found).order_by("-starts_at", "-pk"), query.page, query.page_size)
    return answer | {"items": [booking_json(request, booking) for booking in answer["items"]]}


@router.get("/reservations/{int:booking_id}", response=BookingOut, summary="Describe a booking", openapi_extra=BOOKING)
def get_booking(request: HttpRequest, booking_id: int) -> dict[str, Any]:
    """Describe a booking of yours, or of a lot you work for."""
    return booking_json(request, load_booking(person_of(request), booking_id))


@router.patch(
    "/reservations/{int:booking_id}",
    response={200: ChangedBookingOut, 202: ChangedBookingOut},
    summary="Change a booking, or see what that would cost",
    openapi_extra=CHANGE_BOOKING,
)
def patch_booking(
    request: HttpRequest, booking_id: int, body: BookingChangeIn, *, preview: bool = False
) -> Status[dict[str, Any]]:
    """Change period, spot, type or plate in place; with `preview` nothing is changed.

    What a prepaid booking costs more is paid first, by `payment`. Answers 202, and changes nothing, while that is
    pending: send the same again.
    """
    person = person_of(request)
    booking, change = load_booking(person, booking_id), _change(body)
    terms: dict[str, Any] = {"booking": booking, "change": change, "at": truncate(now())}
    terms["by_operator"] = person if booking.driver_id != person.pk else None
    if preview:
        changed = preview_change(**terms)
        return Status(200, booking_json(request, changed.booking) | _differences(changed, person))
    with _asking_for(body.payment):
        back = reverse("driver:changed_back", args=[booking.token])
        changed = change_booking(pay_by=pay_by_card(request, body.payment, back), **terms)
    return Status(202 if _is_pending(changed) else 200, _shown(request, booking) | _differences(changed, person))


@router.delete(
    "/reservations/{int:booking_id}", response=BookingOut, summary="Cancel a booking", openapi_extra=CANCEL_BOOKING
)
def delete_booking(request: HttpRequest, booking_id: int) -> dict[str, Any]:
    """Cancel a booking whose car has not come, and return it with its `fee` and what was `refunded`. Idempotent."""
    person = person_of(request)
    booking = load_booking(person, booking_id)
    by_operator = person if booking.driver_id != person.pk else None
    return _shown(request, cancel_booking(booking=booking, at=truncate(now()), by_operator=by_operator))


@router.post(
    "/reservations/{int:booking_id}/not-parked",
    response=ReportedBookingOut,
    summary="Say that there was no place",
    openapi_extra=NOT_PARKED,
)
def post_not_parked(request: HttpRequest, booking_id: int) -> dict[str, Any]:
    """Say that the car of a booking found no place, and return the booking with what comes of it. Idempotent.

    A car that a lane turned away as all was full, and that did not come in within 15 minutes, gets everything back by
    itself; else a person decides.
    """
    booking = load_booking(person_of(request), booking_id)
    report = report_not_parked(booking=booking, at=truncate(now()))
    return _shown(request, booking) | {"report": report.outcome or "waiting", "turned_away_at": report.turned_away_at}


def _shown(request: HttpRequest, booking: Reservation) -> dict[str, Any]:
    return booking_json(request, with_answer_parts(Reservation.objects.filter(pk=booking.pk)).get())


def _time(body: BookingQuoteIn | BookingIn) -> BookedTime:
    return BookedTime(parse_instant(body.start, path="start"), parse_instant(body.end, path="end"))


def _wish(body: BookingIn) -> BookingWish:
    return BookingWish(
        time=_time(body),
        plate=body.plate,
        spot_type=body.spot_type,
        spot=body.spot or "",
        vehicle_type=body.vehicle_type,
        promo_code=body.promo_code or "",
    )


def _change(body: BookingChangeIn) -> BookingChange:
    given = body.model_fields_set
    return BookingChange(
        start=parse_instant(body.start, path="start") if "start" in given else None,
        end=parse_instant(body.end, path="end") if "end" in given else None,
        spot=(body.spot or "") if "spot" in given else None,
        spot_type=body.spot_type if "spot_type" in given else None,
        plate=body.plate if "plate" in given else None,
    )


def _filtered(bookings: ReservationQuerySet, query: BookingsQuery) -> ReservationQuerySet:
    if query.status and query.status not in ReservationStatus.values:
        statuses = ", ".join(ReservationStatus.values)
        raise InvalidValueError(_("The status must be one of %(statuses)s.") % {"statuses": statuses}, path="status")
    lapsed = ReservationStatus.LAPSED
    found = bookings.filter(status=query.status) if query.status else bookings.exclude(status=lapsed)
    if query.since:
        found = found.filter(starts_at__gte=parse_instant(query.since, path="from"))
    if query.until:
        found = found.filter(starts_at__lt=parse_instant(query.until, path="to"))
    if query.lot:
        found = found.filter(lot__slug=query.lot)
    if query.plate:
        found = found.filter(plate_normalised=normalise(query.plate) or "")
    return found


@contextmanager
def _asking_for(card: CardIn | None) -> Iterator[None]:
    """Ask for a card where none was sent and the price has to be paid now."""
    try:
        yield
    except PaymentDeclinedError as refusal:
        if card is not None:
            raise
        message = _("This has to be paid when it is booked. Send a card.")
        raise PaymentNeededError(message, errors=[FieldError("payment.token", message)]) from refusal


def _differences(changed: ChangedBooking, person: User) -> dict[str, Any]:
    return {"difference": changed.difference, "warnings": warnings_json(changed.booking, person)}


def _is_pending(changed: ChangedBooking) -> bool:
    return changed.payment is not None and changed.payment.state == PaymentState.PENDING
