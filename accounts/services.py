"""Writes to operators, their members, and vehicles."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.api_keys import withdraw_keys_of
from accounts.models import Membership, Operator, OperatorLogo, Role, User, Vehicle
from accounts.readable_plates import normalised_plate
from common.errors import ConflictError, FieldError, InvalidValueError
from common.plates import as_typed

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


class VehicleExistsError(ConflictError):
    """The driver has this vehicle already."""

    code = "vehicle_exists"


class TooManyVehiclesError(ConflictError):
    """The driver has as many vehicles as one person may have."""

    code = "too_many_vehicles"


class LastAdminError(ConflictError):
    """An operator keeps at least one admin of all its lots."""

    code = "last_admin"


@transaction.atomic
def change_role(
    *, membership: Membership, role: str, at: dt.datetime, lot_ids: Sequence[int] | None = None
) -> Membership:
    """Change a member's role and the lots at which it holds (None: at all). Idempotent.

    Who is no admin of the operator as a whole any more has no API keys. `lot_ids` are lots of the operator, as the
    caller has seen. Raises LastAdminError for the last admin of the operator as a whole, InvalidValueError without a
    lot.
    """
    if lot_ids is not None and not lot_ids:
        raise InvalidValueError(_("Choose at least one lot."), path="lots")
    membership = _locked(membership)
    if role != Role.ADMIN or lot_ids is not None:
        _keep_an_admin(membership)
        withdraw_keys_of(person=membership.user, operator=membership.operator, at=at)
    membership.role, membership.lot_ids = Role(role), None if lot_ids is None else sorted(lot_ids)
    membership.save(update_fields=["role", "lot_ids"])
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
    normalised = normalised_plate(plate)
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
    normalised = normalised_plate(plate)
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


def _locked(membership: Membership) -> Membership:
    """Reload a membership under the operator's lock, so that two last admins can't leave at once."""
    Operator.objects.select_for_update().get(pk=membership.operator_id)
    return Membership.objects.select_related("user", "operator").get(pk=membership.pk)


def _keep_an_admin(membership: Membership) -> None:
    is_admin = membership.role == Role.ADMIN and membership.lot_ids is None
    admins = Membership.objects.filter(operator=membership.operator_id, role=Role.ADMIN, lot_ids=None)
    if is_admin and not admins.exclude(pk=membership.pk).exists():
        raise LastAdminError(_("This is the last admin. Make somebody else an admin first."))


def _refuse_second(same: QuerySet[Vehicle]) -> None:
    if same.exists():
        message = _("You have this vehicle already.")
        raise VehicleExistsError(message, errors=[FieldError("plate", message)])
