"""Texts of the pure cores are English where they are made and in the reader's language where they are shown."""

import copy
import json

import pytest
from django.forms import CharField, Form

import common.translation
from common.errors import DomainError, FieldError
from common.plates import PlateError, normalise
from common.translation import translated
from common.web.forms import refuse
from common.web.problem import domain_problem
from common.words import joined, text
from gates.decision import Action, Decision, Direction, Reason
from gates.messages import LaneWords, lane_message

GERMAN = {
    "Welcome.": "Willkommen.",
    "Spot %(spot)s, %(level)s.": "Platz %(spot)s, %(level)s.",
    "ground floor": "Erdgeschoss",
    "Please pay %(fee)s.": "Bitte %(fee)s bezahlen.",
    "A plate has at most %(most)s letters and digits.": "Höchstens %(most)s Zeichen.",
    "100 % free": "100 % frei",
}


@pytest.fixture(autouse=True)
def _german(monkeypatch):
    monkeypatch.setattr(common.translation, "gettext", lambda template: GERMAN.get(template, template))


def test_a_text_reads_as_its_english_words():
    pay = text("Please pay %(fee)s.", fee="CHF 5.00")

    assert pay == "Please pay CHF 5.00."
    assert json.dumps([pay]) == '["Please pay CHF 5.00."]'


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (text("Please pay %(fee)s.", fee="CHF 5.00"), "Bitte CHF 5.00 bezahlen."),
        (text("100 % free"), "100 % frei"),
        (
            text("Spot %(spot)s, %(level)s.", spot="A1", level=text("ground floor")),
            "Platz A1, Erdgeschoss.",
        ),
        (joined([text("Welcome."), text("100 % free")]), "Willkommen. 100 % frei"),
        ("Welcome.", "Welcome."),
    ],
)
def test_a_text_is_translated_with_the_texts_in_it(made, shown):
    assert translated(made) == shown


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_a_copy_can_still_be_translated(again):
    assert translated(again(text("Please pay %(fee)s.", fee=5))) == "Bitte 5 bezahlen."


def test_a_lanes_message_is_translated_sentence_by_sentence():
    decision = Decision(action=Action.OPEN, reason=Reason.OK)
    message = lane_message(decision, Direction.ENTRY, LaneWords(spot="A1", level="Ground"))

    assert message == "Welcome. Spot A1, ground floor."
    assert translated(message) == "Willkommen. Platz A1, Erdgeschoss."


def test_refusals_of_pure_cores_are_translated_in_forms_and_problem_documents():
    class PlateForm(Form):
        plate = CharField()

    with pytest.raises(PlateError) as caught:
        normalise("A" * 16)
    form = PlateForm({"plate": "A" * 16})
    refuse(form, caught.value)
    body = json.loads(domain_problem(caught.value).content)

    assert form.errors["plate"] == ["Höchstens 15 Zeichen."]
    assert body["detail"] == "Höchstens 15 Zeichen."
    assert body["errors"] == [{"path": "plate", "message": "Höchstens 15 Zeichen."}]


def test_a_refusal_without_fields_is_translated_above_them():
    form = Form({})
    refuse(form, DomainError(text("Welcome."), errors=[FieldError("elsewhere", text("Welcome."))]))

    assert form.non_field_errors() == ["Willkommen."]
