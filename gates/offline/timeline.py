"""What late records of one car amount to, in whatever order they came.

An edge box that was cut off sends its records later, several boxes send theirs at once, so an exit may come before its
entry. The stays of a car are therefore told anew from its passages in order of time, whenever one comes that is earlier
than one already known; what is on record is then brought to that. So the outcome hangs on what happened alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import TypeAlias
from uuid import UUID

from lots.gate_rules import Direction

STANDING = timedelta(minutes=10)
"""How long a car may be read again where it came in, and still be the same arrival."""

Key: TypeAlias = int | None
"""The key of a recorded event; None is the one that just came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One recorded passage of a car through a gate; `ticket_id` is the stay it was recorded with."""

    key: Key
    event_id: UUID
    at: datetime
    seq: int | None
    gate: int
    direction: Direction
    ticket_id: int | None = None

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Its place among the passages of a car: by time, then by its device's number."""
        return self.at, -1 if self.seq is None else self.seq, str(self.event_id)


class Ending(StrEnum):
    """How a stay stands after the last passage: still inside, left, or its exit was missed."""

    INSIDE = "inside"
    LEFT = "left"
    MISSED = "missed"


@dataclass(slots=True)
class Told:
    """One stay as the passages tell it; `entries` are the reads of its one arrival, first come first."""

    entries: list[Crossing]
    no_grace: bool = False
    exits: list[Crossing] = field(default_factory=list)
    ending: Ending = Ending.INSIDE

    @property
    def entered_at(self) -> datetime:
        """When it began."""
        return self.entries[0].at

    @property
    def left_at(self) -> datetime | None:
        """When it ended, None while its end is not known."""
        return self.exits[0].at if self.exits else None


@dataclass(frozen=True, slots=True)
class Account:
    """The stays of a car in order of time, and of each repeated read the one that it repeats."""

    stays: tuple[Told, ...]
    repeats: dict[Key, Crossing]

    def stay_of(self, key: Key) -> Told | None:
        """Return the stay that a passage belongs to; None for an exit of nobody inside."""
        found = (stay for stay in self.stays if any(one.key == key for one in (*stay.entries, *stay.exits)))
        return next(found, None)


def tell(
    crossings: Iterable[Crossing], *, dedupe: timedelta, reentry: timedelta, left_before: datetime | None = None
) -> Account:
    """Tell the stays of one car from its passages.

    A read within `dedupe` of one at the same gate repeats it, and so does one at the entry the car came in by moments
    ago. Any other arrival of a car that is inside means that its exit was missed. An exit of nobody inside is no stay.
    `left_before` is when the car last left before all of them.
    """
    stays: list[Told] = []
    repeats: dict[Key, Crossing] = {}
    first_at: dict[int, Crossing] = {}
    for crossing in sorted(crossings, key=lambda one: one.order):
        inside = stays[-1] if stays and stays[-1].ending is Ending.INSIDE else None
        earlier = first_at.get(crossing.gate)
        if earlier is not None and crossing.at - earlier.at <= dedupe:
            repeats[crossing.key] = earlier
            _join(stays, earlier, crossing)
            continue
        if inside is not None and _still_arriving(inside, crossing):
            repeats[crossing.key] = inside.entries[0]
            inside.entries.append(crossing)
            continue
        first_at[crossing.gate] = crossing
        if crossing.direction is Direction.ENTRY:
            if inside is not None:
                inside.ending = Ending.MISSED
            stays.append(Told([crossing], no_grace=_just_left(stays, crossing.at, reentry, left_before)))
        elif inside is not None:
            inside.exits.append(crossing)
            inside.ending = Ending.LEFT
    return Account(tuple(stays), repeats)


def _join(stays: Sequence[Told], earlier: Crossing, crossing: Crossing) -> None:
    """Add a repeated read to where the first one went."""
    for stay in stays:
        for reads in (stay.entries, stay.exits):
            if earlier in reads:
                reads.append(crossing)
                return


def _still_arriving(stay: Told, crossing: Crossing) -> bool:
    return stay.entries[0].gate == crossing.gate and crossing.at - stay.entered_at <= STANDING


def _just_left(stays: Sequence[Told], at: datetime, reentry: timedelta, left_before: datetime | None) -> bool:
    left = max((stay.left_at for stay in stays if stay.left_at is not None), default=left_before)
    return left is not None and at - left <= reentry


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A stay on record."""

    ticket_id: int
    entered_at: datetime
    left_at: datetime | None
    ending: Ending
    no_grace: bool = False

    def agrees(self, told: Told) -> bool:
        """Say whether the record is as told."""
        return self.same_arrival(told) and (self.left_at, self.ending) == (told.left_at, told.ending)

    def same_arrival(self, told: Told) -> bool:
        """Say whether the beginning is as told."""
        return (self.entered_at, self.no_grace) == (told.entered_at, told.no_grace)


@dataclass(frozen=True, slots=True)
class Correction:
    """Bring a stay on record (None: a new one) to what is told (None: it never was)."""

    kept: Kept | None
    told: Told | None


def corrections(account: Account, kept: Sequence[Kept]) -> tuple[list[Correction], dict[int, Kept | None]]:
    """Say what has to change so that the record is as told, and which stay on record each told one (by place) is.

    A told stay is the record that one of its arrival's reads was recorded with, or that began with one of them, if no
    earlier one has taken that.
    """
    free = {stay.ticket_id: stay for stay in kept}
    changed: list[Correction] = []
    matched: dict[int, Kept | None] = {}
    for place, told in enumerate(account.stays):
        stay = _taken(told, free)
        matched[place] = stay
        if stay is None or not stay.agrees(told):
            changed.append(Correction(stay, told))
    return changed + [Correction(stay, None) for stay in free.values()], matched


def _taken(told: Told, free: dict[int, Kept]) -> Kept | None:
    """Take the record of a told stay out of those that are free."""
    named = (read.ticket_id for read in told.entries if read.ticket_id in free)
    began = (stay.ticket_id for stay in free.values() if stay.entered_at in {read.at for read in told.entries})
    ticket_id = next(chain(named, began), None)
    return None if ticket_id is None else free.pop(ticket_id)
