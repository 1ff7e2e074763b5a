"""What all ways to a pass share: the wish, the pass with its plates and first period, and what is refused."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import FieldError, InvalidValueError
from common.plates import MAX_RAW_LENGTH, as_typed, normalise, skeleton
from lots.calendar import local_day
from lots.models import Lot
from passes.errors import TooManyPlatesError
from passes.models import Pass, PassOffer, PassPeriod, PassPlate, PassStatus
from passes.models.terms import TERMS
from passes.pass_codes import new_pass_code
from passes.pass_rules import last_day_of_period
from passes.services.holding import HeldBy, require_no_overlap
from passes.services.states import note_change, require_usual_day


@dataclass(frozen=True, slots=True, kw_only=True)
class PassWish:
    """What is wanted: an offer's pass for plates, from a local day on; without `valid_until` for a whole period."""

    offer: PassOffer
    plates: Sequence[str]
    valid_from: date
    valid_until: date | None = None


def readable_plates(plates: Sequence[str], most: int, *, path: str = "plates") -> dict[str, str]:
    """Return plates as they are typed by how they are compared.

    Raises PlateError, TooManyPlatesError, InvalidValueError for none, one without a plate and one given twice.
    """
    found: dict[str, str] = {}
    for plate in plates:
        normalised = normalise(plate, path=path)
        words = settings.NO_PLATE_WORDS["camera"]
        if normalised is None or normalised in words or len(as_typed(plate)) > MAX_RAW_LENGTH:
            raise InvalidValueError(_("Type the plate as it is on the car."), path=path)
        if normalised in found:
            raise InvalidValueError(_("The plate %(plate)s is there twice.") % {"plate": as_typed(plate)}, path=path)
        found[normalised] = as_typed(plate)
    if len(found) > most:
        message = _("This pass is for %(most)s plates at most.") % {"most": most}
        raise TooManyPlatesError(message, errors=[FieldError(path, message)])
    return found


def make_pass(wish: PassWish, by: HeldBy, *, status: str, at: datetime, made_by: User | None, **changed: Any) -> Pass:
    """Write a pass with its plates and its first period; needs a transaction, to whose end its holder is locked.

    `changed` are terms that differ from those of the offer. Raises InvalidValueError, PlateError, TooManyPlatesError,
    PassesOverlapError (409) and HolderDeletedError (403).
    """
    offer, lots = wish.offer, lots_of(wish.offer)
    terms = {name: getattr(offer, name) for name in TERMS} | changed
    plates = readable_plates(wish.plates, terms["most_plates"])
    if not plates and by.company is None:
        raise InvalidValueError(_("Type the plate of your car."), path="plates")
    last = _last_day(wish, terms, today=local_day(lots[0], at))
    require_no_overlap(by, plates, lots, wish.valid_from, last)
    held = Pass(
        code=new_pass_code(secrets.randbelow),
        name=offer.name,
        offer=offer,
        lot=lots[0],
        shared=len(lots) > 1,
        company=by.company,
        holder=by.user,
        holder_name=by.name,
        email=by.email,
        status=PassStatus(status),
        valid_from=wish.valid_from,
        valid_until=last,
        entries_left=terms["entries"],
        created_at=at,
        created_by=made_by,
        **terms,
    )
    held.save(force_insert=True)
    held.lots.set(lots)
    write_plates(held, plates, at=at, by=made_by)
    PassPeriod.objects.create(
        held_pass=held,
        number=1,
        first_day=held.valid_from,
        last_day=last,
        price_amount=held.price_amount,
        offered_at=at,
    )
    note_change(held, "", at=at, by=made_by, why="")
    return held


def _last_day(wish: PassWish, terms: dict[str, Any], *, today: date) -> date:
    """Return the last day of a pass as it is wanted. Raises InvalidValueError for days that can't be."""
    require_usual_day(wish.valid_from, path="valid_from")
    if wish.valid_until is not None:
        require_usual_day(wish.valid_until, path="valid_until")
    length = {"months": terms["period_months"], "days": terms["period_days"]}
    last = wish.valid_until or last_day_of_period(wish.valid_from, **length)
    if last < wish.valid_from:
        raise InvalidValueError(_("The last day must not be before the first one."), path="valid_until")
    if last < today:
        raise InvalidValueError(_("The last day must not be in the past."), path="valid_until")
    return last


def lots_of(offer: PassOffer) -> list[Lot]:
    """Return the lots of an offer, the one first to which its charges belong."""
    return list(offer.lots.select_related("operator").order_by("pk"))


def write_plates(
    held: Pass, plates: dict[str, str], *, at: datetime, by: User | None, swapped_in: bool = False
) -> list[PassPlate]:
    """Add plates, as typed by how they are compared, to a pass."""
    return PassPlate.objects.bulk_create(
        PassPlate(
            held_pass=held,
            operator_id=held.lot.operator_id,
            plate=typed,
            plate_normalised=normalised,
            plate_skeleton=skeleton(normalised),
            swapped_in=swapped_in,
            added_at=at,
            added_by=by,
        )
        for normalised, typed in plates.items()
    )
