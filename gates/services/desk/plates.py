"""The plate of a stay, corrected by a person: then its car is treated as if it had come in with this plate."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.vehicles import VehicleType
from common.errors import ConflictError, FieldError, InvalidValueError
from common.plates import as_typed, normalise, skeleton
from common.regions import regions_meet
from gates.decision import (
    Booking,
    Context,
    Direction,
    HeldPass,
    Lane,
    LotPolicy,
    OpenStay,
    PlateRead,
    booking_of,
    has_just_left,
    passes_of_car,
)
from gates.reads import Entitlement, Renaming, passes_of_plate, rename_stay
from gates.services.desk.acts import ActConflictError
from lots.compatibility import VehicleProfile
from lots.services import lock_lot
from reservations.models import EXPECTED, Reservation, ReservationStatus
from reservations.services import expect_again, is_promised
from tickets.models import PlateCorrection, Ticket, TicketStatus
from tickets.queries import stays_inside, with_fee_parts
from tickets.services import TicketStateError, lock_stay, plate_region_of, require_as_seen


class PlateInsideError(ConflictError):
    """Another open stay of the lot has the plate."""

    code = "plate_inside"


@transaction.atomic
def correct_plate(  # noqa: PLR0913 - who, what, when and why
    *, ticket: Ticket, plate: str, by: User, at: datetime, key: UUID, why: str = "", seen: str = ""
) -> Ticket:
    """Give a stay that is open or in review the plate that its car really has; both spellings stay in its history.

    It is matched again as at the entry: to the plate's booking, and for the grace that nobody gets twice; its fee
    follows. What was paid stays paid. A booking that it had by a wrong plate waits for its driver again. Idempotent by
    the key; the plate that it has already changes nothing. `seen` is the state that the person's page showed.

    Raises StayChangedError (409) when it has changed since, PlateError, InvalidValueError for a text without a plate,
    PlateInsideError (409) naming the other stay, TicketStateError (409) and ActConflictError (409).
    """
    normalised = normalise(plate)
    if normalised is None:
        raise InvalidValueError(_("Type the plate as it is on the car."), path="plate")
    lock_lot(ticket.lot_id)
    passes = passes_of_plate(ticket.lot, normalised, ticket.entry_at)
    stay = lock_stay(ticket)
    ticket = stay.ticket
    earlier = PlateCorrection.objects.filter(key=key).first()
    if earlier is not None and earlier.ticket_id != ticket.pk:
        raise ActConflictError(_("This form was sent before for another stay. Please start again."))
    if earlier is None and ticket.plate != as_typed(plate):
        require_as_seen(ticket, seen)
        _require_correctable(ticket, normalised)
        _rename(
            ticket,
            Renaming(
                ticket_id=ticket.pk,
                plate=as_typed(plate),
                normalised=normalised,
                at=at,
                why=why.strip(),
                by_id=by.pk,
                key=key,
            ),
            passes,
        )
    return with_fee_parts().get(pk=ticket.pk)


def _require_correctable(ticket: Ticket, normalised: str) -> None:
    if not ticket.is_open and ticket.status != TicketStatus.REVIEW:
        raise TicketStateError(_("Ticket %(number)s is not inside any more.") % {"number": ticket.number})
    inside = stays_inside(ticket.lot_id, normalised, ticket.plate_region)
    other = next((stay for stay in inside if stay.pk != ticket.pk), None)
    if other is not None:
        message = _(
            "%(plate)s is inside already with ticket %(number)s. Take that stay, or correct its plate first."
        ) % {
            "plate": other.plate,
            "number": other.number,
        }
        raise PlateInsideError(message, errors=[FieldError("plate", message)])


def _rename(ticket: Ticket, renaming: Renaming, passes: tuple[HeldPass, ...]) -> None:
    entitled = _entitlement(ticket, renaming.normalised, passes)
    if ticket.reservation_id not in {None, entitled.reservation_id}:
        expect_again(reservation_id=ticket.reservation_id)
    rename_stay(ticket, renaming, entitled)


def _entitlement(ticket: Ticket, plate: str, passes: tuple[HeldPass, ...]) -> Entitlement:
    """Return what the plate would have got at the stay's entry."""
    left_at = _left_before(ticket, plate)
    no_grace = has_just_left(left_at, at=ticket.entry_at, reentry_minutes=ticket.lot.reentry_minutes)
    booking = _booking(ticket, plate)
    if booking is None:
        return Entitlement(no_grace=no_grace, pass_id=_pass(ticket, plate, passes))
    if booking.pk == ticket.reservation_id:
        return Entitlement(no_grace=no_grace, reservation_id=booking.pk)
    stands = ticket.is_open and (ticket.spot_id is None or not is_promised(spot_id=ticket.spot_id, for_booking=booking))
    place = ticket if stands else booking
    return Entitlement(no_grace=no_grace, reservation_id=booking.pk, spot_id=place.spot_id, level_id=place.level_id)


def _pass(ticket: Ticket, plate: str, passes: tuple[HeldPass, ...]) -> int | None:
    """Return the pass that a car with this plate has at the stay's entry, if there is room on it; its own one has."""
    vehicle = VehicleProfile(VehicleType(ticket.vehicle_type), electric=ticket.electric, permit=ticket.permit)
    read = PlateRead(plate=plate, region=ticket.region or None, vehicle=vehicle)
    policy = LotPolicy(plates_by_region=ticket.lot.plates_by_region)
    context = Context(lane=Lane(code="", direction=Direction.ENTRY), now=ticket.entry_at, policy=policy, passes=passes)
    stay = OpenStay(
        ticket_id=ticket.pk,
        number=ticket.number,
        plate=ticket.plate_normalised,
        entered_at=ticket.entry_at,
        entry_gate="",
        pass_id=ticket.held_pass_id if ticket.is_open else None,
    )
    held = passes_of_car(read, context, stay)[0]
    return held.pass_id if held else None


def _left_before(ticket: Ticket, plate: str) -> datetime | None:
    """Return when a car with this plate, of the stay's region where the lot tells cars by it, had last left."""
    region = plate_region_of(ticket.lot, ticket.region)
    left = Ticket.objects.filter(lot_id=ticket.lot_id, plate_normalised=plate, status=TicketStatus.CLOSED)
    exits = left.filter(exit_at__lte=ticket.entry_at).order_by("-exit_at").values_list("exit_at", "region")
    return next((at for at, other in exits.iterator() if regions_meet(region, other)), None)


def _booking(ticket: Ticket, plate: str) -> Reservation | None:
    """Return the booking that a car with this plate has at the stay's entry; its own one counts as still expected."""
    lot = ticket.lot
    expected = Q(status__in=EXPECTED, starts_at__lte=ticket.entry_at + timedelta(minutes=lot.early_minutes))
    alike = Reservation.objects.filter(expected | Q(pk=ticket.reservation_id), lot_id=lot.pk)
    rows = {row.pk: row for row in alike.filter(plate_skeleton=skeleton(plate), ends_at__gt=ticket.entry_at)}
    bookings = [
        Booking(
            reservation_id=row.pk,
            plate=row.plate_normalised,
            start=row.starts_at,
            end=row.ends_at,
            no_show=row.status == ReservationStatus.NO_SHOW,
        )
        for row in rows.values()
    ]
    found = booking_of(plate, bookings, at=ticket.entry_at, early_minutes=lot.early_minutes)
    return rows[found.reservation_id] if found else None
