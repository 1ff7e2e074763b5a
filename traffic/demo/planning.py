"""Plans the stays of a lot's past days, before anything is written. Pure."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from accounts.vehicles import VehicleType
from lots.compatibility import SpotType, VehicleProfile, spot_types_for
from traffic.demo.rhythm import Car, Character, draw_car, draw_stay, occupied_share

STEP = timedelta(minutes=5)
MEMORABLE = timedelta(minutes=40)
VISITS_OF_REGULAR = 3


@dataclass(frozen=True, slots=True, order=True)
class Bay:
    """A place for one car, best first. A lot that only counts cars has as many bays as its capacity, without spots."""

    rank: int
    spot_type: str
    level_id: int
    spot_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedStay:
    """A car in a bay over a period; a car whose exit is after now is still inside."""

    car: Car
    bay: Bay
    entry_at: datetime
    exit_at: datetime


class _FreeBays:
    """The bays without a car, by type."""

    def __init__(self, bays: Sequence[Bay]) -> None:
        self._by_type: dict[str, list[Bay]] = {}
        for bay in sorted(bays):
            self._by_type.setdefault(bay.spot_type, []).append(bay)

    def take(self, car: Car) -> Bay | None:
        """Take the best bay that fits a car; an electric car gets a charging bay."""
        profile = VehicleProfile(VehicleType(car.vehicle_type), car.electric, car.permit, wants_ev=car.electric)
        kinds: tuple[SpotType, ...] = spot_types_for(profile)
        free = next((found for kind in kinds if (found := self._by_type.get(kind.value))), None)
        return heapq.heappop(free) if free else None

    def give_back(self, bay: Bay) -> None:
        heapq.heappush(self._by_type[bay.spot_type], bay)


@dataclass(slots=True)
class Planner:
    """Plans the stays of one lot, with plates that are unique and not in `taken`."""

    character: Character
    bays: Sequence[Bay]
    zone: ZoneInfo
    random: Random
    taken: set[str]

    def plan(self, *, begin: datetime, now: datetime) -> list[PlannedStay]:
        """Plan stays so that from `begin` to `now` the lot is always as full as its character says."""
        return list(self._run(begin, now))

    def _run(self, begin: datetime, now: datetime) -> Iterator[PlannedStay]:
        free, inside = _FreeBays(self.bays), list[tuple[datetime, int, Bay]]()
        moment, serial = begin, 0
        while moment < now:
            while inside and inside[0][0] <= moment:
                free.give_back(heapq.heappop(inside)[2])
            full = round(len(self.bays) * occupied_share(self.character, moment.astimezone(self.zone)))
            for _ in range(full - len(inside)):
                serial += 1
                stay = self._stay(free, moment, min(STEP, now - moment))
                if stay is not None:
                    heapq.heappush(inside, (stay.exit_at, serial, stay.bay))
                    yield stay
            moment += STEP

    def _stay(self, free: _FreeBays, after: datetime, within: timedelta) -> PlannedStay | None:
        car = draw_car(self.random)
        bay = None if car.plate in self.taken else free.take(car)
        if bay is None:
            return None
        self.taken.add(car.plate)
        entry_at = after + timedelta(seconds=self.random.randrange(max(1, int(within.total_seconds()))))
        length = draw_stay(self.character, entry_at.astimezone(self.zone), self.random)
        # The bay is freed at a later step, so no other car enters it before this one has left.
        return PlannedStay(car, bay, entry_at, entry_at + length)


def as_regular(
    plate: str, stays: Sequence[PlannedStay], *, now: datetime, inside: bool, elsewhere: Sequence[PlannedStay] = ()
) -> list[PlannedStay]:
    """Give a few stays one plate, without overlaps among them or with its stays `elsewhere`.

    With `inside`, the last of them is the latest car that is still inside.
    """
    long = [stay for stay in stays if stay.bay.spot_type == "regular" and stay.exit_at - stay.entry_at > MEMORABLE]
    fitting = [stay for stay in long if _apart(stay, elsewhere)]
    present = [stay for stay in fitting if stay.exit_at > now and now - stay.entry_at > MEMORABLE] if inside else []
    chosen = sorted(present, key=lambda stay: stay.entry_at)[-1:]
    for stay in fitting:
        if len(chosen) < VISITS_OF_REGULAR and stay.exit_at < now and _apart(stay, chosen):
            chosen.append(stay)
    own = {id(stay) for stay in chosen}
    return [replace(stay, car=Car(plate)) if id(stay) in own else stay for stay in stays]


def _apart(stay: PlannedStay, others: Sequence[PlannedStay]) -> bool:
    return all(stay.exit_at < other.entry_at or other.exit_at < stay.entry_at for other in others)
