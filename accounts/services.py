"""Writes to people's vehicles, permits and the blocklist."""

import datetime as dt

from django.db import transaction

from accounts.models import BlockedPlate, Operator, Permit, User, Vehicle
from common.errors import ConflictError, DomainError, FieldError
from common.plates import normalise


class UnreadablePlateError(DomainError):
    """The text holds no letters or digits to know a vehicle by."""

    code = "unreadable_plate"


class VehicleExistsError(ConflictError):
    """The driver has this vehicle already."""

    code = "vehicle_exists"


class PermitEndsBeforeStartError(DomainError):
    """The permit's last day is before its first."""

    code = "permit_ends_before_start"


@transaction.atomic
def add_vehicle(*, owner: User, plate: str, vehicle_type: str, electric: bool, at: dt.datetime) -> Vehicle:
    """Add a driver's vehicle. Raises PlateError, UnreadablePlateError or VehicleExistsError."""
    normalised = _normalised(plate)
    owner = User.objects.select_for_update().get(pk=owner.pk)
    if owner.vehicles.filter(plate_normalised=normalised).exists():
        message = "You have this vehicle already."
        raise VehicleExistsError(message, errors=[FieldError("plate", message)])
    return Vehicle.objects.create(
        owner=owner,
        plate=plate.strip(),
        plate_normalised=normalised,
        vehicle_type=vehicle_type,
        electric=electric,
        added_at=at,
    )


@transaction.atomic
def remove_vehicle(*, vehicle: Vehicle) -> None:
    """Forget a vehicle; its stays keep their plate. Twice is as once."""
    Vehicle.objects.filter(pk=vehicle.pk).delete()


@transaction.atomic
def grant_permit(
    *, operator: Operator, plate: str, valid_from: dt.date, valid_until: dt.date | None = None, number: str = ""
) -> Permit:
    """Register a handicap permit, first and last day included.

    Raises PlateError, UnreadablePlateError or PermitEndsBeforeStartError.
    """
    if valid_until is not None and valid_until < valid_from:
        message = "The last day is before the first."
        raise PermitEndsBeforeStartError(message, errors=[FieldError("valid_until", message)])
    return Permit.objects.create(
        operator=operator,
        plate=plate.strip(),
        plate_normalised=_normalised(plate),
        number=number,
        valid_from=valid_from,
        valid_until=valid_until,
    )


@transaction.atomic
def block_plate(
    *, operator: Operator, plate: str, reason: str, at: dt.datetime, by: User | None = None
) -> BlockedPlate:
    """Keep a plate out of an operator's lots; one that is blocked already stays so with its first reason.

    Raises PlateError or UnreadablePlateError.
    """
    normalised = _normalised(plate)
    Operator.objects.select_for_update().get(pk=operator.pk)
    blocked = operator.blocked_plates.in_force().filter(plate_normalised=normalised).first()
    return blocked or BlockedPlate.objects.create(
        operator=operator,
        plate=plate.strip(),
        plate_normalised=normalised,
        reason=reason,
        blocked_at=at,
        blocked_by=by,
    )


@transaction.atomic
def lift_block(*, blocked: BlockedPlate, at: dt.datetime) -> BlockedPlate:
    """Let a blocked plate in again; twice keeps the first time."""
    BlockedPlate.objects.filter(pk=blocked.pk, lifted_at=None).update(lifted_at=at)
    blocked.refresh_from_db()
    return blocked


def _normalised(plate: str) -> str:
    normalised = normalise(plate)
    if normalised is None:
        message = "Give the letters and digits of the plate."
        raise UnreadablePlateError(message, errors=[FieldError("plate", message)])
    return normalised
