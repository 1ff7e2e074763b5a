"""Rebuild the stays of one car from its passages, in whatever order their records came.

An edge box that was cut off sends its records later, several boxes send theirs at once, so an exit may come before its
entry. Whenever a record comes that is earlier than one already known, the car's stays are rebuilt in order of time and
the stored ones corrected. So the outcome depends on what happened alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import TypeAlias
from uuid import UUID

from gates.decision.entry import YOUNG
from gates.decision.known_car import STANDING
from lots.gate_rules import Direction

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
class RebuiltStay:
    """One stay as the passages show it; `entries` are the reads of its one arrival, first come first."""

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
class Timeline:
    """The stays of a car in order of time, and of each repeated read the one that it repeats."""

    stays: tuple[RebuiltStay, ...]
    repeats: dict[Key, Crossing]

    def stay_of(self, key: Key) -> RebuiltStay | None:
        """Return the stay that a passage belongs to; None for an exit of nobody inside."""
        found = (stay for stay in self.stays if any(one.key == key for one in (*stay.entries, *stay.exits)))
        return next(found, None)


def rebuild(
    crossings: Iterable[Crossing],
    *,
    dedupe: timedelta,
    reentry: timedelta,
    left_before: datetime | None = None,
    missed_before: datetime | None = None,
) -> Timeline:
    """Return the stays of one car from its passages.

    A read within `dedupe` of one at the same gate repeats it, and so does one at the entry the car came in by moments
    ago. Any other arrival of a car that is inside means that its exit was missed. An exit of nobody inside is no stay.
    `left_before` is when the car last left before all of them, `missed_before` when it came in then and was not seen
    leaving.
    """
    stays: list[RebuiltStay] = []
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
            missed = inside.entered_at if inside else None if stays else missed_before
            no_grace = _just_left(stays, crossing.at, reentry, left_before)
            no_grace = no_grace or (missed is not None and crossing.at - missed < YOUNG)
            if inside is not None:
                inside.ending = Ending.MISSED
            stays.append(RebuiltStay([crossing], no_grace=no_grace))
        elif inside is not None:
            inside.exits.append(crossing)
            inside.ending = Ending.LEFT
    return Timeline(tuple(stays), repeats)


def _join(stays: Sequence[RebuiltStay], earlier: Crossing, crossing: Crossing) -> None:
    """Add a repeated read to where the first one went."""
    for stay in stays:
        for reads in (stay.entries, stay.exits):
            if earlier in reads:
                reads.append(crossing)
                return


def _still_arriving(stay: RebuiltStay, crossing: Crossing) -> bool:
    return stay.entries[0].gate == crossing.gate and crossing.at - stay.entered_at <= STANDING


def _just_left(stays: Sequence[RebuiltStay], at: datetime, reentry: timedelta, left_before: datetime | None) -> bool:
    left = max((stay.left_at for stay in stays if stay.left_at is not None), default=left_before)
    return left is not None and at - left <= reentry


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStay:
    """A stay on record."""

    ticket_id: int
    entered_at: datetime
    left_at: datetime | None
    ending: Ending
    no_grace: bool = False

    def agrees(self, rebuilt: RebuiltStay) -> bool:
        """Return whether the stored stay is right."""
        return self.same_arrival(rebuilt) and (self.left_at, self.ending) == (rebuilt.left_at, rebuilt.ending)

    def same_arrival(self, rebuilt: RebuiltStay) -> bool:
        """Return whether its beginning is right."""
        return (self.entered_at, self.no_grace) == (rebuilt.entered_at, rebuilt.no_grace)


@dataclass(frozen=True, slots=True)
class Correction:
    """Change a stored stay (None: a new one) to the rebuilt one (None: it never was)."""

    stored: StoredStay | None
    rebuilt: RebuiltStay | None


def corrections(
    timeline: Timeline, stored: Sequence[StoredStay]
) -> tuple[list[Correction], dict[int, StoredStay | None]]:
    """Return what has to change, and which stored stay each rebuilt one is, by its place.

    A rebuilt stay is the stored one that one of its arrival's reads was recorded with, or that began with one of them,
    if no earlier one has taken that.
    """
    free = {stay.ticket_id: stay for stay in stored}
    changed: list[Correction] = []
    matched: dict[int, StoredStay | None] = {}
    for place, rebuilt in enumerate(timeline.stays):
        stay = _taken(rebuilt, free)
        matched[place] = stay
        if stay is None or not stay.agrees(rebuilt):
            changed.append(Correction(stay, rebuilt))
    return changed + [Correction(stay, None) for stay in free.values()], matched


def _taken(rebuilt: RebuiltStay, free: dict[int, StoredStay]) -> StoredStay | None:
    """Take the stored stay of a rebuilt one out of those that are free."""
    named = (read.ticket_id for read in rebuilt.entries if read.ticket_id in free)
    began = (stay.ticket_id for stay in free.values() if stay.entered_at in {read.at for read in rebuilt.entries})
    ticket_id = next(chain(named, began), None)
    return None if ticket_id is None else free.pop(ticket_id)
