"""Writes to permits."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Operator, Permit, PermitKind
from accounts.readable_plates import normalised_plate
from common.errors import DomainError, FieldError
from common.plates import as_typed


class PermitEndsBeforeStartError(DomainError):
    """The permit's last day is before its first."""

    code = "permit_ends_before_start"


@transaction.atomic
def grant_permit(  # noqa: PLR0913 - the facts of one row
    *,
    operator: Operator,
    plate: str,
    valid_from: dt.date,
    valid_until: dt.date | None = None,
    number: str = "",
    kind: str = PermitKind.ACCESSIBLE,
) -> Permit:
    """Register a permit, first and last day included.

    Raises PlateError, UnreadablePlateError or PermitEndsBeforeStartError.
    """
    _refuse_wrong_days(valid_from, valid_until)
    return Permit.objects.create(
        operator=operator,
        kind=PermitKind(kind),
        plate=as_typed(plate),
        plate_normalised=normalised_plate(plate),
        number=number,
        valid_from=valid_from,
        valid_until=valid_until,
    )


@transaction.atomic
def change_last_day(*, permit: Permit, last_day: dt.date | None) -> Permit:
    """Change the last day of a permit (None: it stays valid). Raises PermitEndsBeforeStartError."""
    permit = Permit.objects.select_for_update().get(pk=permit.pk)
    _refuse_wrong_days(permit.valid_from, last_day)
    permit.valid_until = last_day
    permit.save(update_fields=["valid_until"])
    return permit


@transaction.atomic
def end_permit(*, permit: Permit, last_day: dt.date) -> Permit:
    """End a permit with `last_day`, or its first day if that is later; an earlier end stays."""
    permit = Permit.objects.select_for_update().get(pk=permit.pk)
    last_day = max(last_day, permit.valid_from)
    if permit.valid_until is None or permit.valid_until > last_day:
        permit.valid_until = last_day
        permit.save(update_fields=["valid_until"])
    return permit


def _refuse_wrong_days(first: dt.date, last: dt.date | None) -> None:
    if last is not None and last < first:
        message = _("The last day is before the first.")
        raise PermitEndsBeforeStartError(message, errors=[FieldError("valid_until", message)])
