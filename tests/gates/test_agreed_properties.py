"""What holds whenever a card is asked for money that its owner has agreed to, whatever the context."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gates.decision import (
    Action,
    Agreement,
    PaymentKind,
    PaymentResult,
    Reason,
    amount_to_charge,
    decide,
    match_stay,
)
from lots.gate_rules import Direction
from tests.gates.test_decision_properties import PLATES, READS, contexts

AGREEMENTS = st.builds(
    Agreement,
    plate=PLATES.filter(bool),
    limit=st.integers(-100, 1000),
    accounts=st.sampled_from([1, 1, 2]),
    proven=st.sampled_from([True, True, False]),
    entry_confidence=st.sampled_from([None, 0.5, 0.6, 1.0]),
    corrected=st.sampled_from([False, False, True]),
)
CONTEXTS = st.builds(lambda context, agreed: replace(context, agreement=agreed), contexts(Direction.EXIT), AGREEMENTS)


@given(READS, CONTEXTS)
def test_card_is_asked_only_for_what_was_agreed_for_a_car_that_is_certain(read, context):
    amount = amount_to_charge(read, context)
    agreed, stay = context.agreement, match_stay(read, context).car
    if not amount:
        return
    assert 0 < amount == context.due.amount <= agreed.limit
    assert read.plate == stay.plate == agreed.plate
    assert (agreed.accounts, agreed.proven, agreed.corrected) == (1, True, False)
    assert min(read.confidence, agreed.entry_confidence) >= context.policy.confidence_threshold
    assert (read.offline, context.lane.held_open, context.replay) == (False, False, None)


@given(READS, CONTEXTS, st.sampled_from(PaymentKind))
def test_card_is_asked_once_and_its_answer_decides(read, context, kind):
    amount = amount_to_charge(read, context)
    if not amount:
        return
    due = replace(context.due, automatic=PaymentResult(kind=kind, captured=amount))
    told = replace(context, due=due)
    decision = decide(read, told)
    assert amount_to_charge(read, told) == 0
    assert (decision.action, decision.reason) == (Action.OPEN, Reason.CHARGED) or kind is not PaymentKind.SUCCEEDED


@given(READS, contexts(Direction.EXIT) | contexts(Direction.ENTRY))
def test_nobody_is_charged_who_has_not_agreed(read, context):
    assert amount_to_charge(read, context) == 0
