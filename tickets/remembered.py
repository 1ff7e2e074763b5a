"""Cars inside as their drivers remember them: by their plate or a part of it, and about when they came."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, Q, When

from common.plates import skeleton
from tickets.matching import SUGGESTION_LIMIT, nearness
from tickets.models import Ticket, TicketQuerySet

LEAST_OF_PLATE = 3
"""How many characters of a plate are enough to look for."""
AROUND = timedelta(minutes=45)
"""How far off the remembered time of entry may be."""
MOST_SHOWN = 12
MOST_PLATES_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """The cars that may be meant, likeliest first.

    `is_certain`: one has exactly this plate. `at_other_times`: none came about then, these came at another time.
    """

    stays: list[Ticket] = field(default_factory=list)
    is_certain: bool = False
    at_other_times: bool = False
    has_more: bool = False


def find_remembered(lot_id: int, *, plate: str | None, around: datetime | None) -> Remembered:
    """Find the open stays of a lot by a normalised plate, then by a part of it and when the car came.

    Confusable characters count as equal, and where no plate holds the part those one slip away are found. Without a
    plate all that came about then are found, without either none. Of less than `LEAST_OF_PLATE` characters only the
    whole plate is.
    """
    inside = Ticket.objects.filter(lot_id=lot_id).open().select_related("spot", "level")
    about = Q(entry_at__range=(around - AROUND, around + AROUND)) if around else Q()
    if plate is None:
        return _bounded(inside.filter(about), around) if around else Remembered()
    whole = Q(plate_normalised=plate)
    if len(plate) < LEAST_OF_PLATE:
        return Remembered(exact := list(inside.filter(whole)), is_certain=bool(exact))
    part = Q(plate_skeleton__contains=skeleton(plate))
    found = _bounded(inside.filter(whole | (part & about)), around, plate)
    if found.stays and found.stays[0].plate_normalised == plate:
        return Remembered(found.stays[:1], is_certain=True)
    if not found.stays:
        found = Remembered(one_slip_away(inside.filter(about), plate))
    if found.stays or around is None:
        return found
    others = _bounded(inside.filter(part), around, plate)
    stays = others.stays or one_slip_away(inside, plate)
    return Remembered(stays, at_other_times=bool(stays), has_more=others.has_more)


def one_slip_away(inside: TicketQuerySet, plate: str) -> list[Ticket]:
    """Return the stays whose plate is one slip from a normalised one, nearest first."""
    plates = inside.filter(plate_normalised__isnull=False).values_list("pk", "plate_normalised")
    distances = [
        (distance, pk)
        for pk, other in plates[:MOST_PLATES_COMPARED]
        if other and (distance := nearness(plate, other)) is not None
    ]
    nearest = [pk for _distance, pk in sorted(distances, key=lambda pair: pair[0])[:SUGGESTION_LIMIT]]
    stays = inside.in_bulk(nearest)
    return [stays[pk] for pk in nearest]


def _bounded(inside: TicketQuerySet, around: datetime | None, plate: str | None = None) -> Remembered:
    """Return the newest of them, the nearest in time first; before them the one with exactly this plate."""
    first = [Case(When(plate_normalised=plate, then=0), default=1)] if plate else []
    rows = list(inside.order_by(*first, "-entry_at", "-id")[: MOST_SHOWN + 1])
    shown = rows[:MOST_SHOWN]
    if around is not None:
        shown.sort(key=lambda stay: (stay.plate_normalised != plate, abs(stay.entry_at - around)))
    return Remembered(shown, has_more=len(rows) > MOST_SHOWN)
