"""Writes to levels."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from common.errors import ConflictError, FieldError
from lots.models import Level, Lot
from lots.services.locks import lock_lot


class LevelExistsError(ConflictError):
    """The lot has a level of this number."""

    code = "level_exists"


class PlacesInUseError(ConflictError):
    """Something is parked, booked or recorded there, so it can't be deleted."""

    code = "places_in_use"


@transaction.atomic
def add_level(*, lot: Lot, number: int, name: str = "") -> Level:
    """Create a level; its default name is made of its number. Raises LevelExistsError."""
    lock_lot(lot.pk)
    _refuse_taken(lot.pk, number)
    return Level.objects.create(lot=lot, number=number, name=name or level_name(number))


@transaction.atomic
def change_level(*, level: Level, number: int, name: str) -> Level:
    """Renumber or rename a level. Raises LevelExistsError."""
    lock_lot(level.lot_id)
    _refuse_taken(level.lot_id, number, but=level)
    level.number, level.name = number, name or level_name(number)
    level.save(update_fields=["number", "name"])
    return level


@transaction.atomic
def remove_level(*, level: Level) -> None:
    """Delete a level with its zones and spots. Raises PlacesInUseError when one was ever used."""
    lock_lot(level.lot_id)
    try:
        with transaction.atomic():
            # Spots and zones go before the counters that their triggers move.
            level.spots.all().delete()
            level.zones.all().delete()
            level.delete()
    except ProtectedError as error:
        raise PlacesInUseError(_("This level has stays or bookings and can't be removed.")) from error


def level_name(number: int) -> str:
    """Return the default name of a level."""
    return _("Ground") if number == 0 else _("Level %(number)s") % {"number": number}


def _refuse_taken(lot_id: int, number: int, *, but: Level | None = None) -> None:
    taken = Level.objects.filter(lot_id=lot_id, number=number).first()
    if taken is not None and taken != but:
        message = _("The lot has a level %(number)s already.") % {"number": number}
        raise LevelExistsError(message, errors=[FieldError("number", message)])
