"""One car, several readings; and what clever or unlucky cars do at the lanes. The pure decision alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gates.decision import (
    Action,
    AddDebt,
    Block,
    Booking,
    Concern,
    Context,
    CorrectPlate,
    Direction,
    Due,
    Lane,
    OpenStay,
    PlateRead,
    Reading,
    Reason,
    decide,
)
from lots.compatibility import SpotType

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
READ = PlateRead(plate="ZH123456", confidence=0.95)
ENTRY = Context(lane=Lane(code="here", direction=Direction.ENTRY), now=NOW, free={SpotType.REGULAR: 5})
EXIT = Context(lane=Lane(code="here", direction=Direction.EXIT), now=NOW)
STAY = OpenStay(
    ticket_id=1,
    number="N1",
    plate="ZH123456",
    entered_at=NOW - timedelta(hours=2),
    entry_gate="other",
    token="secret",
    others_since=True,
    spot_type=SpotType.REGULAR,
)


def reading(plate, *, ago=5, action=Action.OPEN, reason=Reason.OK, **more):
    at = NOW - timedelta(seconds=ago)
    return Reading(event=9, at=at, action=action, reason=reason, ticket_id=4, plate=plate, **more)


def names(decision):
    return [effect.name for effect in decision.effects]


# --- one car, several readings


@pytest.mark.parametrize("first", ["ZHI23456", "ZH12345", "ZH1234", "ZHL23456"])
def test_second_reading_of_a_car_gets_the_first_answer_and_no_second_ticket(first):
    context = replace(ENTRY, readings=(reading(first, confidence=0.99),))
    decision = decide(READ, context)
    assert (decision.action, decision.ticket_id, decision.repeats, decision.effects) == (Action.OPEN, 4, 9, ())


def test_opening_stands_although_the_car_was_taken_for_another_since():
    """Read as the plate of a car that is inside already, it was to wait; then it is read as itself again, nearly."""
    asked = reading(
        "BE55555", ago=3, action=Action.ATTEND, reason=Reason.PASSBACK, vehicle_ref="c1", changed_since=True
    )
    let_in = replace(reading("ZH123456", vehicle_ref="c1"), event=8)
    context = replace(ENTRY, readings=(replace(asked, ticket_id=7), let_in))

    decision = decide(replace(READ, plate="ZHL23456", vehicle_ref="c1"), context)

    assert (decision.action, decision.ticket_id, decision.repeats) == (Action.OPEN, 4, 8)


def test_better_reading_at_the_entry_becomes_the_plate():
    context = replace(ENTRY, readings=(reading("ZH12345", confidence=0.6),))
    assert decide(READ, context).effects == (CorrectPlate(4, "ZH123456"),)


def test_first_reading_that_comes_again_and_surer_than_the_second_is_the_plate_again():
    corrected = reading(READ.plate, confidence=0.6, surest="ZHI23456")
    assert decide(READ, replace(ENTRY, readings=(corrected,))).effects == (CorrectPlate(4, "ZH123456"),)
    assert not decide(replace(READ, plate="ZHI23456"), replace(ENTRY, readings=(corrected,))).effects


def test_reading_at_the_exit_never_changes_the_plate():
    context = replace(EXIT, readings=(reading("ZH12345", confidence=0.6, reason=Reason.PAID),))
    decision = decide(READ, context)
    assert (decision.action, decision.repeats, decision.effects) == (Action.OPEN, 9, ())


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (reading("GE999999"), "nothing alike"),
        (reading("ZHI23456", ago=31), "too long ago"),
        (reading("ZHI23456", ago=11), "had the time to drive on"),
        (reading("ZHI23456", passed=True), "was seen driving on"),
        (reading("ZHI23456", offline=True), "a record"),
        (reading("ZH1"), "too little left of it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_car_gets_a_ticket_of_its_own(first, why):
    assert names(decide(READ, replace(ENTRY, readings=(first,)))) == ["open_ticket", "take_spot"], why


def test_lane_that_confirms_keeps_a_car_until_it_is_reported():
    context = replace(
        ENTRY,
        lane=replace(ENTRY.lane, confirms_passage=True),
        readings=(reading("ZHI23456", ago=25, confidence=0.99),),
    )
    assert decide(READ, context).repeats == 9


def test_name_that_the_camera_gave_a_car_holds_for_minutes():
    confirming = replace(ENTRY, lane=replace(ENTRY.lane, confirms_passage=True))
    first = reading("GE999999", ago=200, vehicle_ref="7", confidence=0.99)
    decision = decide(replace(READ, vehicle_ref="7"), replace(confirming, readings=(first,)))
    assert (decision.repeats, decision.concerns) == (9, (Concern.REPEATED,))
    assert decide(replace(READ, vehicle_ref="8"), replace(confirming, readings=(first,))).repeats is None


def test_plate_of_another_booking_is_another_car():
    booking = Booking(reservation_id=3, plate=READ.plate, start=NOW, end=NOW + timedelta(hours=1))
    context = replace(ENTRY, readings=(reading("ZHI23456"),), bookings=(booking,))
    assert decide(READ, context).reason is Reason.RESERVATION


def test_better_reading_that_is_blocked_is_refused_and_looked_at():
    context = replace(ENTRY, readings=(reading("ZH12345", confidence=0.6),), blocked=frozenset({Block("ZH123456")}))
    decision = decide(READ, context)
    assert (decision.action, decision.reason) == (Action.DENY, Reason.BLOCKED)
    assert names(decision) == ["review_ticket", "free_old_spot"]


def test_opening_that_was_undone_is_decided_again():
    context = replace(ENTRY, readings=(reading(READ.plate, undone=True),))
    assert names(decide(READ, context)) == ["open_ticket", "take_spot"]


# --- clever cars


def test_exit_opened_by_the_ticket_of_another_is_flagged_when_the_plate_is_read_well():
    """It was read badly when it showed the ticket of a car whose plate is alike."""
    opened = replace(reading("ZH123456", ago=3, reason=Reason.GRACE), ticket_id=7)
    context = replace(EXIT, stays=(STAY,), readings=(opened,))

    sure, unsure = decide(READ, context), decide(replace(READ, confidence=0.3), context)

    assert (sure.action, sure.repeats, sure.concerns) == (Action.OPEN, 9, (Concern.PLATE_MISMATCH,))
    assert unsure.concerns == ()


def test_scanned_ticket_does_not_hide_a_plate_that_owes():
    other = replace(STAY, ticket_id=2, number="N2", token="other", plate="GE999999")
    context = replace(EXIT, stays=(STAY, other), plate_owes=700)
    scanned = replace(READ, ticket="N2")
    decision = decide(scanned, context)
    assert (decision.action, decision.reason, decision.suggestions) == (Action.ATTEND, Reason.AMBIGUOUS, (1, 2))

    unanswered = decide(scanned, replace(context, unanswered_seconds=120))
    assert (unanswered.action, unanswered.reason, unanswered.ticket_id) == (Action.OPEN, Reason.OWED, 1)
    assert any(isinstance(effect, AddDebt) and effect.amount == 700 for effect in unanswered.effects)


def test_scanned_ticket_counts_when_the_plate_owes_nothing_or_is_read_badly():
    other = replace(STAY, ticket_id=2, number="N2", token="other", plate="GE999999")
    context = replace(EXIT, stays=(STAY, other))
    assert decide(replace(READ, ticket="N2"), context).ticket_id == 2
    unsure = replace(READ, ticket="N2", confidence=0.3)
    assert decide(unsure, replace(context, plate_owes=700)).ticket_id == 2


@pytest.mark.parametrize(("hours", "no_grace"), [(1, True), (23.9, True), (24.1, False)])
def test_stay_after_a_missed_exit_has_no_grace_while_the_old_one_is_young(hours, no_grace):
    old = replace(STAY, entered_at=NOW - timedelta(hours=hours))
    decision = decide(READ, replace(ENTRY, stays=(old,)))
    opened = next(effect for effect in decision.effects if effect.name == "open_ticket")
    assert (decision.reason, opened.no_grace) == (Reason.REENTRY, no_grace)


def test_exit_of_a_stay_without_grace_is_flagged():
    decision = decide(READ, replace(EXIT, stays=(replace(STAY, no_grace=True),)))
    assert decision.concerns == (Concern.REENTERED,)


@pytest.mark.parametrize("due", [Due(amount=23_589_600), Due(why_free=Reason.GRACE)], ids=["a fortune", "no tariff"])
def test_stay_of_a_record_from_long_ago_is_priced_by_a_person_or_by_nobody(due):
    context = replace(EXIT, stays=(replace(STAY, of_old_record=True),), due=due)
    asked = decide(READ, context)
    assert (asked.action, asked.amount_due) == (Action.ATTEND, 0)
    let_go = decide(READ, replace(context, unanswered_seconds=120))
    assert (let_go.action, let_go.reason, names(let_go)) == (
        Action.OPEN,
        Reason.UNATTENDED,
        ["review_ticket", "free_old_spot"],
    )


def test_one_ticket_opens_one_exit_at_a_time():
    context = replace(EXIT, stays=(replace(STAY, promised_at="elsewhere"),))
    decision = decide(READ, context)
    assert (decision.action, decision.reason, decision.concerns) == (
        Action.ATTEND,
        Reason.PASSBACK,
        (Concern.PROMISED_TWICE,),
    )
    assert decide(READ, replace(context, unanswered_seconds=120)).action is Action.OPEN
    assert decide(READ, replace(EXIT, stays=(replace(STAY, promised_at="here"),))).action is Action.OPEN


def test_car_that_still_stands_in_the_lane_after_a_while_is_flagged():
    standing = replace(STAY, entry_gate="here", entered_at=NOW - timedelta(minutes=4), others_since=False)
    decision = decide(READ, replace(ENTRY, stays=(standing,)))
    assert (decision.action, decision.concerns) == (Action.OPEN, (Concern.REPEATED,))
