"""Late records of one car, rebuilt in order of time: the same stays in whatever order they came."""

import datetime as dt
import itertools
import random
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from gates.offline.timeline import Crossing, Ending, RebuiltStay, StoredStay, corrections, rebuild
from lots.gate_rules import Direction

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
DEDUPE, REENTRY = dt.timedelta(seconds=30), dt.timedelta(minutes=30)
IN, OUT = (1, Direction.ENTRY), (2, Direction.EXIT)
OTHER_IN = (3, Direction.ENTRY)


def crossing(minute: float, lane: tuple[int, Direction], key: int = 0, **fields) -> Crossing:
    at = START + dt.timedelta(minutes=minute)
    return Crossing(key=key, event_id=UUID(int=key), at=at, seq=key, gate=lane[0], direction=lane[1], **fields)


def crossings(*passed: tuple[float, tuple[int, Direction]]) -> list[Crossing]:
    return [crossing(minute, lane, key) for key, (minute, lane) in enumerate(passed, 1)]


def rebuilt(*passed: tuple[float, tuple[int, Direction]]) -> list[tuple[float, float | None, str]]:
    return summary(crossings(*passed))


def summary(found: Iterable[Crossing]) -> list[tuple[float, float | None, str]]:
    return [
        (minutes(stay.entered_at), None if stay.left_at is None else minutes(stay.left_at), stay.ending.value)
        for stay in rebuild(found, dedupe=DEDUPE, reentry=REENTRY).stays
    ]


def minutes(at: dt.datetime) -> float:
    return (at - START) / dt.timedelta(minutes=1)


def test_entries_and_exits_make_stays():
    assert rebuilt((0, IN), (60, OUT), (70, IN), (90, OUT), (100, IN)) == [
        (0, 60, "left"),
        (70, 90, "left"),
        (100, None, "inside"),
    ]


def test_second_arrival_of_a_car_inside_is_a_missed_exit():
    assert rebuilt((0, IN), (60, IN), (90, OUT)) == [(0, None, "missed"), (60, 90, "left")]
    assert rebuilt((0, IN), (5, OTHER_IN)) == [(0, None, "missed"), (5, None, "inside")]


def test_reads_of_a_car_that_still_stands_there_are_one_arrival():
    assert rebuilt((0, IN), (0.3, IN), (9, IN), (60, OUT), (60.4, OUT)) == [(0, 60, "left")]


def test_read_just_after_another_at_the_gate_repeats_it_also_when_the_car_has_left():
    assert rebuilt((0, IN), (0.2, OUT), (0.4, IN)) == [(0, 0.2, "left")]


def test_exit_of_nobody_inside_is_no_stay():
    timeline = rebuild(crossings((0, OUT), (10, IN)), dedupe=DEDUPE, reentry=REENTRY)

    assert timeline.stay_of(1) is None
    assert timeline.stay_of(2) is timeline.stays[0]


def test_arrival_soon_after_leaving_has_no_grace():
    timeline = rebuild(crossings((0, IN), (60, OUT), (89, IN), (95, OUT), (126, IN)), dedupe=DEDUPE, reentry=REENTRY)

    assert [stay.no_grace for stay in timeline.stays] == [False, True, False]


def test_leaving_before_the_first_of_them_counts_too():
    found = crossings((0, IN), (10, OUT))
    before = START - dt.timedelta(minutes=20)

    assert [one.no_grace for one in rebuild(found, dedupe=DEDUPE, reentry=REENTRY, left_before=before).stays] == [True]


def test_passages_of_one_moment_are_in_the_order_of_their_numbers():
    assert summary([crossing(0, OUT, 2), crossing(0, IN, 1)]) == [(0, 0, "left")]
    assert summary([crossing(0, OUT, 1), crossing(0, IN, 2)]) == [(0, None, "inside")]


def facts(stays: Iterable[StoredStay | RebuiltStay]) -> list[tuple]:
    found = ((one.entered_at, one.left_at, one.ending, one.no_grace) for one in stays)
    return sorted(found, key=str)


class Book:
    """A record of stays that is only ever corrected, as the database's is."""

    def __init__(self) -> None:
        self.events: list[Crossing] = []
        self.stays: dict[int, StoredStay] = {}
        self.numbers = iter(range(1_000))

    def take(self, new: Crossing) -> None:
        timeline = rebuild([*self.events, new], dedupe=DEDUPE, reentry=REENTRY)
        changed, matched = corrections(timeline, list(self.stays.values()))
        tickets = {place: stored.ticket_id for place, stored in matched.items() if stored}
        for change in changed:
            if change.rebuilt is None:
                del self.stays[change.stored.ticket_id]
                continue
            ticket = change.stored.ticket_id if change.stored else next(self.numbers)
            tickets[timeline.stays.index(change.rebuilt)] = ticket
            self.stays[ticket] = StoredStay(
                ticket_id=ticket,
                entered_at=change.rebuilt.entered_at,
                left_at=change.rebuilt.left_at,
                ending=change.rebuilt.ending,
                no_grace=change.rebuilt.no_grace,
            )
        stay = timeline.stay_of(new.key)
        self.events.append(replace(new, ticket_id=tickets[timeline.stays.index(stay)] if stay else None))

    def state(self) -> list[tuple]:
        return facts(self.stays.values())


lanes = st.sampled_from([IN, OUT, OTHER_IN])
histories = st.lists(st.tuples(st.integers(0, 800).map(lambda tenth: tenth / 10), lanes), max_size=9)


@settings(max_examples=300)
@given(histories, st.randoms(use_true_random=False))
def test_record_ends_the_same_in_whatever_order_the_passages_came(passed, order):
    found = crossings(*sorted(passed, key=lambda one: one[0]))
    in_order, shuffled = Book(), Book()
    for one in found:
        in_order.take(one)
    for one in order.sample(found, len(found)):
        shuffled.take(one)

    expected = rebuild(found, dedupe=DEDUPE, reentry=REENTRY).stays
    assert shuffled.state() == in_order.state()
    assert shuffled.state() == facts(expected)


@given(histories)
def test_at_most_the_last_stay_is_still_inside(passed):
    stays = rebuild(crossings(*passed), dedupe=DEDUPE, reentry=REENTRY).stays

    assert all(stay.ending is not Ending.INSIDE for stay in stays[:-1])
    assert all(one.left_at is None or one.left_at <= two.entered_at for one, two in itertools.pairwise(stays))


def test_nothing_changes_when_the_record_is_as_told():
    book = Book()
    for one in random.Random(1).sample(found := crossings((0, IN), (60, OUT), (70, IN)), 3):
        book.take(one)
    timeline = rebuild(book.events, dedupe=DEDUPE, reentry=REENTRY)

    assert len(found) == len(book.events)
    assert corrections(timeline, list(book.stays.values()))[0] == []
