"""Finds the bay that a spot's number, a plate or a ticket names."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.plates import PlateError, normalise, skeleton
from lots.models import Lot, Spot
from tickets.models import Ticket
from tickets.numbers import InvalidNumberError, is_token, parse_reference


@dataclass(frozen=True, slots=True)
class FoundBay:
    """The bay that was looked for and the stay of the car in it, or the `problem` with what was typed."""

    spot: Spot | None = None
    stay: Ticket | None = None
    problem: str = ""


def find_bay(lot: Lot, text: str) -> FoundBay:
    """Return the bay of this number; else where the car stands whose ticket, or whose only plate, this is."""
    text = text.strip()
    spot = lot.spots.select_related("level").filter(number__iexact=text).first()
    if spot is not None:
        return FoundBay(spot, Ticket.objects.filter(pk=spot.stay).first() if spot.stay else None)
    stays = list(_named(lot, text)[:2])
    if not stays:
        return FoundBay(problem=_("No spot, plate or ticket here is called that."))
    if len(stays) > 1:
        return FoundBay(problem=_("Several cars have that in their plate. Type more of it."))
    if stays[0].spot is None:
        return FoundBay(stay=stays[0], problem=_("This car is inside without a spot."))
    return FoundBay(stays[0].spot, stays[0])


def _named(lot: Lot, text: str) -> list[Ticket]:
    inside = Ticket.objects.filter(lot=lot).open().select_related("spot__level").order_by("-entry_at", "-pk")
    try:
        reference = parse_reference(text)
    except InvalidNumberError:
        pass
    else:
        return list(inside.filter(**{"token" if is_token(reference) else "number": reference}))
    try:
        plate = normalise(text)
    except PlateError:
        return []
    if plate is None:
        return []
    return list(inside.filter(plate_normalised=plate)[:1]) or list(
        inside.filter(plate_skeleton__contains=skeleton(plate))[:2]
    )
