"""What a simulation plans and how it reckons, without a server."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.plates import normalise, skeleton
from traffic.client import KeyedLane, NoAnswerError, Server, Site
from traffic.simulation.journey import Fate, Journey, Sent
from traffic.simulation.misreading import misread, read_well
from traffic.simulation.reckoning import Reckoning, Recorded, reckon
from traffic.simulation.scenario import FULLEST_SHARE, MEAN_STAY, Odds, Repeat, SimulatedVisit, day_length, draw_visits
from traffic.simulation.schedule import Day

ROOM = [("central", 100), ("airport", 300)]
LANE = KeyedLane("central-in-1", "pk_key")
SITE = Site((LANE,), (LANE,))


def test_same_seed_draws_the_same_cars_and_another_does_not() -> None:
    odds = Odds(misread=0.1, duplicates=0.1)
    assert draw_visits(50, room=ROOM, odds=odds, seed=1) == draw_visits(50, room=ROOM, odds=odds, seed=1)
    assert draw_visits(50, room=ROOM, odds=odds, seed=1) != draw_visits(50, room=ROOM, odds=odds, seed=2)


def test_drawn_cars_follow_the_odds_and_the_room() -> None:
    visits = draw_visits(2000, room=ROOM, odds=Odds(misread=0.05, duplicates=0.2), seed=1)
    assert 0.03 < sum(visit.entry.misread for visit in visits) / 2000 < 0.07
    assert 0.15 < sum(visit.exit.repeat is not Repeat.NO for visit in visits) / 2000 < 0.25
    assert 0.2 < sum(visit.lot == "central" for visit in visits) / 2000 < 0.3
    assert [visit.arrives for visit in visits] == sorted(visit.arrives for visit in visits)


def test_no_two_drawn_plates_can_be_confused() -> None:
    visits = draw_visits(2000, room=ROOM, odds=Odds(), seed=1)
    assert len({skeleton(normalise(visit.plate) or "") for visit in visits}) == 2000


@given(st.integers(1, 100_000), st.integers(0, 5000))
def test_the_day_is_so_long_that_the_cars_fit_in(cars: int, places: int) -> None:
    day = day_length(cars, places)
    assert day >= dt.timedelta(hours=12)
    assert cars * (MEAN_STAY / day) <= max(1.0, FULLEST_SHARE * places) + 1e-6


@given(
    st.builds("{} {}".format, st.sampled_from(["ZH", "AG", "XX"]), st.integers(1000, 999_999)), st.integers(0, 2**32)
)
def test_a_misread_plate_is_another_text_that_is_no_longer(plate: str, seed: int) -> None:
    read, confidence = misread(plate, Random(seed))
    assert read != plate
    assert 0 <= confidence < 0.86
    if read is not None:
        assert len(read) in {len(plate), len(plate) - 1}
        if len(read) == len(plate):
            assert skeleton(normalise(read) or "") == skeleton(normalise(plate) or "")
        else:
            assert confidence >= 0.6


def test_a_good_read_is_the_plate_itself() -> None:
    plate, confidence = read_well("ZH 123456", Random(1))
    assert plate == "ZH 123456"
    assert confidence >= 0.86


def visit(serial: int = 0, **fields: Any) -> SimulatedVisit:
    return replace(draw_visits(1, room=ROOM, odds=Odds(), seed=3)[0], serial=serial, **fields)


def answer(action: str = "open", reason: str = "ok") -> dict[str, Any]:
    return {"action": action, "reason": reason, "replayed": False}


def sent(outcome: dict[str, Any] | None, event_id: uuid.UUID | None = None, *, again: bool = False) -> Sent:
    return Sent(LANE, {"event_id": str(event_id or uuid.uuid4())}, outcome, again=again)


def journey(fate: Fate, ticket: str | None, *reads: Sent, left_as: str | None = None) -> Journey:
    one = Journey(visit(), SITE, server=None, seed=1)  # type: ignore[arg-type]
    one.fate, one.ticket, one.left_as = fate, ticket, left_as
    one.sent.extend(reads)
    return one


class Story:
    """Three cars: one inside, one that left, one that was turned away; and what a faithful server recorded."""

    def __init__(self) -> None:
        self.entry, self.exit = sent(answer()), sent(answer("open", "paid"))
        self.repeat = replace(self.entry, again=True, answer={**answer(), "replayed": True})
        self.inside = journey(Fate.INSIDE, "PS-1", self.entry, self.repeat)
        self.left = journey(Fate.LEFT, "PS-2", sent(answer()), self.exit, left_as="paid")
        self.away = journey(Fate.TURNED_AWAY, None, sent(answer("deny", "full")))
        self.journeys = [self.inside, self.left, self.away]
        self.events = {one.event_id: one.outcome for each in self.journeys for one in each.sent}
        self.tickets = {"PS-1": "open", "PS-2": "closed"}

    def reckoned(self) -> Reckoning:
        return reckon(self.journeys, Recorded(events=self.events, tickets=self.tickets))


def test_a_faithful_record_reconciles() -> None:
    reckoning = Story().reckoned()
    assert reckoning.reconciles
    assert reckoning.fates == {Fate.INSIDE: 1, Fate.LEFT: 1, Fate.TURNED_AWAY: 1}


def lose_event(story: Story) -> None:
    del story.events[story.exit.event_id]


def change_answer(story: Story) -> None:
    story.events[story.exit.event_id] = "open/grace"


def invent_event(story: Story) -> None:
    story.events[uuid.uuid4()] = "open/ok"


def lose_ticket(story: Story) -> None:
    del story.tickets["PS-1"]


def invent_ticket(story: Story) -> None:
    story.tickets["PS-9"] = "open"


def keep_open(story: Story) -> None:
    story.tickets["PS-2"] = "open"


def close_behind(story: Story) -> None:
    story.tickets["PS-1"] = "closed"


def answer_otherwise(story: Story) -> None:
    story.inside.sent[1] = replace(story.repeat, answer=answer("deny", "full") | {"replayed": True})


def answer_nothing(story: Story) -> None:
    story.away.fate = Fate.LOST


@pytest.mark.parametrize(
    "spoil",
    [
        lose_event, change_answer, invent_event, lose_ticket, invent_ticket, keep_open, close_behind, answer_otherwise,
        answer_nothing,
    ],
)  # fmt: skip
def test_a_record_that_differs_does_not_reconcile(spoil: Callable[[Story], None]) -> None:
    story = Story()
    spoil(story)
    reckoning = story.reckoned()
    assert not reckoning.reconciles
    assert reckoning.discrepancies


def test_a_stay_in_review_is_explained() -> None:
    story = Story()
    story.tickets["PS-1"] = "review"
    reckoning = story.reckoned()
    assert reckoning.reconciles
    assert any("in review" in note for note in reckoning.notes)


def test_a_car_that_left_unattended_leaves_its_ticket_open() -> None:
    story = Story()
    story.left.left_as = "unattended"
    story.tickets["PS-2"] = "open"
    assert story.reckoned().reconciles


class _Flaky(BaseHTTPRequestHandler):
    """Fails the first requests, each in its own way, and remembers their bodies."""

    bodies: list[bytes] = []

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        if len(self.bodies) == 1:
            self.connection.close()
            return
        self.send_response(503 if len(self.bodies) == 2 else 200)
        self.end_headers()
        self.wfile.write(b'{"action": "open"}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def test_a_read_is_sent_again_with_the_same_body_until_it_is_answered() -> None:
    _Flaky.bodies = []
    with HTTPServer(("127.0.0.1", 0), _Flaky) as flaky:
        threading.Thread(target=flaky.serve_forever, daemon=True).start()
        server = Server(f"http://127.0.0.1:{flaky.server_port}", connections=1)
        assert server.read(LANE, {"event_id": "1"}) == {"action": "open"}
        server.close()
        flaky.shutdown()
    assert len(_Flaky.bodies) == 3
    assert len(set(_Flaky.bodies)) == 1


def test_a_server_that_is_away_ends_in_no_answer() -> None:
    with HTTPServer(("127.0.0.1", 0), _Flaky) as gone:
        url = f"http://127.0.0.1:{gone.server_port}"
    server = Server(url, connections=1, tries=2)
    with pytest.raises(NoAnswerError, match="no answer after 2 tries"):
        server.read(LANE, {"event_id": "1"})


class _Recorder(Journey):
    """A journey that only notes what it was asked to do."""

    log: list[tuple[int, str]] = []

    def enter(self, *, stays_on: dt.timedelta) -> None:
        self.log.append((self.visit.serial, "enter"))
        self.fate = Fate.INSIDE

    def leave(self) -> None:
        self.log.append((self.visit.serial, "leave"))
        self.fate = Fate.LEFT


@pytest.mark.parametrize("speed", [None, 1e6])
def test_a_day_brings_every_car_in_before_it_takes_it_out(speed: float | None) -> None:
    _Recorder.log = []
    visits = [visit(serial, leaves=serial != 0) for serial in range(30)]
    steps: list[int] = []
    journeys = [_Recorder(one, SITE, None, 1) for one in visits]  # type: ignore[arg-type]
    Day(journeys, speed=speed, stepped=lambda: steps.append(1)).run(connections=4)
    assert sorted(_Recorder.log) == sorted(
        [(serial, "enter") for serial in range(30)] + [(serial, "leave") for serial in range(1, 30)]
    )
    assert len(steps) == 59
    for serial in range(1, 30):
        assert _Recorder.log.index((serial, "enter")) < _Recorder.log.index((serial, "leave"))


def test_a_stopped_day_leaves_the_cars_where_they_are() -> None:
    steps: list[int] = []
    journeys = [_Recorder(visit(serial), None, None, 1) for serial in range(50)]  # type: ignore[arg-type]

    def step() -> None:
        steps.append(1)
        if len(steps) == 10:
            day.stop()

    day = Day(journeys, speed=None, stepped=step)
    day.run(connections=1)
    assert len(steps) == 10
