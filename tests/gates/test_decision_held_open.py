"""The gate decision at a lane that a person holds open: nobody is refused, asked or made a debtor."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gates.decision import (
    Action,
    Block,
    Booking,
    Concern,
    Context,
    CorrectPlate,
    Due,
    LotPolicy,
    PaymentKind,
    PaymentResult,
    Reading,
    Reason,
    ReviewTicket,
    decide,
)
from lots.compatibility import SpotType
from lots.gate_rules import LowConfidence
from tests.gates.decision_cases import NOW, minutes
from tests.gates.test_decision import DECLINED, ENTRY, EXIT, OWING, READ, STAY, names


def held(context: Context, **changes: object) -> Context:
    return replace(context, lane=replace(context.lane, held_open=True), **changes)


def earlier(action: Action, reason: Reason, **fields: object) -> Reading:
    at = NOW - timedelta(seconds=8)
    return Reading(event=9, at=at, action=action, reason=reason, ticket_id=1, plate=READ.plate, **fields)


def test_car_that_would_come_in_anyway_is_not_flagged():
    assert decide(READ, held(ENTRY)) == decide(READ, ENTRY)


@pytest.mark.parametrize(
    ("changes", "concerns"),
    [
        ({"policy": LotPolicy(closed=True)}, {Concern.CLOSED}),
        ({"blocked": frozenset({Block(plate=READ.plate)})}, {Concern.BLOCKED}),
        ({"free": {}}, {Concern.NO_SPOT}),
        ({"promised": {SpotType.REGULAR: 5}}, set()),
        (
            {"stays": (replace(STAY, entry_gate="other", entered_at=NOW - minutes(1)),)},
            {Concern.PASSBACK, Concern.MISSED_EXIT},
        ),
        (
            {
                "free": {},
                "bookings": (
                    Booking(reservation_id=1, plate=READ.plate, start=NOW, end=NOW + minutes(60), spot_free=False),
                ),
            },
            {Concern.BROKEN_PROMISE, Concern.NO_SPOT},
        ),
    ],
    ids=["closed", "blocked", "full", "promised", "passback", "booked spot taken"],
)
def test_car_that_would_be_stopped_comes_in_and_is_flagged(changes, concerns):
    decision = decide(READ, held(ENTRY, **changes))
    assert decision.action is Action.OPEN
    assert "open_ticket" in names(decision)
    assert set(decision.concerns) == concerns | {Concern.HELD_OPEN}


def test_poorly_read_plate_comes_in_where_an_attendant_would_be_called():
    policy = LotPolicy(low_confidence=LowConfidence.ATTEND)
    decision = decide(replace(READ, confidence=0.2), held(ENTRY, policy=policy))
    assert decision.action is Action.OPEN
    assert set(decision.concerns) == {Concern.HELD_OPEN, Concern.LOW_CONFIDENCE}


@pytest.mark.parametrize(
    "due",
    [
        Due(amount=700),
        Due(amount=700, payment=DECLINED, declines_so_far=1),
        Due(amount=700, payment=PaymentResult(kind=PaymentKind.UNAVAILABLE)),
        Due(amount=700, automatic=DECLINED),
    ],
)
@pytest.mark.parametrize("waited", [None, 500])
def test_stay_that_owes_goes_to_review_with_its_fee_and_never_becomes_a_debt(due, waited):
    decision = decide(READ, held(OWING, due=due, unanswered_seconds=waited))
    assert (decision.action, decision.reason) == (Action.OPEN, Reason.HELD_OPEN)
    assert decision.effects[0] == ReviewTicket(STAY.ticket_id)
    assert "add_debt" not in names(decision)
    assert (decision.amount_due, decision.concerns) == (700, (Concern.HELD_OPEN,))


def test_what_a_card_paid_in_part_is_taken_off():
    partial = PaymentResult(kind=PaymentKind.PARTIAL, captured=400)
    assert decide(READ, held(OWING, due=Due(amount=700, payment=partial))).amount_due == 300


@pytest.mark.parametrize("why", [Reason.GRACE, Reason.PAID, Reason.PASS, Reason.RESERVATION])
def test_stay_that_owes_nothing_closes_as_usual(why):
    context = replace(EXIT, due=Due(why_free=why))
    assert decide(READ, held(context)) == decide(READ, context)


def test_stay_of_an_old_record_is_not_priced_but_opens():
    decision = decide(READ, held(OWING, stays=(replace(STAY, of_old_record=True),)))
    assert (decision.action, decision.reason, decision.amount_due) == (Action.OPEN, Reason.HELD_OPEN, 0)
    assert decision.concerns == (Concern.OLD_RECORD, Concern.HELD_OPEN)


def test_stay_promised_to_another_lane_leaves_here():
    context = held(EXIT, stays=(replace(STAY, promised_at="other"),), due=Due(why_free=Reason.PAID))
    assert (decide(READ, context).action, decide(READ, context).reason) == (Action.OPEN, Reason.PAID)


def test_unknown_car_drives_out():
    decision = decide(READ, held(EXIT, stays=()))
    assert (decision.action, decision.reason, decision.effects) == (Action.OPEN, Reason.HELD_OPEN, ())
    assert decision.concerns == (Concern.NO_TICKET, Concern.HELD_OPEN)


def test_car_that_several_stays_match_drives_out_and_they_are_suggested():
    twins = tuple(replace(STAY, ticket_id=key, plate=f"ZH12345{key}") for key in (1, 2))
    decision = decide(replace(READ, plate="ZH12345"), held(EXIT, stays=twins))
    assert (decision.action, decision.reason, decision.suggestions) == (Action.OPEN, Reason.HELD_OPEN, (1, 2))


def test_ticket_of_another_car_lets_the_own_stay_go_to_review():
    other = replace(STAY, ticket_id=2, number="PS-1111111111", plate="BE777")
    read = replace(READ, ticket=other.number)
    decision = decide(read, held(EXIT, stays=(STAY, other), plate_owes=500))
    assert (decision.action, decision.ticket_id, decision.effects[0]) == (Action.OPEN, 1, ReviewTicket(1))


@pytest.mark.parametrize(
    ("context", "answer"),
    [
        (OWING, earlier(Action.PAY, Reason.FEE_DUE)),
        (EXIT, earlier(Action.ATTEND, Reason.AMBIGUOUS)),
        (ENTRY, earlier(Action.DENY, Reason.FULL)),
    ],
)
def test_car_that_was_stopped_a_moment_before_is_decided_again(context, answer):
    decision = decide(READ, held(context, readings=(answer,)))
    assert (decision.action, decision.repeats) == (Action.OPEN, None)


def test_car_that_was_let_through_is_answered_the_same_again():
    decision = decide(READ, held(ENTRY, readings=(earlier(Action.OPEN, Reason.OK),)))
    assert (decision.action, decision.repeats) == (Action.OPEN, 9)


def test_better_reading_that_is_blocked_corrects_the_plate_and_is_flagged():
    poor = replace(earlier(Action.OPEN, Reason.OK, confidence=0.4, vehicle_ref="7"), plate="ZH12345")
    read = replace(READ, vehicle_ref="7")
    decision = decide(read, held(ENTRY, readings=(poor,), blocked=frozenset({Block(plate=READ.plate)})))
    assert (decision.action, decision.effects) == (Action.OPEN, (CorrectPlate(1, str(READ.plate)),))
    assert decision.concerns == (Concern.HELD_OPEN, Concern.BLOCKED)


def test_cars_of_like_plates_that_stream_through_a_confirming_gate_are_two():
    lane = replace(ENTRY.lane, held_open=True, confirms_passage=True)
    before = replace(earlier(Action.OPEN, Reason.OK), at=NOW - timedelta(seconds=12), plate="ZHI23456")
    assert decide(READ, replace(ENTRY, lane=lane, readings=(before,))).repeats is None


def test_attended_desk_takes_money_as_ever():
    desk = replace(OWING, lane=replace(OWING.lane, attended=True))
    assert decide(READ, desk).action is Action.PAY
