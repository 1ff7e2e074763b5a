"""What programs send is taken as it is: a number is no text and no yes, and a yes is no number."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from ninja import Schema
from pydantic import ValidationError

from api.root import api

WRONG = {int: ("1", True, 1.0), bool: ("true", 1, "on")}


def bodies(model: type[Schema] = Schema) -> Iterator[type[Schema]]:
    """The shapes of what programs send."""
    for below in model.__subclasses__():
        if below.__module__.startswith("api.") and below.__name__.endswith("In"):
            yield below
        yield from bodies(below)


def types_of(annotation: Any) -> set[Any]:
    inner = get_args(annotation)
    return {annotation} if not inner else {one for part in inner for one in types_of(part)}


def loose_fields() -> Iterator[tuple[str, str, Any]]:
    for model in bodies():
        for name, field in model.model_fields.items():
            for kind in types_of(field.annotation) & set(WRONG):
                yield from ((model.__name__, name, value) for value in WRONG[kind] if takes(model, name, value))


def takes(model: type[Schema], name: str, value: Any) -> bool:
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        return all(name not in problem["loc"] for problem in error.errors())
    return True


def test_numbers_and_flags_are_taken_as_they_are_typed():
    assert api.urls
    assert len(list(bodies())) >= 7
    assert list(loose_fields()) == []


def test_loose_numbers_are_found():
    class LooseIn(Schema):
        number: int = 0

    assert [takes(LooseIn, "number", value) for value in WRONG[int]] == [True, True, True]


@pytest.mark.parametrize("value", ["1", True])
def test_quote_refuses_what_is_no_number(client, db, value):
    sent = {"entry": "2026-03-02T08:00:00+01:00", "exit": "2026-03-02T09:00:00+01:00", "stays_before": value}
    answer = client.post("/api/v1/lots/nowhere/quote", sent, "application/json")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "stays_before")
