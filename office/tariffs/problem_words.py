"""Mistakes in a tariff's JSON, in the words of the people who set prices."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.pricing.checks import NO_PLAN, NO_PLAN_OF_VEHICLE, NO_PRICE
from common.errors import FieldError
from common.translation import translated
from common.words import Text

MOST_TOLD = 8
_PARTS = {
    "bands": _("band"),
    "then": _("later price"),
    "steps": _("step"),
    "caps": _("limit"),
    "regulars": _("discount for regulars"),
    "block_caps": _("limit over several days"),
}
_NAMED_PARTS = {"plans": _("plan"), "packages": _("package"), "special_days": _("special days")}
_FIELDS = {
    "from": _("start"),
    "to": _("end"),
    "up_to_minutes": _("length in minutes"),
    "each_minutes": _("length in minutes"),
    "increment_minutes": _("increment in minutes"),
    "prorata_minutes": _("started minutes"),
    "after_minutes": _("start in minutes"),
    "grace_minutes": _("minutes of grace"),
    "exit_grace_minutes": _("minutes to drive out"),
    "max_price": _("highest price of a day"),
    "max_hours": _("longest stay in hours"),
    "from_stay": _("first stay"),
    "entry_from": _("start of entry"),
    "entry_to": _("end of entry"),
    "exit_from": _("start of exit"),
    "exit_to": _("end of exit"),
    "day_starts_at": _("start of a day"),
    "steps_beyond": _("price beyond the last step"),
}
_DAYS = {
    "mon": _("Mon"),
    "tue": _("Tue"),
    "wed": _("Wed"),
    "thu": _("Thu"),
    "fri": _("Fri"),
    "sat": _("Sat"),
    "sun": _("Sun"),
    "holiday": _("Holiday"),
    "event": _("Event"),
}
_PERIODS = {"first": _("the first day of a stay"), "later": _("later days of a stay")}
_STEP = re.compile(r"\.(?P<name>[^.\[]+)(?:\[(?P<index>\d+)\])?")
_JSON = {
    "Expecting property name enclosed in double quotes": _(
        "a name in double quotes is expected here. Perhaps there is an extra comma before it"
    ),
    "Expecting ',' delimiter": _("a comma or a closing bracket is missing here"),
    "Expecting ':' delimiter": _("a colon is missing here"),
    "Expecting value": _("a value is missing here"),
    "Unterminated string starting at": _("the closing quote of this text is missing"),
    "Invalid control character at": _("this text continues on the next line"),
    "Extra data": _("there is more after the end of the rules"),
}


def json_problem(error: json.JSONDecodeError) -> str:
    """Return what keeps a text from being parsed, with its line."""
    unknown = gettext("this can't be read (%(error)s)") % {"error": f"{error.msg[:1].lower()}{error.msg[1:]}"}
    said = _JSON.get(error.msg, unknown)
    return gettext("Line %(line)s: %(problem)s.") % {"line": error.lineno, "problem": said}


def rule_problems(errors: Iterable[FieldError], rules: Any) -> list[str]:
    """Return what is wrong with rules, each with its place, and at most MOST_TOLD of them."""
    told = list(dict.fromkeys(_said(error, rules) for error in errors))
    more = len(told) - MOST_TOLD
    if more <= 0:
        return told
    return [
        *told[:MOST_TOLD],
        ngettext("And %(more)s more like this.", "And %(more)s more like this.", more) % {"more": more},
    ]


def problem_here(error: FieldError, rules: Any) -> str:
    """Return what is wrong with rules as it is said beside the part that it is about."""
    return _sentence("", _place_and_problem(error, rules)[1])


def part_words(path: str, rules: Any) -> str:
    """Return the part of the rules that a JSON path leads to: plan “Week”, band 2."""
    return ", ".join(_places(path, rules))


def _said(error: FieldError, rules: Any) -> str:
    return _sentence(*_place_and_problem(error, rules))


def _place_and_problem(error: FieldError, rules: Any) -> tuple[str, str]:
    message = error.message if isinstance(error.message, Text) else Text(error.message, {})
    values = message.values
    if message.template == NO_PRICE:
        return _plan_of(error.path, rules), gettext("from %(start)s to %(end)s there is no price") % values
    if message.template in {NO_PLAN, NO_PLAN_OF_VEHICLE}:
        return "", _no_plan(values)
    if "place" in values:
        other = list(_places(str(values["place"]), rules))[-1]
        message = Text(message.template, {**values, "place": other})
    *places, field = [*_places(error.path, rules)] or [gettext("the rules")]
    return ", ".join(places), f"{field} {translated(message)}"


def _no_plan(values: Mapping[str, object]) -> str:
    text = gettext("%(day)s %(start)s–%(end)s: no plan prices %(type)s spots on %(period)s")
    if "vehicle" in values:
        text = gettext(
            "%(day)s %(start)s–%(end)s: no plan prices a %(vehicle)s vehicle on %(type)s spots on %(period)s"
        )
    told = {name: translated(value) if isinstance(value, str) else value for name, value in values.items()}
    day = str(values["day"])
    named = _DAYS.get(day, f"{day[:1].upper()}{day[1:]}")
    return text % {**told, "day": named, "period": _PERIODS[str(values["periods"])]}


def _sentence(place: str, said: str) -> str:
    text = f"{place}: {said}" if place else said
    return f"{text[:1].upper()}{text[1:]}."


def _plan_of(path: str, rules: Any) -> str:
    """Return the plan that a path is in; empty when there is only one plan."""
    plans = rules.get("plans") if isinstance(rules, dict) else None
    several = isinstance(plans, list) and len(plans) > 1
    return next(_places(path, rules), "") if several else ""


def _places(path: str, rules: Any) -> Iterator[str]:
    """Yield the parts of a JSON path in words, from the outside in: plan “Week”, band 2, price."""
    here = rules
    for step in _STEP.finditer(path):
        name, index = step["name"], step["index"]
        here = here.get(name) if isinstance(here, dict) else None
        if index is None:
            yield str(_FIELDS.get(name, name.replace("_", " ")))
            continue
        number = int(index)
        here = here[number] if isinstance(here, list) and number < len(here) else None
        yield _part(name, number, here)


def _part(name: str, number: int, part: Any) -> str:
    called = part.get("name") if isinstance(part, dict) else None
    if name in _NAMED_PARTS and isinstance(called, str) and called:
        return f"{_NAMED_PARTS[name]} “{called}”"
    noun = _NAMED_PARTS.get(name) or _PARTS.get(name) or name.replace("_", " ")
    return f"{noun} {number + 1}"
