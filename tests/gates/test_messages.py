from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.decision import Action, Concern, Decision, OpenTicket, Reason, decide
from gates.messages import LaneWords, lane_message
from lots.gate_rules import Direction
from tests.gates.decision_cases import load_cases
from tests.gates.test_decision_properties import ENTRIES, EXITS, READS

OPEN = Decision(action=Action.OPEN, reason=Reason.OK, effects=(OpenTicket("ZH1", Reason.OK),))
PAY = Decision(action=Action.PAY, reason=Reason.FEE_DUE, amount_due=700)
PLACE = LaneWords(spot="A-12", level="Ground")


@pytest.mark.parametrize(
    ("decision", "direction", "words", "message"),
    [
        (OPEN, Direction.ENTRY, PLACE, "Welcome. Spot A-12, ground floor."),
        (OPEN, Direction.ENTRY, LaneWords(), "Welcome."),
        (OPEN, Direction.ENTRY, LaneWords(spot="7"), "Welcome. Spot 7."),
        (OPEN, Direction.ENTRY, LaneWords(spot="7", level="P2"), "Welcome. Spot 7, P2."),
        (OPEN, Direction.ENTRY, LaneWords(spot="7", level="Level 2"), "Welcome. Spot 7, level 2."),
        (
            replace(OPEN, concerns=(Concern.NO_SPOT,)),
            Direction.ENTRY,
            LaneWords(),
            "Welcome. Please ask an attendant for a space.",
        ),
        (
            replace(OPEN, effects=(OpenTicket(None, Reason.OK),)),
            Direction.ENTRY,
            PLACE,
            "Welcome. Please take your ticket. Spot A-12, ground floor.",
        ),
        (
            Decision(action=Action.DENY, reason=Reason.CLOSED),
            Direction.ENTRY,
            LaneWords(opens="06:00"),
            "Sorry, we are closed. We open at 06:00.",
        ),
        (PAY, Direction.EXIT, LaneWords(fee="CHF 7.00"), "Please pay CHF 7.00."),
        (
            replace(PAY, ask_again=True),
            Direction.EXIT,
            LaneWords(fee="CHF 7.00"),
            "Payment declined. Please try again: CHF 7.00.",
        ),
        (
            replace(PAY, show_fee=False),
            Direction.EXIT,
            LaneWords(fee="CHF 7.00"),
            "Please scan your ticket to see the fee and pay.",
        ),
    ],
)
def test_message_tells_what_to_do_next(decision, direction, words, message):
    assert lane_message(decision, direction, words) == message


@pytest.mark.parametrize(
    "case",
    [case for case in load_cases() if case.action is not Action.ERROR and case.context.replay is None],
    ids=lambda case: case.name,
)
def test_every_case_has_words_of_its_own(case):
    """An event that is sent again gets the words of its first answer."""
    general = {"Please drive on.", "No entry.", "Please wait for an attendant."}
    assert lane_message(decide(case.read, case.context), case.context.lane.direction) not in general


@given(READS, ENTRIES | EXITS, st.booleans())
def test_message_fits_a_display_and_hides_a_hidden_fee(read, context, limited):
    decision = replace(decide(read, context), show_fee=not limited)
    message = lane_message(decision, context.lane.direction, replace(PLACE, fee="CHF 7.00", opens="06:00"))
    assert 0 < len(message) <= 90
    assert not limited or "CHF" not in message
