"""Writes to the blocklist: plates that an operator does not let in, at all lots or some, until a day or for good."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import BlockedPlate, Operator, User
from accounts.readable_plates import UnreadablePlateError, normalised_plate
from common.errors import ConflictError, FieldError, InvalidValueError
from common.plates import as_typed
from common.regions import is_within, region_key


@dataclass(frozen=True, slots=True)
class BlockTerms:
    """Why a plate is blocked, until which day (None: until it is lifted) and at which lots (None: at all)."""

    reason: str
    last_day: dt.date | None = None
    lot_ids: Sequence[int] | None = None

    @property
    def columns(self) -> dict[str, object]:
        """Return the terms by the columns in which they are stored."""
        lots = None if self.lot_ids is None else sorted(self.lot_ids)
        return {"reason": " ".join(self.reason.split()), "last_day": self.last_day, "lot_ids": lots}


class BlockStandsError(ConflictError):
    """The plate is blocked already, on other terms."""

    code = "block_stands"


class BlockLiftedError(ConflictError):
    """The block was lifted meanwhile, or open debts have led to it."""

    code = "block_lifted"


@transaction.atomic
def block_plate(  # noqa: PLR0913 - the facts of one row
    *,
    operator: Operator,
    plate: str,
    region: str = "",
    terms: BlockTerms,
    today: dt.date,
    at: dt.datetime,
    by: User | None = None,
) -> BlockedPlate:
    """Block a plate, or only that of a region. Idempotent: one that is blocked on the same terms stays.

    One that open debts have blocked is blocked apart from them, so paying does not lift this. A block whose last day
    is over makes room; `today` is that of the lots' clocks. Raises PlateError, UnreadablePlateError also for what
    cameras send for a car without a plate, InvalidValueError, and BlockStandsError for a plate that is blocked on
    other terms.
    """
    normalised = normalised_plate(plate)
    if normalised in settings.NO_PLATE_WORDS["camera"]:
        message = _("Cameras send this for every car without a plate, so a block would stop nobody.")
        raise UnreadablePlateError(message, errors=[FieldError("plate", message)])
    _check(terms, today)
    Operator.objects.select_for_update().get(pk=operator.pk)
    key = region_key(region)
    own = operator.blocked_plates.in_force().filter(plate_normalised=normalised, for_debts=False)
    own.filter(last_day__lt=today).update(lifted_at=at)
    standing = next((one for one in own if is_within(key, one.region)), None)
    if standing is None:
        return BlockedPlate.objects.create(
            operator=operator,
            plate=as_typed(plate),
            plate_normalised=normalised,
            region=key,
            blocked_at=at,
            blocked_by=by,
            **terms.columns,
        )
    if standing.last_day != terms.last_day or standing.lot_ids != terms.columns["lot_ids"]:
        message = _("%(plate)s is blocked already. Change that block instead.") % {"plate": standing.plate}
        raise BlockStandsError(message, errors=[FieldError("plate", message)])
    return standing


@transaction.atomic
def change_block(*, blocked: BlockedPlate, terms: BlockTerms, today: dt.date) -> BlockedPlate:
    """Change why, until when and where a plate is blocked. Raises InvalidValueError, BlockLiftedError."""
    _check(terms, today)
    row = BlockedPlate.objects.in_force().select_for_update(of=("self",)).filter(pk=blocked.pk, for_debts=False).first()
    if row is None:
        raise BlockLiftedError(_("This block was lifted meanwhile."))
    for name, value in terms.columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(terms.columns))
    return row


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


def _check(terms: BlockTerms, today: dt.date) -> None:
    if not terms.reason.strip():
        raise InvalidValueError(_("Say why in a few words."), path="reason")
    if terms.last_day is not None and terms.last_day < today:
        raise InvalidValueError(_("The last day must not be in the past."), path="last_day")
    if terms.lot_ids is not None and not terms.lot_ids:
        raise InvalidValueError(_("Choose at least one lot."), path="lots")
