"""What is wrong with rules that are being typed, and what may surprise, each at its row and its field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from billing.pricing import TariffRules, parse_rules, placed_surprises
from billing.pricing.errors import InvalidTariffError
from common.errors import FieldError
from common.translation import translated
from office.tariffs.problem_words import MOST_TOLD, problem_here
from office.tariffs.typed_rules import TypedPart, rules_as_json, under


@dataclass(frozen=True, slots=True)
class Mark:
    """A sentence at a row; `wrong` keeps the rules from being saved, else it is only worth a look."""

    text: str
    wrong: bool


@dataclass(slots=True)
class CheckedRules:
    """What is typed, as JSON and, where nothing is wrong, as rules; what to say at each place and each field."""

    data: Mapping[str, Any]
    rules: TariffRules | None
    marks: dict[str, list[Mark]] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """Return how many things are to be corrected."""
        return sum(mark.wrong for marks in self.marks.values() for mark in marks)


def check_typed(typed: TypedPart, currency: str) -> CheckedRules:
    """Read and check what is typed."""
    data, unreadable = rules_as_json(typed, currency)
    errors = list(unreadable)
    rules = None
    try:
        rules = parse_rules(data)
    except InvalidTariffError as error:
        known = {one.path for one in unreadable}
        errors += [one for one in error.errors if one.path not in known]
    checked = CheckedRules(data, None if errors else rules)
    places = dict(typed.placed())
    _mark(checked, places, errors, unreadable)
    if checked.rules is not None:
        for found in placed_surprises(checked.rules):
            place, _name = _located(found.path, places)
            _add(checked, place, Mark(translated(found.message), wrong=False))
    return checked


def _mark(
    checked: CheckedRules,
    places: Mapping[str, TypedPart],
    errors: Iterable[FieldError],
    unreadable: Iterable[FieldError],
) -> None:
    own = {one.path for one in unreadable}
    for error in errors:
        place, key = _located(error.path, places)
        said = error.message if error.path in own else problem_here(error, checked.data)
        if key is not None:
            checked.fields.setdefault(under(place, key), []).append(said)
        _add(checked, place, Mark(said, wrong=True))


def _add(checked: CheckedRules, place: str, mark: Mark) -> None:
    at_place = checked.marks.setdefault(place, [])
    if mark not in at_place and len(at_place) < MOST_TOLD:
        at_place.append(mark)


def _located(path: str, places: Mapping[str, TypedPart]) -> tuple[str, str | None]:
    """Return the place of the part or the list that a JSON path leads to or into, and the key of its field, if any."""
    steps = path.removeprefix("$").lstrip(".").replace("[", "-").replace("]", "").replace(".", "-").split("-")
    for length in range(len(steps), -1, -1):
        place, rest = "-".join(steps[:length]), "-".join(steps[length:])
        if place in places:
            part = places[place].part
            if rest in part.list_names():
                return under(place, rest), None
            return place, next((one.key for one in part.fields if f"{rest}-".startswith(f"{one.key}-")), None)
    return "", None
