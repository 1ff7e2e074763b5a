"""What holds for every gate decision, whatever the context."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from accounts.vehicles import VehicleType
from gates.decision import (
    Action,
    AddDebt,
    Block,
    Booking,
    Capture,
    CloseTicket,
    Context,
    CorrectPlate,
    Due,
    HeldPass,
    Lane,
    LotPolicy,
    OpenStay,
    OpenTicket,
    PaymentKind,
    PaymentResult,
    PlateRead,
    Reading,
    Reason,
    Replay,
    decide,
)
from lots.compatibility import SpotType, VehicleProfile, spot_types_for
from lots.gate_rules import Direction, LowConfidence
from tests.gates.decision_cases import NOW

PLATES = st.sampled_from([None, "ZH123456", "ZHI23456", "ZHL23456", "ZH123457", "GE1", "車123"])
REGIONS = st.sampled_from([None, "", "CH", "CH-ZH", "de"])
TIMES = st.sampled_from([-(10**6), -7300, -1800, -601, -600, -121, -120, -30, -1, 0, 1, 29, 1800, 1801, 10**6]).map(
    lambda seconds: NOW + timedelta(seconds=seconds)
)
KEYS = st.integers(1, 3)
COUNTS = st.dictionaries(st.sampled_from(SpotType), st.integers(0, 3))
PAYMENTS = st.none() | st.builds(PaymentResult, kind=st.sampled_from(PaymentKind), captured=st.integers(0, 900))
VEHICLES = st.builds(
    VehicleProfile, st.sampled_from(VehicleType), electric=st.booleans(), permit=st.booleans(), wants_ev=st.booleans()
)
REFS = st.sampled_from([None, None, "car 1", "car 2"])
READS = st.builds(
    PlateRead,
    plate=PLATES,
    region=REGIONS,
    confidence=st.sampled_from([0.0, 0.59, 0.6, 1.0]),
    candidates=st.lists(PLATES.filter(bool), max_size=2).map(tuple),
    vehicle_ref=REFS,
    ticket=st.sampled_from([None, "", "N1", "N2", "N9"]),
    vehicle=VEHICLES,
    offline=st.booleans(),
)
STAYS = st.builds(
    OpenStay,
    ticket_id=KEYS,
    number=st.sampled_from(["N1", "N2", "N3"]),
    plate=PLATES,
    region=REGIONS,
    entered_at=TIMES,
    entry_gate=st.sampled_from(["here", "other"]),
    others_since=st.booleans(),
    spot_type=st.none() | st.sampled_from(SpotType),
    awaited=st.booleans(),
    reservation_id=st.none() | KEYS,
    no_grace=st.booleans(),
    of_old_record=st.booleans(),
    promised_at=st.sampled_from([None, None, "here", "other"]),
)
BOOKINGS = st.builds(
    Booking,
    reservation_id=KEYS,
    plate=PLATES,
    region=REGIONS,
    start=TIMES,
    end=TIMES,
    spot_free=st.booleans(),
    no_show=st.booleans(),
)
PASSES = st.builds(
    HeldPass,
    pass_id=KEYS,
    plate=PLATES,
    region=REGIONS,
    valid_now=st.booleans(),
    pool_free=st.none() | st.integers(0, 1),
)
POLICIES = st.builds(
    LotPolicy,
    closed=st.booleans(),
    low_confidence=st.sampled_from(LowConfidence),
    dedupe_seconds=st.sampled_from([0, 30, 600]),
    lane_fee_limit=st.none() | st.integers(0, 900),
    plates_by_region=st.booleans(),
)
DUES = st.builds(
    Due,
    amount=st.integers(0, 900),
    why_free=st.sampled_from([None, Reason.GRACE, Reason.PASS, Reason.RESERVATION, Reason.PAID]),
    automatic=PAYMENTS,
    payment=PAYMENTS,
    declines_so_far=st.integers(0, 3),
)


def contexts(direction: Direction) -> st.SearchStrategy[Context]:
    # An exit lane has never denied anyone, so there is no such answer to repeat.
    actions = [Action.OPEN, Action.ATTEND, Action.DENY if direction is Direction.ENTRY else Action.PAY]
    answers = st.builds(
        Reading,
        event=KEYS,
        at=TIMES,
        action=st.sampled_from(actions),
        reason=st.sampled_from(Reason),
        ticket_id=st.none() | KEYS,
        plate=PLATES,
        region=REGIONS,
        confidence=st.sampled_from([0.5, 0.95]),
        surest=PLATES,
        vehicle_ref=REFS,
        offline=st.booleans(),
        changed_since=st.booleans(),
        passed=st.booleans(),
        undone=st.booleans(),
    )
    return st.builds(
        Context,
        lane=st.builds(
            Lane,
            code=st.just("here"),
            direction=st.just(direction),
            closed=st.booleans(),
            held_open=st.booleans(),
            confirms_passage=st.booleans(),
        ),
        now=st.just(NOW),
        policy=POLICIES,
        replay=st.none() | st.builds(Replay, answer=st.none() | answers),
        readings=st.lists(answers, max_size=3).map(tuple),
        blocked=st.frozensets(st.builds(Block, PLATES.filter(bool), REGIONS), max_size=2),
        stays=st.lists(STAYS, max_size=3).map(tuple),
        bookings=st.lists(BOOKINGS, max_size=2).map(tuple),
        passes=st.lists(PASSES, max_size=2).map(tuple),
        free=COUNTS,
        promised=COUNTS,
        left_at=st.none() | TIMES,
        due=DUES,
        plate_owes=st.sampled_from([0, 0, 500]),
        unanswered_seconds=st.none() | st.sampled_from([0, 119, 120, 10**6]),
    )


ENTRIES = contexts(Direction.ENTRY)
EXITS = contexts(Direction.EXIT)


@given(READS, ENTRIES | EXITS)
def test_decision_is_total_and_the_same_each_time(read, context):
    decision = decide(read, context)
    assert decision == decide(read, context)
    assert (decision.action is Action.ERROR) == (context.replay is not None and context.replay.answer is None)


@given(READS, ENTRIES | EXITS)
def test_repeated_answer_changes_nothing_but_the_plate(read, context):
    decision = decide(read, context)
    allowed = CorrectPlate if context.lane.direction is Direction.ENTRY else ()
    assert decision.repeats is None or all(isinstance(effect, allowed) for effect in decision.effects)


@given(READS, EXITS)
def test_exit_never_denies(read, context):
    assert decide(read, context).action is not Action.DENY


@given(READS, ENTRIES | EXITS)
def test_offline_read_is_always_let_through(read, context):
    record = decide(replace(read, offline=True), replace(context, replay=None))
    assert record.action is Action.OPEN


@given(READS, EXITS, st.integers(120, 10**6))
def test_car_that_waited_two_minutes_is_let_out(read, context, seconds):
    waited = replace(context, unanswered_seconds=seconds, replay=None)
    assert decide(read, waited).action is Action.OPEN


@given(READS, ENTRIES)
def test_walk_in_never_takes_what_is_promised(read, context):
    anybody = replace(context, bookings=(), passes=(), stays=(), replay=None, readings=())
    types = spot_types_for(read.vehicle)
    free, promised = (sum(counts.get(one, 0) for one in types) for counts in (context.free, context.promised))
    decision = decide(replace(read, offline=False), anybody)
    assert free > promised or context.lane.held_open or decision.action is not Action.OPEN


@given(READS, ENTRIES)
def test_refused_entry_changes_nothing(read, context):
    decision = decide(read, context)
    assert decision.action is Action.OPEN or not decision.effects


@given(READS, ENTRIES | EXITS)
def test_decision_opens_or_closes_at_most_one_stay(read, context):
    effects = decide(read, context).effects
    opened = [effect for effect in effects if isinstance(effect, OpenTicket)]
    closed = [effect for effect in effects if isinstance(effect, CloseTicket)]
    assert len(opened) + len(closed) <= 1
    assert sum(effect.name.startswith("take_") for effect in effects) <= len(opened)


@given(READS, EXITS)
def test_stay_that_closes_is_settled_owed_or_free(read, context):
    decision = decide(read, replace(context, replay=None, readings=()))
    effects, due = decision.effects, context.due
    if not any(isinstance(effect, CloseTicket) for effect in effects):
        return
    taken = sum(effect.amount for effect in effects if isinstance(effect, Capture | AddDebt))
    results = [result for result in (due.automatic, due.payment) if result is not None]
    paid = any(result.kind is PaymentKind.SUCCEEDED for result in results)
    captured = max((result.captured for result in results if result.kind is PaymentKind.PARTIAL), default=0)
    assert paid or taken + captured >= due.amount


@given(READS, st.one_of(ENTRIES, EXITS))
def test_lane_that_is_held_open_opens_for_every_car_and_makes_no_debtor(read, context):
    context = replace(context, lane=replace(context.lane, held_open=True), replay=None)
    decision = decide(replace(read, offline=False), context)
    assert decision.action is Action.OPEN
    assert not any(isinstance(effect, AddDebt) for effect in decision.effects)
