"""Reconciles the field with the record: each honest car's one stay, and what each fraud gained and showed. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from common.plates import skeleton
from traffic.field.driven import Driven, Presence
from traffic.field.ledger import FieldLedger, Pricing, StayOnRecord
from traffic.field.scenario import Ploy
from traffic.simulation.reckoning import Recorded, differing_events, repeats_that_differ

CLOCK_ERROR = timedelta(seconds=150)
"""How far a recorded entry or exit may be from the true one: clocks that a lane believes, and the way to the server."""

SHOWN: Mapping[Ploy, frozenset[str]] = {
    Ploy.STRANGERS_TICKET: frozenset({"plate_mismatch", "owed", "unanswered"}),
    Ploy.TURNS_BACK: frozenset({"no_ticket", "unanswered"}),
    Ploy.FRESH_GRACE: frozenset({"reentered"}),
    Ploy.SECOND_ENTRY: frozenset({"missed_exit", "reentered"}),
    Ploy.CONVOY: frozenset({"passback", "missed_exit", "no_ticket"}),
    Ploy.ONE_TICKET: frozenset({"promised_twice", "no_ticket"}),
    Ploy.CLOCK_SKIP: frozenset(),
    Ploy.FUTURE_RECORD: frozenset({"clock", "owed"}),
    Ploy.PAST_RECORD: frozenset({"out_of_order", "no_ticket"}),
    Ploy.OLD_RECORD: frozenset({"old_record", "unanswered"}),
    Ploy.FOLLOWER: frozenset({"repeated"}),
    Ploy.WAITS_OUT: frozenset({"owed", "unanswered"}),
    Ploy.BACKS_OUT: frozenset({"no_ticket", "unanswered"}),
    Ploy.TAILGATER: frozenset({"no_ticket", "unanswered"}),
}
"""The flags by which an operator sees each fraud."""
LET_OUT_FREE = {"unattended"}


@dataclass(slots=True)
class PloyRow:
    """The tries of one ploy: who paid, left owing or without either, and was `seen`; `gained` in minor units."""

    tries: int = 0
    paid: int = 0
    owing: int = 0
    unpaid: int = 0
    gained: int = 0
    seen: int = 0


@dataclass(slots=True)
class FieldReckoning:
    """The result; `overcharged`, `refused` and `trapped` count honest drivers."""

    honest: int = 0
    overcharged: int = 0
    refused: int = 0
    trapped: int = 0
    ploys: dict[Ploy, PloyRow] = field(default_factory=lambda: defaultdict(PloyRow))
    discrepancies: list[str] = field(default_factory=list)

    @property
    def reconciles(self) -> bool:
        """Return whether everything is as it should be, to the car."""
        return not self.discrepancies


def reconcile_field(
    cars: Sequence[Driven], *, ledger: FieldLedger, recorded: Recorded, pricing: Pricing
) -> FieldReckoning:
    """Compare every car's true way with what was recorded of it, and every event with its answer."""
    reckoning, stays = FieldReckoning(), _Stays(ledger.stays)
    for car in cars:
        problems = list(car.problems)
        if car.plan.is_honest:
            problems += _honest(car, stays.of(car), pricing, reckoning)
        else:
            problems += _fraud(car, stays.of(car), ledger, pricing, reckoning)
        name = f"{car.plan.plate} ({car.plan.ploy})"
        reckoning.discrepancies += [f"{name}: {problem}" for problem in dict.fromkeys(problems)]
    sent = [one for car in cars for one in car.sent]
    first_time = {one.event_id: one for one in sent if not one.again}
    reckoning.discrepancies += [
        *differing_events(first_time, recorded),
        *repeats_that_differ(sent, first_time),
        *recorded.complaints,
    ]
    return reckoning


class _Stays:
    """The recorded stays by what names their car: the ticket it has got, or plates that look like its own."""

    def __init__(self, stays: Sequence[StayOnRecord]) -> None:
        self._by_number = {stay.number: stay for stay in stays}
        self._by_skeleton: dict[str, list[StayOnRecord]] = defaultdict(list)
        for stay in stays:
            self._by_skeleton[stay.skeleton].append(stay)

    def of(self, car: Driven) -> list[StayOnRecord]:
        """Return the stays of a car and its accomplice."""
        numbers = {one.answer["ticket"]["number"] for one in car.sent if one.answer and one.answer["ticket"]}
        found = {number: self._by_number[number] for number in numbers if number in self._by_number}
        for plate in (car.plan.plate, car.plan.other_plate):
            found |= {stay.number: stay for stay in self._by_skeleton[skeleton(plate)]}
        return list(found.values())


def _honest(car: Driven, stays: list[StayOnRecord], pricing: Pricing, reckoning: FieldReckoning) -> Iterator[str]:
    reckoning.honest += 1
    reckoning.refused += car.refused
    reckoning.trapped += car.trapped
    if car.refused or car.trapped or not car.presences:
        yield "was refused" if car.refused else "was trapped"
        return
    if len(stays) != 1:
        states = ", ".join(f"{stay.number} {stay.status}" for stay in stays)
        yield f"has {len(stays)} stays ({states})"
        return
    presence, stay = car.here, stays[0]
    low, high = _bounds(presence, car.plan.lot, pricing)
    charged = stay.captured + stay.owing
    reckoning.overcharged += charged > high
    if not low <= charged <= high:
        yield f"{stay.number} costs {charged} instead of {low if low == high else f'{low} to {high}'}"
    yield from _differing_times(presence, stay)
    if stay.status != "closed":
        yield f"{stay.number} is {stay.status}"
    if stay.owing and presence.left_as != "owed":
        yield f"{stay.number} owes {stay.owing} though its driver paid"


def _bounds(presence: Presence, lot: str, pricing: Pricing) -> tuple[int, int]:
    """Return the least and the most that a stay may cost, for clocks that a lane believes."""
    begun, ended = presence.entered_at, presence.left_at or presence.entered_at
    return pricing(lot, begun + CLOCK_ERROR, ended - CLOCK_ERROR), pricing(
        lot, begun - CLOCK_ERROR, ended + CLOCK_ERROR
    )


def _differing_times(presence: Presence, stay: StayOnRecord) -> Iterator[str]:
    if abs(stay.entry_at - presence.entered_at) > CLOCK_ERROR:
        yield f"{stay.number} began at {stay.entry_at:%F %T}, not {presence.entered_at:%F %T}"
    if stay.exit_at is None or presence.left_at is None:
        yield f"{stay.number} has no end"
    elif abs(stay.exit_at - presence.left_at) > CLOCK_ERROR:
        yield f"{stay.number} ended at {stay.exit_at:%F %T}, not {presence.left_at:%F %T}"


def _fraud(
    car: Driven, stays: list[StayOnRecord], ledger: FieldLedger, pricing: Pricing, reckoning: FieldReckoning
) -> Iterator[str]:
    row, lot = reckoning.ploys[car.plan.ploy], car.plan.lot
    worth = sum(pricing(lot, one.entered_at, one.left_at) for one in car.presences if one.left_at is not None)
    owing = sum(stay.owing for stay in stays)
    gained = max(0, worth - owing - sum(stay.captured for stay in stays))
    unpaid = gained > 0 or any(one.left_as in LET_OUT_FREE for one in car.presences)
    flags = {flag for one in car.sent for flag in ledger.flags.get(one.event_id, ())}
    missing = SHOWN[car.plan.ploy] - flags
    row.tries += 1
    row.gained += gained
    row.unpaid += unpaid
    row.owing += not unpaid and owing > 0
    row.paid += not unpaid and not owing
    row.seen += not missing
    if car.trapped:
        yield "was trapped"
    if missing:
        yield f"no operator sees {', '.join(sorted(missing))}; only {', '.join(sorted(flags)) or 'nothing'}"
    if unpaid and not flags:
        yield f"left without paying {gained}, unseen"
