"""Draws the cars of the field from one seed: who is honest, who defrauds how, and which devices err. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random

from common.plates import skeleton
from traffic.field.dirt import LETTERS, LaneDirt, Look, draw_dirt
from traffic.simulation.scenario import PaymentHabit

CARS_A_SECOND = 8.0
FRAUD_SHARE = 0.1
VEHICLES = ("regular", "car", "compact", "van", "motorcycle")
HOURS, MINUTES = (1, 9), (12, 48)
"""A stay's hours and minutes: minutes from a full hour, so that a clock that is off by two changes no price."""


class Ploy(StrEnum):
    """What a car is up to: three honest lives, then the ways to defraud."""

    DROPS_OFF = "drops somebody off"
    PARKS = "parks"
    LATE_RECORDS = "parks in an offline garage"
    STRANGERS_TICKET = "shows a stranger's ticket"
    TURNS_BACK = "turns back at the opened exit"
    FRESH_GRACE = "comes back for fresh grace"
    SECOND_ENTRY = "is read at the entry again"
    CONVOY = "two cars with one plate"
    ONE_TICKET = "one ticket at two exits"
    CLOCK_SKIP = "skips the wait by its clock"
    FUTURE_RECORD = "record of the future"
    PAST_RECORD = "exit record of the year 2000"
    OLD_RECORD = "entry record of the year 2000"
    FOLLOWER = "second car behind a re-opened lane"
    WAITS_OUT = "waits out the unanswered lane"
    BACKS_OUT = "backs out and drives in"
    TAILGATER = "has no stay"


HONEST = (Ploy.DROPS_OFF, Ploy.PARKS, Ploy.LATE_RECORDS)


@dataclass(frozen=True, slots=True)
class FieldLot:
    """A lot's slug, and how many of its entries and exits confirm passages and how many do not."""

    slug: str
    confirming: tuple[int, int]
    plain: tuple[int, int]

    def allows(self, ploy: Ploy) -> bool:
        """Return whether its lanes are enough for it."""
        entries, exits = (barriers + plain for barriers, plain in zip(self.confirming, self.plain, strict=True))
        match ploy:
            case Ploy.ONE_TICKET:
                return self.confirming[1] > 1
            case Ploy.BACKS_OUT:
                return self.confirming[0] > 0
            case Ploy.FOLLOWER:
                return self.plain[1] > 0
            case Ploy.TURNS_BACK:
                return self.plain[1] > 0 and exits > 1
            case Ploy.CONVOY:
                return entries > 1 and exits > 1
        return True


@dataclass(frozen=True, slots=True)
class FieldCar:
    """One car; `other_plate` is that of its accomplice. `arrives` counts from the start of the run."""

    serial: int
    plate: str
    other_plate: str
    lot: str
    arrives: timedelta
    ploy: Ploy
    stay: timedelta
    habit: PaymentHabit
    vehicle_type: str
    at_entry: LaneDirt
    at_exit: LaneDirt

    @property
    def is_honest(self) -> bool:
        """Return whether it defrauds nobody."""
        return self.ploy in HONEST


def draw_field(cars: int, *, lots: Sequence[FieldLot], seed: int) -> list[FieldCar]:
    """Draw cars by arrival; each ploy that a lot allows comes once before any comes twice. Deterministic."""
    random = Random(seed)  # noqa: S311 repeatable, no secret
    plates = _plates(random)
    ploys = _ploys(cars, lots, random)
    return [_draw(serial, ploy, lots, plates, random) for serial, ploy in enumerate(ploys)]


def _ploys(cars: int, lots: Sequence[FieldLot], random: Random) -> list[Ploy]:
    allowed = [ploy for ploy in Ploy if any(lot.allows(ploy) for lot in lots)]
    frauds = [ploy for ploy in allowed if ploy not in HONEST]
    drawn = allowed[:cars]
    while len(drawn) < cars:
        defrauds = bool(frauds) and random.random() < FRAUD_SHARE
        drawn.append(random.choice(frauds) if defrauds else random.choices(HONEST, weights=(3, 10, 1))[0])
    random.shuffle(drawn)
    return drawn


def _draw(serial: int, ploy: Ploy, lots: Sequence[FieldLot], plates: Iterator[str], random: Random) -> FieldCar:
    at_entry, at_exit = draw_dirt(random), draw_dirt(random)
    habit = random.choices(list(PaymentHabit), weights=(35, 60, 5))[0]
    if habit is PaymentHabit.DECLINED:  # a debt needs a plate
        at_entry = replace(at_entry, look=Look.CLEAR)
    if ploy not in {Ploy.DROPS_OFF, Ploy.PARKS}:  # what follows from a fraud or a late record needs the plate as it is
        at_entry = at_exit = LaneDirt()
    return FieldCar(
        serial=serial,
        plate=next(plates),
        other_plate=next(plates),
        lot=random.choice([lot.slug for lot in lots if lot.allows(ploy)]),
        arrives=timedelta(seconds=serial / CARS_A_SECOND),
        ploy=ploy,
        stay=timedelta(hours=random.randrange(*HOURS), minutes=random.randrange(*MINUTES)),
        habit=habit,
        vehicle_type=random.choices(VEHICLES, weights=(60, 20, 14, 4, 2))[0],
        at_entry=at_entry,
        at_exit=at_exit,
    )


def _plates(random: Random) -> Iterator[str]:
    """Yield plates of letters that three alphabets have, of which no two are alike."""
    seen: set[str] = set()
    while True:
        letters = "".join(random.choices(LETTERS, k=4))
        plate = f"{letters[:2]}{random.randrange(1_000, 10_000)}{letters[2:]}"
        if skeleton(plate) not in seen:
            seen.add(skeleton(plate))
            yield plate
