"""Gates made, changed, closed and opened."""

import pytest

from lots.models import Gate
from lots.services import GateCodeTakenError, change_gate, close_gate, create_gate, remove_gate, reopen_gate
from tests.factories import make_gate, make_lot, make_user

pytestmark = pytest.mark.django_db


def test_gate_is_made_with_the_usual_values():
    gate = create_gate(lot=make_lot(), code="in-1", values={"direction": "entry"})
    assert (gate.level, gate.confirms_passage, gate.is_closed) == (0, False, False)


def test_code_is_taken_once_over_all_lots():
    create_gate(lot=make_lot(), code="in-1", values={"direction": "entry"})
    with pytest.raises(GateCodeTakenError):
        create_gate(lot=make_lot(), code="in-1", values={"direction": "exit"})
    assert Gate.objects.get().direction == "entry"


def test_gate_changes_what_is_named_and_twice_is_as_once():
    gate = make_gate(make_lot())
    for _ in range(2):
        changed = change_gate(gate=gate, values={"name": "Main St", "level": -1})
        assert (changed.name, changed.level, changed.code) == ("Main St", -1, gate.code)


def test_gate_closes_and_opens_as_often_as_asked():
    gate, reason = make_gate(make_lot()), {"by": make_user(), "why": "Repairs"}
    assert [close_gate(gate=gate, **reason).is_closed, close_gate(gate=gate, **reason).is_closed] == [True, True]
    assert [reopen_gate(gate=gate).is_closed, reopen_gate(gate=gate).is_closed] == [False, False]


def test_gate_is_removed():
    remove_gate(gate=make_gate(make_lot()))

    assert not Gate.objects.exists()
