"""Writes to people: members of operators, vehicles, permits and the blocklist."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.api_keys import withdraw_keys_of
from accounts.models import BlockedPlate, Membership, Operator, OperatorLogo, Permit, Role, User, Vehicle
from common.errors import ConflictError, DomainError, FieldError
from common.plates import as_typed, normalise
from common.regions import is_within, region_key

MOST_VEHICLES = 20


def create_operator(*, slug: str, values: Mapping[str, Any]) -> Operator:
    """Make an operator from what is given by field name."""
    return Operator.objects.create(slug=slug, **values)


def change_operator(*, operator: Operator, values: Mapping[str, Any]) -> Operator:
    """Change the fields named in `values`."""
    for name, value in values.items():
        setattr(operator, name, value)
    operator.save(update_fields=list(values))
    return operator


def set_logo(*, operator: Operator, logo: tuple[bytes, str] | None) -> None:
    """Set the picture on an operator's documents, with its media type; None removes it."""
    if logo is None:
        OperatorLogo.objects.filter(operator=operator).delete()
        return
    image, media_type = logo
    OperatorLogo.objects.update_or_create(operator=operator, defaults={"image": image, "media_type": media_type})


def set_waiver_limits(*, operator: Operator, largest: int | None, a_day: int | None) -> Operator:
    """Set what an attendant may waive at once and in a day (None: any), in minor units of the operator's currency."""
    operator.waiver_limit, operator.waiver_day_limit = largest, a_day
    operator.save(update_fields=["waiver_limit", "waiver_day_limit"])
    return operator


def set_refund_limit(*, operator: Operator, largest: int | None) -> Operator:
    """Set what one person may refund of a stay (None: any), in minor units of the operator's currency."""
    operator.refund_limit = largest
    operator.save(update_fields=["refund_limit"])
    return operator


def set_debt_rules(*, operator: Operator, fee: int, cap: int | None, consequence: str) -> Operator:
    """Set what a reminder of a debt costs, how much all of one debt at most, and what three open debts lead to.

    Amounts are in the operator's minor units. The `consequence` (`DebtConsequence`) holds for all plates from now on.
    """
    operator.debt_reminder_fee, operator.debt_fee_cap, operator.debt_consequence = fee, cap, consequence
    operator.save(update_fields=["debt_reminder_fee", "debt_fee_cap", "debt_consequence"])
    return operator


def set_till_tolerance(*, operator: Operator, tolerance: int) -> Operator:
    """Set how far a till may be over or short without a note, in minor units of the operator's currency."""
    operator.till_tolerance = tolerance
    operator.save(update_fields=["till_tolerance"])
    return operator


def rename_person(*, person: User, name: str) -> User:
    """Set what a person is called."""
    person.name = name
    person.save(update_fields=["name"])
    return person


class UnreadablePlateError(DomainError):
    """The text has no letters or digits, or cameras send it for every car without a plate."""

    code = "unreadable_plate"


class VehicleExistsError(ConflictError):
    """The driver has this vehicle already."""

    code = "vehicle_exists"


class TooManyVehiclesError(ConflictError):
    """The driver has as many vehicles as one person may have."""

    code = "too_many_vehicles"


class PermitEndsBeforeStartError(DomainError):
    """The permit's last day is before its first."""

    code = "permit_ends_before_start"


class LastAdminError(ConflictError):
    """An operator keeps at least one admin."""

    code = "last_admin"


@transaction.atomic
def change_role(*, membership: Membership, role: str, at: dt.datetime) -> Membership:
    """Change a member's role; who is no admin any more has no API keys. Idempotent.

    Raises LastAdminError for the last admin.
    """
    membership = _locked(membership)
    if role != Role.ADMIN:
        _keep_an_admin(membership)
        withdraw_keys_of(person=membership.user, operator=membership.operator, at=at)
    membership.role = Role(role)
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, at: dt.datetime) -> None:
    """Remove a membership, and end the person's API keys there; records keep the name. Idempotent.

    Raises LastAdminError.
    """
    if not Membership.objects.filter(pk=membership.pk).exists():
        return
    membership = _locked(membership)
    _keep_an_admin(membership)
    withdraw_keys_of(person=membership.user, operator=membership.operator, at=at)
    membership.delete()


@transaction.atomic
def add_vehicle(*, owner: User, plate: str, vehicle_type: str, electric: bool, at: dt.datetime) -> Vehicle:
    """Add a driver's vehicle.

    Raises PlateError, UnreadablePlateError, VehicleExistsError or TooManyVehiclesError.
    """
    normalised = _normalised(plate)
    owner = User.objects.select_for_update().get(pk=owner.pk)
    _refuse_second(owner.vehicles.filter(plate_normalised=normalised))
    if owner.vehicles.count() >= MOST_VEHICLES:
        raise TooManyVehiclesError(
            _("You have %(count)s vehicles. Remove one that you no longer drive first.") % {"count": MOST_VEHICLES}
        )
    return Vehicle.objects.create(
        owner=owner,
        plate=as_typed(plate),
        plate_normalised=normalised,
        vehicle_type=vehicle_type,
        electric=electric,
        added_at=at,
    )


@transaction.atomic
def change_vehicle(*, vehicle: Vehicle, plate: str, vehicle_type: str, electric: bool, at: dt.datetime) -> Vehicle:
    """Change a driver's vehicle; with another plate it counts as added `at`.

    Raises PlateError, UnreadablePlateError or VehicleExistsError.
    """
    normalised = _normalised(plate)
    User.objects.select_for_update().get(pk=vehicle.owner_id)
    _refuse_second(Vehicle.objects.filter(owner=vehicle.owner_id, plate_normalised=normalised).exclude(pk=vehicle.pk))
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle.pk)
    if vehicle.plate_normalised != normalised:
        vehicle.added_at = at
    vehicle.plate, vehicle.plate_normalised = as_typed(plate), normalised
    vehicle.vehicle_type, vehicle.electric = vehicle_type, electric
    vehicle.save(update_fields=["plate", "plate_normalised", "vehicle_type", "electric", "added_at"])
    return vehicle


@transaction.atomic
def remove_vehicle(*, vehicle: Vehicle) -> None:
    """Delete a vehicle; its stays keep their plate. Idempotent."""
    Vehicle.objects.filter(pk=vehicle.pk).delete()


@transaction.atomic
def grant_permit(
    *, operator: Operator, plate: str, valid_from: dt.date, valid_until: dt.date | None = None, number: str = ""
) -> Permit:
    """Register a handicap permit, first and last day included.

    Raises PlateError, UnreadablePlateError or PermitEndsBeforeStartError.
    """
    if valid_until is not None and valid_until < valid_from:
        message = _("The last day is before the first.")
        raise PermitEndsBeforeStartError(message, errors=[FieldError("valid_until", message)])
    return Permit.objects.create(
        operator=operator,
        plate=as_typed(plate),
        plate_normalised=_normalised(plate),
        number=number,
        valid_from=valid_from,
        valid_until=valid_until,
    )


@transaction.atomic
def end_permit(*, permit: Permit, last_day: dt.date) -> Permit:
    """End a permit with `last_day`, or its first day if that is later; an earlier end stays."""
    permit = Permit.objects.select_for_update().get(pk=permit.pk)
    last_day = max(last_day, permit.valid_from)
    if permit.valid_until is None or permit.valid_until > last_day:
        permit.valid_until = last_day
        permit.save(update_fields=["valid_until"])
    return permit


@transaction.atomic
def block_plate(  # noqa: PLR0913 - the facts of one row
    *, operator: Operator, plate: str, region: str = "", reason: str, at: dt.datetime, by: User | None = None
) -> BlockedPlate:
    """Block a plate at an operator's lots, or only that of a region; a blocked plate keeps its first reason.

    One that open debts have blocked is blocked apart from them, so paying does not lift this. Raises PlateError, and
    UnreadablePlateError also for what cameras send for a car without a plate.
    """
    normalised = _normalised(plate)
    if normalised in settings.NO_PLATE_WORDS["camera"]:
        message = _("Cameras send this for every car without a plate, so a block would stop nobody.")
        raise UnreadablePlateError(message, errors=[FieldError("plate", message)])
    Operator.objects.select_for_update().get(pk=operator.pk)
    key = region_key(region)
    in_force = operator.blocked_plates.in_force().filter(plate_normalised=normalised, for_debts=False)
    blocked = next((one for one in in_force if is_within(key, one.region)), None)
    return blocked or BlockedPlate.objects.create(
        operator=operator,
        plate=as_typed(plate),
        plate_normalised=normalised,
        region=key,
        reason=reason,
        blocked_at=at,
        blocked_by=by,
    )


def add_block(*, block: BlockedPlate) -> None:
    """Insert a block that was made without a person; a plate that is blocked stays as it is."""
    BlockedPlate.objects.bulk_create([block], ignore_conflicts=True)


def lift_debt_blocks(*, operator_id: int, plate: str, at: dt.datetime, except_of: Collection[str] = ()) -> None:
    """Lift the blocks that open debts of a normalised plate have led to; `except_of` these regions' keys."""
    blocks = BlockedPlate.objects.in_force().filter(operator=operator_id, plate_normalised=plate, for_debts=True)
    blocks.exclude(region__in=except_of).update(lifted_at=at)


@transaction.atomic
def lift_block(*, blocked: BlockedPlate, at: dt.datetime) -> BlockedPlate:
    """Lift a block. Idempotent: the first time stays."""
    BlockedPlate.objects.filter(pk=blocked.pk, lifted_at=None).update(lifted_at=at)
    blocked.refresh_from_db()
    return blocked


def _locked(membership: Membership) -> Membership:
    """Reload a membership under the operator's lock, so that two last admins can't leave at once."""
    Operator.objects.select_for_update().get(pk=membership.operator_id)
    return Membership.objects.select_related("user", "operator").get(pk=membership.pk)


def _keep_an_admin(membership: Membership) -> None:
    admins = Membership.objects.filter(operator=membership.operator_id, role=Role.ADMIN)
    if membership.role == Role.ADMIN and not admins.exclude(pk=membership.pk).exists():
        raise LastAdminError(_("This is the last admin. Make somebody else an admin first."))


def _refuse_second(same: QuerySet[Vehicle]) -> None:
    if same.exists():
        message = _("You have this vehicle already.")
        raise VehicleExistsError(message, errors=[FieldError("plate", message)])


def _normalised(plate: str) -> str:
    normalised = normalise(plate)
    if normalised is None:
        message = _("Enter the letters and digits of the plate.")
        raise UnreadablePlateError(message, errors=[FieldError("plate", message)])
    return normalised
