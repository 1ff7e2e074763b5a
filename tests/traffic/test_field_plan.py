"""What the dirty field plans and how it reconciles, without a server."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.plates import MAX_RAW_LENGTH, NO_PLATE_WORDS, normalise, normalise_reading, skeleton
from common.time import parse_wild_instant
from tickets.matching import is_cut_off
from tickets.numbers import new_number, parse_reference
from traffic.client import KeyedLane, Site
from traffic.field.dirt import (
    Alphabet,
    Clock,
    LaneDirt,
    Look,
    as_scanned,
    clock_text,
    confused,
    draw_dirt,
    glimpses,
    in_alphabet,
    passage_instant,
)
from traffic.field.driven import Driven, Presence
from traffic.field.lane_pool import LanePool
from traffic.field.ledger import FieldLedger, StayOnRecord
from traffic.field.life import LIVES
from traffic.field.reckoning import SHOWN, FieldReckoning, reconcile_field
from traffic.field.scenario import HONEST, FieldCar, FieldLot, Ploy, draw_field
from traffic.simulation.journey import Sent
from traffic.simulation.reckoning import Recorded

GARAGE, YARD = FieldLot("garage", (5, 20), (5, 20)), FieldLot("yard", (0, 0), (1, 1))
LANE = KeyedLane("garage-in", "pk_key")
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SEEDS = st.integers(0, 2**32)


def test_same_seed_draws_the_same_field_and_another_does_not() -> None:
    assert draw_field(80, lots=[GARAGE], seed=1) == draw_field(80, lots=[GARAGE], seed=1)
    assert draw_field(80, lots=[GARAGE], seed=1) != draw_field(80, lots=[GARAGE], seed=2)


def test_field_has_every_ploy_and_most_drivers_are_honest() -> None:
    cars = draw_field(500, lots=[GARAGE], seed=3)
    assert {car.ploy for car in cars} == set(Ploy)
    assert 0.8 < sum(car.is_honest for car in cars) / 500 < 0.95


def test_lot_is_spared_ploys_that_its_lanes_do_not_allow() -> None:
    ploys = {car.ploy for car in draw_field(200, lots=[YARD], seed=3)}
    assert not ploys & {Ploy.ONE_TICKET, Ploy.BACKS_OUT, Ploy.CONVOY, Ploy.TURNS_BACK}
    assert {*HONEST, Ploy.FOLLOWER} <= ploys


def test_no_two_cars_of_the_field_can_be_confused() -> None:
    plates = [plate for car in draw_field(1_000, lots=[GARAGE], seed=1) for plate in (car.plate, car.other_plate)]
    assert len({skeleton(plate) for plate in plates}) == 2_000


def test_devices_of_fraudsters_and_late_records_work_well() -> None:
    for car in draw_field(500, lots=[GARAGE], seed=3):
        if car.ploy not in {Ploy.DROPS_OFF, Ploy.PARKS}:
            assert car.at_entry == car.at_exit == LaneDirt()


def test_every_ploy_is_lived_and_every_fraud_is_shown_by_some_flag() -> None:
    assert set(LIVES) == set(Ploy)
    assert set(SHOWN) == set(Ploy) - set(HONEST)


@given(SEEDS)
def test_readings_of_one_car_are_readable_and_the_last_is_its_plate(seed: int) -> None:
    random = Random(seed)
    car, dirt = draw_field(1, lots=[GARAGE], seed=seed)[0], draw_dirt(random)
    views = glimpses(car.plate, dirt, random)
    assert all(len(view.plate or "") <= MAX_RAW_LENGTH and 0 <= view.confidence <= 1 for view in views)
    best = normalise_reading(views[-1].plate, none_words=NO_PLATE_WORDS)
    if dirt.look is Look.NOTHING:
        assert best is None
    elif dirt.look is not Look.MISREAD:
        assert skeleton(best or "") == skeleton(car.plate)
    if dirt.look is Look.CUT_OFF:
        assert is_cut_off(normalise_reading(views[0].plate, none_words=NO_PLATE_WORDS) or "", best or "")


@given(SEEDS, st.sampled_from(list(Alphabet)))
def test_look_alikes_keep_the_skeleton(seed: int, alphabet: Alphabet) -> None:
    plate = draw_field(1, lots=[GARAGE], seed=seed)[0].plate
    assert skeleton(normalise(in_alphabet(plate, alphabet)) or "") == skeleton(plate)
    assert skeleton(normalise(confused(plate, Random(seed))) or "") == skeleton(plate)


@given(SEEDS)
def test_whatever_a_scanner_sends_names_the_ticket(seed: int) -> None:
    random = Random(seed)
    number, token = new_number(random.randrange), "071xZ0_A15Bb41qYSALjug"
    assert parse_reference(as_scanned(number, f"https://parking.example/t/{token}", random)) in {number, token}


@pytest.mark.parametrize("clock", Clock)
def test_a_clock_writes_an_instant_that_can_be_read(clock: Clock) -> None:
    told = parse_wild_instant(clock_text(clock, NOW), path="captured_at")
    assert told is not None
    if clock in {Clock.RIGHT, Clock.EAST, Clock.WEST}:
        assert told == NOW


@given(SEEDS)
def test_a_barrier_tells_an_instant_or_none(seed: int) -> None:
    told = passage_instant(Random(seed), NOW)
    assert told is None or 2000 <= dt.datetime.fromisoformat(told).year <= 2076


def test_two_cars_never_stand_in_one_lane() -> None:
    pool, random = LanePool(Site((LANE,), (LANE,))), Random(1)
    assert pool.take(pool.entries, random) == LANE
    assert pool.take(pool.entries, random) is None
    pool.leave(LANE)
    assert pool.take(pool.entries, random) == LANE


class Told:
    """An honest car that parked for two hours and paid 600, a tailgater that was let out, and a faithful record."""

    def __init__(self) -> None:
        drawn = {car.ploy: car for car in draw_field(200, lots=[GARAGE], seed=5)}
        self.honest, self.tailgater = self.driven(drawn[Ploy.PARKS]), self.driven(drawn[Ploy.TAILGATER])
        for car, number in ((self.honest, "PS-1"), (self.tailgater, None)):
            ticket = {"number": number} if number else None
            answer = {"action": "open", "reason": "paid", "replayed": False, "ticket": ticket}
            car.sent.append(Sent(LANE, {"event_id": str(uuid.uuid4())}, answer))
            here = Presence(car.plan.plate, NOW - dt.timedelta(hours=2), number or "", left_at=NOW, left_as="paid")
            car.presences.append(here)
        self.tailgater.here.left_as = "unattended"
        self.stays = [
            StayOnRecord(
                number="PS-1",
                skeleton=skeleton(self.honest.plan.plate),
                status="closed",
                entry_at=NOW - dt.timedelta(hours=2),
                exit_at=NOW,
                captured=600,
                owing=0,
            )
        ]
        self.flags = {self.tailgater.sent[0].event_id: ("no_ticket", "unanswered")}

    @staticmethod
    def driven(plan: FieldCar) -> Driven:
        return Driven(plan, None, None, dt.timedelta(seconds=1), Random(1))  # type: ignore[arg-type]

    def reckoned(self) -> FieldReckoning:
        cars = [self.honest, self.tailgater]
        events = {one.event_id: one.outcome for car in cars for one in car.sent}
        return reconcile_field(
            cars,
            ledger=FieldLedger(tuple(self.stays), self.flags),
            recorded=Recorded(events=events, tickets={}),
            pricing=lambda _lot, entry, exit_: 300 * round((exit_ - entry) / dt.timedelta(hours=1)),
        )


def test_a_faithful_record_of_the_field_reconciles() -> None:
    reckoning = Told().reckoned()
    assert reckoning.discrepancies == []
    assert (reckoning.honest, reckoning.overcharged) == (1, 0)
    row = reckoning.ploys[Ploy.TAILGATER]
    assert (row.tries, row.unpaid, row.seen, row.gained) == (1, 1, 1, 600)


def charge_too_much(told: Told) -> None:
    told.stays[0] = replace(told.stays[0], captured=900)


def charge_twice(told: Told) -> None:
    told.stays.append(replace(told.stays[0], number="PS-2"))


def charge_too_little(told: Told) -> None:
    told.stays[0] = replace(told.stays[0], captured=300)


def owe_what_was_paid(told: Told) -> None:
    told.stays[0] = replace(told.stays[0], captured=0, owing=600)


def never_end(told: Told) -> None:
    told.stays[0] = replace(told.stays[0], status="paid", exit_at=None)


def begin_elsewhen(told: Told) -> None:
    told.stays[0] = replace(told.stays[0], entry_at=NOW - dt.timedelta(hours=3))


def lose_stay(told: Told) -> None:
    told.stays.clear()


def see_nothing(told: Told) -> None:
    told.flags.clear()


def trap(told: Told) -> None:
    told.honest.trapped = True


def refuse(told: Told) -> None:
    told.honest.refused = True


@pytest.mark.parametrize(
    "spoil",
    [
        charge_too_much, charge_twice, charge_too_little, owe_what_was_paid, never_end, begin_elsewhen, lose_stay,
        see_nothing, trap, refuse,
    ],
)  # fmt: skip
def test_a_record_of_the_field_that_differs_does_not_reconcile(spoil: Callable[[Told], None]) -> None:
    told = Told()
    spoil(told)
    reckoning = told.reckoned()
    assert not reckoning.reconciles
    assert any(told.honest.plan.plate in one or told.tailgater.plan.plate in one for one in reckoning.discrepancies)
