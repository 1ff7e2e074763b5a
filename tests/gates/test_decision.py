"""The gate decision, rule by rule: every case of `decisions.jsonl`, then what lies between them."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from gates.decision import (
    Action,
    AddDebt,
    Block,
    Booking,
    Capture,
    Concern,
    Context,
    DebtCause,
    Decision,
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
    Review,
    TakeSpot,
    amount_to_charge,
    decide,
    match_stay,
)
from gates.reads.body import ReadBody, read_of
from gates.reads.events import moment_of
from lots.compatibility import SpotType
from lots.gate_rules import Direction, LowConfidence
from tests.gates.decision_cases import NOW, Case, effect_name, load_cases, minutes
from tickets.matching import MatchKind

READ = PlateRead(plate="ZH123456", confidence=0.95)
ENTRY = Context(lane=Lane(code="here", direction=Direction.ENTRY), now=NOW, free={SpotType.REGULAR: 5})
STAY = OpenStay(
    ticket_id=1,
    number="PS-0000000000",
    token="secret",
    plate="ZH123456",
    entered_at=NOW - minutes(90),
    entry_gate="other",
    spot_type=SpotType.REGULAR,
)
EXIT = Context(lane=Lane(code="here", direction=Direction.EXIT), now=NOW, stays=(STAY,))
OWING = replace(EXIT, due=Due(amount=700))
DECLINED = PaymentResult(kind=PaymentKind.DECLINED)


def names(decision: Decision) -> list[str]:
    return [effect.name for effect in decision.effects]


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_decision_follows_the_case(case: Case):
    decision = decide(case.read, case.context)
    written = [*case.effects, *[""] * len(decision.effects)]
    named = [effect_name(effect, text) for effect, text in zip(decision.effects, written, strict=False)]
    assert (decision.action, decision.reason, named) == (case.action, case.reason, case.effects)
    assert amount_to_charge(case.read, case.context) == case.charge


@pytest.fixture(scope="module")
def by_name() -> dict[str, Decision]:
    return {case.name: decide(case.read, case.context) for case in load_cases()}


def test_cases_also_carry_what_their_notes_say(by_name):
    assert by_name["E14"].effects[0].plate is None
    assert by_name["E17"].ticket_id == 1
    assert by_name["E26"].concerns == (Concern.BROKEN_PROMISE,)
    assert by_name["E33"].repeats == 7
    assert by_name["E36"].concerns == (Concern.NO_SPOT,)
    assert by_name["E37"].concerns == (Concern.BLOCKED,)
    assert by_name["E38"].effects[0].no_grace
    assert by_name["X09"].ask_again
    assert by_name["X12"].effects[0] == AddDebt(1, "ZH123456", 300, DebtCause.PARTIAL)
    assert by_name["X15"].concerns == (Concern.NO_TICKET, Concern.UNANSWERED)
    assert by_name["X16"].concerns == (Concern.OWED, Concern.UNANSWERED)
    assert by_name["X17"].match_kind is MatchKind.SKELETON
    assert by_name["X18"].suggestions == (1, 2)
    assert by_name["X19"].ticket_id == 2
    assert by_name["X20"].suggestions == (1,)
    assert not by_name["X27"].show_fee
    assert by_name["X02"].show_fee
    assert by_name["X02"].amount_due == 700
    assert by_name["S02"].effects[0].plate == "ZH123456"
    assert by_name["S03"].concerns == (Concern.REPEATED,)
    assert by_name["S11"].effects[2].no_grace
    assert not by_name["S12"].effects[2].no_grace
    assert by_name["S15"].concerns == by_name["S17"].concerns == (Concern.REPEATED,)
    assert by_name["S16"].concerns == by_name["S18"].concerns == (Concern.PROMISED_TWICE,)
    assert by_name["S19"].suggestions == (1, 2)
    assert by_name["S24"].concerns == (Concern.OLD_RECORD, Concern.UNANSWERED)


@pytest.mark.parametrize("case", [case for case in load_cases() if case.clock_seconds], ids=lambda case: case.name)
def test_clock_that_is_far_off_is_not_believed(case: Case):
    shown = NOW + timedelta(seconds=case.clock_seconds)
    body = ReadBody(event_id=uuid4(), captured_at=shown.isoformat(), offline=case.read.offline)
    moment = moment_of(read_of(body), NOW)
    assert (moment.at, moment.captured_at, moment.skew_seconds) == (NOW, shown, case.clock_seconds)


# --- any read


def earlier(action: Action, reason: Reason, *, seconds: int = 10, changed: bool = False) -> Reading:
    at = NOW - timedelta(seconds=seconds)
    return Reading(event=9, at=at, action=action, reason=reason, ticket_id=1, plate=READ.plate, changed_since=changed)


def test_repeat_is_judged_by_the_lots_own_seconds():
    answer = earlier(Action.DENY, Reason.FULL, seconds=31)
    assert decide(READ, replace(ENTRY, readings=(answer,))).repeats is None
    patient = replace(ENTRY, readings=(answer,), policy=LotPolicy(dedupe_seconds=60))
    assert (decide(READ, patient).reason, decide(READ, patient).repeats) == (Reason.FULL, 9)


def test_repeat_at_the_last_second_still_gets_the_earlier_answer():
    answer = earlier(Action.DENY, Reason.FULL, seconds=30)
    assert decide(READ, replace(ENTRY, readings=(answer,))).repeats == 9


def test_repeated_pay_stands_until_something_changes():
    unchanged = replace(OWING, readings=(earlier(Action.PAY, Reason.FEE_DUE),))
    assert decide(READ, unchanged).repeats == 9
    changed = replace(OWING, readings=(earlier(Action.PAY, Reason.FEE_DUE, changed=True),))
    assert decide(READ, changed).repeats is None


@pytest.mark.parametrize(
    ("read", "context"),
    [
        (replace(READ, ticket=STAY.number), OWING),
        (READ, replace(OWING, unanswered_seconds=120)),
        (READ, replace(OWING, due=Due(amount=700, payment=PaymentResult(kind=PaymentKind.DECLINED)))),
    ],
    ids=["ticket scanned", "waited too long", "payment tried"],
)
def test_repeated_pay_is_decided_anew(read, context):
    assert decide(read, replace(context, readings=(earlier(Action.PAY, Reason.FEE_DUE),))).repeats is None


def test_repeated_deny_stands_although_spots_came_free():
    context = replace(ENTRY, readings=(earlier(Action.DENY, Reason.FULL, changed=True),))
    assert decide(READ, context).action is Action.DENY


def test_offline_record_is_not_bound_by_an_earlier_refusal():
    context = replace(ENTRY, readings=(earlier(Action.DENY, Reason.FULL),))
    assert decide(replace(READ, offline=True), context).action is Action.OPEN


def test_replay_beats_every_other_rule():
    answer = earlier(Action.DENY, Reason.FULL)
    context = replace(ENTRY, replay=Replay(answer=answer), readings=(earlier(Action.OPEN, Reason.OK),))
    assert decide(READ, context).reason is Reason.FULL


# --- entry


@pytest.mark.parametrize("closed", [{"policy": LotPolicy(closed=True)}, {"lane": replace(ENTRY.lane, closed=True)}])
def test_closed_lot_or_gate_is_named_before_the_blocklist(closed):
    context = replace(ENTRY, blocked=frozenset({Block(READ.plate)}), **closed)
    assert decide(READ, context).reason is Reason.CLOSED


def test_blocked_plate_may_not_use_its_booking():
    booking = Booking(reservation_id=1, plate=READ.plate, start=NOW, end=NOW + minutes(60))
    context = replace(ENTRY, blocked=frozenset({Block(READ.plate)}), bookings=(booking,))
    assert decide(READ, context).reason is Reason.BLOCKED


def test_poorly_read_plate_is_kept_and_listed():
    decision = decide(replace(READ, confidence=0.59), ENTRY)
    assert decision.effects[0] == OpenTicket(plate=READ.plate, reason=Reason.OK)
    assert decision.concerns == (Concern.LOW_CONFIDENCE,)


def test_threshold_itself_is_read_well():
    assert decide(replace(READ, confidence=0.6), ENTRY).effects[0].plate == READ.plate


def test_poor_read_of_a_car_that_stands_in_the_lane_is_that_car():
    standing = replace(STAY, entry_gate="here", entered_at=NOW - minutes(1), entry_reason=Reason.PASS, entry_event=4)
    context = replace(ENTRY, stays=(standing,), policy=LotPolicy(low_confidence=LowConfidence.ATTEND))
    decision = decide(replace(READ, confidence=0.2), context)
    assert (decision.action, decision.reason, decision.repeats) == (Action.OPEN, Reason.PASS, 4)


@pytest.mark.parametrize(
    ("gate", "age", "reason"),
    [
        ("here", 10, Reason.OK),
        ("here", 10.1, Reason.REENTRY),
        ("other", 2, Reason.PASSBACK),
        ("other", 2.1, Reason.REENTRY),
    ],
)
def test_second_arrival_is_judged_by_gate_and_time(gate, age, reason):
    stay = replace(STAY, entry_gate=gate, entered_at=NOW - minutes(age))
    assert decide(READ, replace(ENTRY, stays=(stay,))).reason is reason


def test_stay_of_a_plate_that_only_looks_alike_is_left_alone():
    context = replace(ENTRY, stays=(replace(STAY, plate="ZHI23456"),))
    assert names(decide(READ, context)) == ["open_ticket", "take_spot"]


def test_missed_exit_without_a_spot_frees_none():
    decision = decide(READ, replace(ENTRY, stays=(replace(STAY, spot_type=None),)))
    assert names(decision) == ["review_ticket", "open_ticket", "take_spot"]
    assert decision.concerns == (Concern.MISSED_EXIT,)


def test_missed_exit_stays_untouched_when_the_car_is_not_let_in():
    promised = replace(ENTRY, stays=(STAY,), free={}, promised={SpotType.REGULAR: 1})
    assert decide(READ, promised) == Decision(action=Action.DENY, reason=Reason.FULL)


def test_missed_exit_gives_back_no_spot_that_does_not_fit():
    context = replace(ENTRY, stays=(replace(STAY, spot_type=SpotType.COMPACT),), free={})
    assert decide(READ, context).reason is Reason.FULL


def test_reentry_still_uses_its_booking():
    booking = Booking(reservation_id=3, plate=READ.plate, start=NOW, end=NOW + minutes(60))
    decision = decide(READ, replace(ENTRY, stays=(STAY,), bookings=(booking,)))
    assert decision.reason is Reason.REENTRY
    assert names(decision)[2:] == ["open_ticket", "activate_reservation", "take_reserved_spot"]
    assert decision.reservation_id == 3


def test_offline_arrival_older_than_the_present_stay_is_listed_only():
    context = replace(ENTRY, stays=(replace(STAY, entered_at=NOW + minutes(30)),))
    decision = decide(replace(READ, offline=True), context)
    assert decision.effects == (Review(Concern.OUT_OF_ORDER),)


def test_offline_second_arrival_at_another_gate_is_a_missed_exit():
    context = replace(ENTRY, stays=(replace(STAY, entered_at=NOW - minutes(1)),))
    assert decide(replace(READ, offline=True), context).reason is Reason.REENTRY


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (30, 60, Reason.RESERVATION),
        (30.1, 60, Reason.OK),
        (-60, 0.1, Reason.RESERVATION),
        (-60, 0, Reason.OK),
    ],
)
def test_booking_counts_from_early_minutes_until_its_end(start, end, reason):
    booking = Booking(reservation_id=1, plate=READ.plate, start=NOW + minutes(start), end=NOW + minutes(end))
    assert decide(READ, replace(ENTRY, bookings=(booking,))).reason is reason


def test_first_of_two_bookings_of_one_plate_is_used():
    late = Booking(reservation_id=1, plate=READ.plate, start=NOW + minutes(20), end=NOW + minutes(60))
    soon = replace(late, reservation_id=2, start=NOW - minutes(20))
    assert decide(READ, replace(ENTRY, bookings=(late, soon))).reservation_id == 2


def test_no_show_that_comes_late_takes_another_spot_or_is_a_walk_in():
    booking = Booking(reservation_id=1, plate=READ.plate, start=NOW - minutes(40), end=NOW + minutes(60), no_show=True)
    late = replace(ENTRY, bookings=(booking,))
    assert names(decide(READ, late)) == ["open_ticket", "activate_reservation", "take_other_spot"]
    full = decide(READ, replace(late, free={}))
    assert (full.action, full.reason) == (Action.DENY, Reason.FULL)


def test_offline_booking_without_a_spot_is_still_active():
    booking = Booking(reservation_id=1, plate=READ.plate, start=NOW, end=NOW + minutes(60), spot_free=False)
    decision = decide(replace(READ, offline=True), replace(ENTRY, bookings=(booking,), free={}))
    assert names(decision) == ["open_ticket", "activate_reservation"]
    assert decision.concerns == (Concern.NO_SPOT,)


def test_pass_is_written_on_the_ticket_and_needs_a_spot_that_fits():
    held = HeldPass(pass_id=8, plate=READ.plate, valid_now=True, pool_free=1)
    assert decide(READ, replace(ENTRY, passes=(held,))).effects[0].pass_id == 8
    assert decide(READ, replace(ENTRY, passes=(held,), free={SpotType.COMPACT: 9})).reason is Reason.FULL


def test_walk_in_takes_a_spot_only_while_the_promised_ones_stay_free():
    context = replace(ENTRY, free={SpotType.REGULAR: 2, SpotType.LARGE: 1}, promised={SpotType.LARGE: 2})
    assert decide(READ, context).effects[1] == TakeSpot((SpotType.REGULAR, SpotType.LARGE), keep=2)
    assert decide(READ, replace(context, promised={SpotType.LARGE: 3})).reason is Reason.FULL


def test_promises_of_spots_that_do_not_fit_do_not_count():
    context = replace(ENTRY, free={SpotType.REGULAR: 1}, promised={SpotType.COMPACT: 4})
    assert decide(READ, context).reason is Reason.OK


def test_offline_arrival_takes_a_promised_spot_because_it_stands_there():
    context = replace(ENTRY, free={SpotType.REGULAR: 1}, promised={SpotType.REGULAR: 1})
    assert names(decide(replace(READ, offline=True), context)) == ["open_ticket", "take_spot"]


@pytest.mark.parametrize(("left", "no_grace"), [(0, True), (30, True), (30.1, False), (-5, False)])
def test_grace_is_lost_within_reentry_minutes(left, no_grace):
    decision = decide(READ, replace(ENTRY, left_at=NOW - minutes(left)))
    assert decision.effects[0].no_grace is no_grace


# --- exit


def test_scanned_token_finds_the_stay_before_any_plate():
    other = replace(STAY, ticket_id=2, token="other", number="N2", plate="GE999999")
    found = match_stay(replace(READ, ticket="other"), replace(EXIT, stays=(STAY, other)))
    assert (found.kind, found.car) == (MatchKind.TICKET, other)


def test_unknown_ticket_falls_back_to_the_plate():
    assert decide(replace(READ, ticket="PS-unknown"), EXIT).ticket_id == 1


def test_ticket_of_another_car_opens_but_is_listed():
    decision = decide(replace(READ, plate="GE999999", ticket="secret"), EXIT)
    assert (decision.action, decision.concerns) == (Action.OPEN, (Concern.PLATE_MISMATCH,))


def test_empty_token_matches_nothing():
    decision = decide(PlateRead(ticket=""), replace(EXIT, stays=(replace(STAY, token="", plate=None),)))
    assert decision.reason is Reason.NO_TICKET


def test_nothing_owed_without_a_reason_is_grace():
    assert decide(READ, EXIT).reason is Reason.GRACE


def test_automatic_payment_is_captured_before_the_stay_closes():
    due = Due(amount=700, automatic=PaymentResult(kind=PaymentKind.SUCCEEDED, captured=700))
    assert decide(READ, replace(EXIT, due=due)).effects[0] == Capture(1, 700)


@pytest.mark.parametrize(
    ("automatic", "payment", "so_far", "reason"),
    [
        (None, PaymentKind.DECLINED, 0, Reason.FEE_DUE),
        (PaymentKind.DECLINED, PaymentKind.DECLINED, 0, Reason.OWED),
        (PaymentKind.DECLINED, None, 1, Reason.OWED),
        (None, None, 1, Reason.FEE_DUE),
        (None, None, 2, Reason.OWED),
        (None, PaymentKind.UNAVAILABLE, 0, Reason.OWED),
        (PaymentKind.DECLINED, PaymentKind.SUCCEEDED, 0, Reason.PAID),
    ],
)
def test_second_decline_or_a_missing_provider_lets_the_car_go_owing(automatic, payment, so_far, reason):
    due = Due(
        amount=700,
        automatic=automatic and PaymentResult(kind=automatic),
        payment=payment and PaymentResult(kind=payment),
        declines_so_far=so_far,
    )
    assert decide(READ, replace(EXIT, due=due)).reason is reason


def test_partial_payment_of_everything_is_paid():
    due = Due(amount=700, payment=PaymentResult(kind=PaymentKind.PARTIAL, captured=700))
    assert decide(READ, replace(EXIT, due=due)).reason is Reason.PAID


@pytest.mark.parametrize(
    ("changed", "read", "cause"),
    [
        ({"due": Due(amount=700, payment=DECLINED, declines_so_far=1)}, READ, "card declined twice"),
        (
            {"due": Due(amount=700, payment=PaymentResult(kind=PaymentKind.UNAVAILABLE))},
            READ,
            "card payment did not work",
        ),
        ({"unanswered_seconds": 121}, READ, "nobody answered at the exit"),
        ({"unanswered_seconds": 121, "due": Due(amount=700, payment=DECLINED)}, READ, "nobody answered at the exit"),
        ({}, replace(READ, offline=True), "left without paying"),
    ],
)
def test_debt_says_why_the_car_left_owing(changed, read, cause):
    assert decide(read, replace(OWING, **changed)).effects[0].cause == cause


@pytest.mark.parametrize("kind", [PaymentKind.DECLINED, PaymentKind.UNAVAILABLE, PaymentKind.PARTIAL])
def test_attended_lane_never_lets_a_car_go_owing_by_itself(kind):
    due = Due(amount=700, payment=PaymentResult(kind=kind), declines_so_far=5)
    attended = replace(EXIT, lane=replace(EXIT.lane, attended=True), due=due)

    assert decide(READ, attended).action is Action.PAY
    assert decide(replace(READ, offline=True), attended).reason is Reason.OWED


def test_debt_falls_on_a_well_read_plate_when_the_ticket_has_none():
    unplated = replace(OWING, stays=(replace(STAY, plate=None),), unanswered_seconds=121)
    scanned = replace(READ, ticket=STAY.number)
    assert decide(scanned, unplated).effects[0] == AddDebt(1, "ZH123456", 700, DebtCause.UNANSWERED)


def test_unanswered_car_without_a_plate_opens_and_its_stay_goes_to_review():
    unplated = replace(OWING, stays=(replace(STAY, plate=None),), unanswered_seconds=120)
    decision = decide(replace(READ, ticket=STAY.number, confidence=0.3), unplated)
    assert (decision.action, decision.reason) == (Action.OPEN, Reason.OWED)
    assert names(decision) == ["review_ticket", "free_old_spot"]
    assert decision.concerns == (Concern.OWED, Concern.UNANSWERED)


@pytest.mark.parametrize(("seconds", "action"), [(119, Action.PAY), (120, Action.OPEN)])
def test_unanswered_fee_opens_after_two_minutes(seconds, action):
    assert decide(READ, replace(OWING, unanswered_seconds=seconds)).action is action


def test_offline_exit_before_its_entry_goes_to_review():
    context = replace(EXIT, stays=(replace(STAY, entered_at=NOW + minutes(1)),))
    decision = decide(replace(READ, offline=True), context)
    assert names(decision) == ["review_ticket", "free_old_spot"]
    assert (decision.action, decision.concerns) == (Action.OPEN, (Concern.OUT_OF_ORDER,))


def test_closed_gate_never_holds_a_car_back():
    assert decide(READ, replace(EXIT, lane=replace(EXIT.lane, closed=True))).action is Action.OPEN


def test_fee_above_the_lanes_limit_shows_once_the_ticket_is_scanned():
    context = replace(OWING, policy=LotPolicy(lane_fee_limit=699))
    assert not decide(READ, context).show_fee
    assert decide(replace(READ, ticket=STAY.number), context).show_fee
    assert decide(READ, replace(OWING, policy=LotPolicy(lane_fee_limit=700))).show_fee


def test_leaving_with_a_booking_completes_it_whatever_was_paid():
    context = replace(EXIT, stays=(replace(STAY, reservation_id=5),), due=Due(why_free=Reason.PAID))
    assert names(decide(READ, context)) == ["close_ticket", "free_spot", "complete_reservation"]


def test_stay_without_a_spot_frees_none():
    assert names(decide(READ, replace(EXIT, stays=(replace(STAY, spot_type=None),)))) == ["close_ticket"]
