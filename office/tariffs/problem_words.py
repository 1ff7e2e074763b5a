"""Mistakes in a tariff's JSON, in the words of those who set prices."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from common.errors import FieldError

MOST_TOLD = 8
_PARTS = {"bands": "band", "steps": "step", "caps": "limit", "block_caps": "limit over several days"}
_NAMED_PARTS = {"plans": "plan", "packages": "package"}
_FIELDS = {
    "from": "begin",
    "to": "end",
    "up_to_minutes": "length in minutes",
    "each_minutes": "length in minutes",
    "increment_minutes": "started minutes",
    "grace_minutes": "minutes of grace",
    "exit_grace_minutes": "minutes to drive out",
    "max_price": "highest price of a day",
    "max_hours": "longest stay in hours",
    "entry_from": "begin of entry",
    "entry_to": "end of entry",
    "exit_from": "begin of exit",
    "exit_to": "end of exit",
    "day_starts_at": "begin of a day",
    "steps_beyond": "price beyond the last step",
}
_PERIODS = {"first": "the first day of a stay", "later": "later days of a stay"}
_STEP = re.compile(r"\.(?P<name>[^.\[]+)(?:\[(?P<index>\d+)\])?")
_NO_PRICE = re.compile(r"leaves (?P<start>\S+)–(?P<end>\S+) without a price")
_NO_PLAN = re.compile(r"leave (?P<type>\w+), (?P<day>\w+), (?P<start>\S+)–(?P<end>\S+), (?P<periods>\w+) period .*")
_OTHER_PLACE = re.compile(r"\$[\w.\[\]]+")
_JSON = {
    "Expecting property name enclosed in double quotes": "a name in double quotes is expected here. "
    "Perhaps there is a comma too many before it",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing here",
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting value": "a value is missing here",
    "Unterminated string starting at": "the closing quote of this text is missing",
    "Invalid control character at": "this text goes on into the next line",
    "Extra data": "there is more after the end of the rules",
}


def json_problem(error: json.JSONDecodeError) -> str:
    """Say what keeps a text from being read, with its line."""
    said = _JSON.get(error.msg, f"this can't be read ({error.msg[:1].lower()}{error.msg[1:]})")
    return f"Line {error.lineno}: {said}."


def rule_problems(errors: Iterable[FieldError], rules: Any) -> list[str]:
    """Say what is wrong with rules, each with its place; the first few when there are many."""
    told = list(dict.fromkeys(_said(error, rules) for error in errors))
    more = len(told) - MOST_TOLD
    return told[:MOST_TOLD] + ([f"And {more} more like this."] if more > 0 else [])


def _said(error: FieldError, rules: Any) -> str:
    no_price, no_plan = _NO_PRICE.fullmatch(error.message), _NO_PLAN.fullmatch(error.message)
    if no_price:
        return _sentence(
            _plan_of(error.path, rules), f"from {no_price['start']} to {no_price['end']} there is no price"
        )
    if no_plan:
        when = f"{no_plan['day'].capitalize()} {no_plan['start']}–{no_plan['end']}"
        return f"{when}: no plan prices {no_plan['type']} spots on {_PERIODS[no_plan['periods']]}."
    *places, field = [*_places(error.path, rules)] or ["the rules"]
    message = _OTHER_PLACE.sub(lambda place: list(_places(place[0], rules))[-1], error.message)
    return _sentence(", ".join(places), f"{field} {message}")


def _sentence(place: str, said: str) -> str:
    text = f"{place}: {said}" if place else said
    return f"{text[:1].upper()}{text[1:]}."


def _plan_of(path: str, rules: Any) -> str:
    """Name the plan that a place is in, unless there is only one."""
    plans = rules.get("plans") if isinstance(rules, dict) else None
    several = isinstance(plans, list) and len(plans) > 1
    return next(_places(path, rules), "") if several else ""


def _places(path: str, rules: Any) -> Iterator[str]:
    """Name the parts of a JSON path from the outside in: plan “Week”, band 2, price."""
    here = rules
    for step in _STEP.finditer(path):
        name, index = step["name"], step["index"]
        here = here.get(name) if isinstance(here, dict) else None
        if index is None:
            yield _FIELDS.get(name, name.replace("_", " "))
            continue
        number = int(index)
        here = here[number] if isinstance(here, list) and number < len(here) else None
        yield _part(name, number, here)


def _part(name: str, number: int, part: Any) -> str:
    called = part.get("name") if isinstance(part, dict) else None
    if name in _NAMED_PARTS and isinstance(called, str) and called:
        return f"{_NAMED_PARTS[name]} “{called}”"
    noun = _NAMED_PARTS.get(name) or _PARTS.get(name, name.replace("_", " "))
    return f"{noun} {number + 1}"
