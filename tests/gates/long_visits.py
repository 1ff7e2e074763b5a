"""Games whose cars stay for hours, and pay, wait or give up at the lanes: most of them leave, and many owe."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.gates.adversary import CLOCKS, HOW, LOOKS, NUMBERS, PLATES, Adversary, Car

PARKED = st.sampled_from([0, 12, 185, 900, 7_200, 7_200])
CARDS = {"pays": "tok_ok", "is declined": "tok_declined", "pays a part": "tok_partial_400"}
ASKED = st.sampled_from([*CARDS, "waits", "waits", "goes on"])


class LongVisits(Adversary):
    """The same moves and invariants, with visits that go on until the lane has opened."""

    most_idle = 2  # without a bound many games are one kind of move, as Hypothesis leaves kinds out

    @initialize(number=st.integers(0, 1), inside=st.integers(1, len(PLATES)))
    def choose_a_lot(self, number: int, inside: int) -> None:
        """Begin with at least one car that will owe."""
        super().choose_a_lot(number=number, inside=inside)

    @precondition(lambda self: self.driving())
    @rule(
        number=NUMBERS, lane=NUMBERS, named=st.booleans(), parked=PARKED, looks=LOOKS, asked=ASKED, how=HOW,
        told=NUMBERS, clock=CLOCKS,
    )  # fmt: skip
    def cross(
        self,
        *,
        parked: int,
        looks: list[tuple[str, str, int]],
        asked: str,
        how: str,
        told: int,
        clock: str,
        **where: Any,
    ) -> None:
        """Visit a lane from the first read until the car drives on."""
        self.wait(seconds=parked)
        seen, scanned, _later = looks[-1]
        car = self.look(looks, **where)
        if car.arrival is not None and car.arrival.opened_at is None:
            self.answer_the_lane(car, asked, seen, scanned)
        if car.arrival is not None:
            self.go_on(number=self.waiting().index(car), named=told, how=how, clock=clock)

    @precondition(lambda self: self.waiting())
    @rule(number=NUMBERS, named=NUMBERS, how=HOW, clock=CLOCKS)
    def go_on(self, number: int, named: int, how: str, clock: str) -> None:
        """Drive on, or wait before a lane that is closed until it has to open."""
        car = self.pick(number)
        if car.arrival is not None and car.arrival.opened_at is None and how != "backed_out":
            self.idle = 0
            self.answer_the_lane(car, "waits", "exact", "nothing")
        else:
            super().go_on(number=number, named=named, how=how, clock=clock)

    def answer_the_lane(self, car: Car, asked: str, seen: str, scanned: str) -> None:
        """Pay or wait at a lane that is closed, and be read there again as before."""
        if asked in CARDS:
            self.pay(number=self.cars.index(car), card=CARDS[asked])
        elif asked == "waits":
            self.wait(seconds=125)
        if asked != "goes on" and car.arrival is not None:
            self.see(car, seen, scanned)

    def pass_barrier(self, car: Car) -> None:
        """Drive through; no car comes round, and no plate is on another, before the cameras may meet it again."""
        super().pass_barrier(car)
        self.wait(seconds=31)
