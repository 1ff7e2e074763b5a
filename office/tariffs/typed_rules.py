"""A tariff's rules as they are typed: a tree of parts with the texts of their fields, whatever those are worth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.forms import ValidationError
from django.http import QueryDict

from common.errors import FieldError
from office.tariffs.rule_fields import OBJECTS, TARIFF, RulePart
from office.tariffs.rule_kinds import OMITTED, ChoicesKind, Typed

MOST_PARTS = 250
"""So many parts a page shows as fields; the rules may have more."""

Keys = dict[str, "Keys"]


class NotForFieldsError(Exception):
    """The rules have something that no field shows, or too many parts to be shown."""


@dataclass(slots=True)
class TypedPart:
    """One part as it is typed: its fields by name, and the parts below it by the name of their list."""

    part: RulePart
    typed: dict[str, Typed] = field(default_factory=dict)
    lists: dict[str, list["TypedPart"]] = field(default_factory=dict)

    def placed(self, place: str = "") -> Iterator[tuple[str, "TypedPart"]]:
        """Yield this part and all below it with their places, such as `plans-0-bands-1`, from top to bottom."""
        yield place, self
        for name, parts in self.lists.items():
            for number, one in enumerate(parts):
                yield from one.placed(under(place, f"{name}-{number}"))


def under(place: str, name: str) -> str:
    """Return the place of what is below a place."""
    return f"{place}-{name}" if place else name


def posted_rules(data: QueryDict) -> TypedPart:
    """Return the rules of a submitted form."""
    keys: Keys = {}
    for name in data:
        node = keys
        for step in name.split("-"):
            node = node.setdefault(step, {})
    return _posted(data, keys, TARIFF, "")


def shown_rules(rules: Any, currency: str) -> TypedPart:
    """Return the rules of JSON, right or wrong, with amounts as they are typed. Raises NotForFieldsError."""
    shown = _shown(rules, currency, TARIFF)
    if not fits_page(shown):
        raise NotForFieldsError
    return shown


def fits_page(rules: TypedPart) -> bool:
    """Return whether a page can show so many parts as fields."""
    return sum(1 for _ in rules.placed()) <= MOST_PARTS + 1


def rules_as_json(typed: TypedPart, currency: str) -> tuple[dict[str, Any], list[FieldError]]:
    """Return the JSON of what is typed, and what no value could be made of, which stands in the JSON as it is."""
    wrong: list[FieldError] = []
    return _json(typed, currency, "$", wrong), wrong


def _posted(data: QueryDict, keys: Keys, part: RulePart, place: str) -> TypedPart:
    typed: dict[str, Typed] = {}
    for one in part.fields:
        name = under(place, one.key)
        typed[one.name] = data.getlist(name) if isinstance(one.kind, ChoicesKind) else data.get(name, "")
    lists = {}
    for below in part.lists:
        found = keys.get(below.name, {})
        numbers = sorted((number for number in found if number.isdecimal()), key=int)
        lists[below.name] = [
            _posted(data, found[number], below, under(place, f"{below.name}-{number}")) for number in numbers
        ]
    return TypedPart(part, typed, lists)


def _shown(rules: Any, currency: str, part: RulePart) -> TypedPart:
    if not isinstance(rules, Mapping) or not part.known() >= set(rules):
        raise NotForFieldsError
    typed = {}
    for one in part.fields:
        value = _value_at(rules, one.name)
        value = None if value in ([], {}) else value
        if value is not None and not one.kind.can_show(value):
            raise NotForFieldsError
        typed[one.name] = one.kind.shown(value, currency)
    lists = {}
    for below in part.lists:
        items = rules.get(below.name, [])
        if not isinstance(items, list):
            raise NotForFieldsError
        lists[below.name] = [_shown(item, currency, below) for item in items]
    return TypedPart(part, typed, lists)


def _value_at(rules: Mapping[str, Any], name: str) -> Any:
    above, _, inner = name.partition(".")
    value = rules.get(above)
    if not inner or value is None:
        return value
    if not isinstance(value, Mapping) or not set(value) <= set(OBJECTS[above]):
        raise NotForFieldsError
    return value.get(inner)


def _json(typed: TypedPart, currency: str, path: str, wrong: list[FieldError]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for one in typed.part.fields:
        text = typed.typed[one.name]
        try:
            value = one.kind.read(text, currency)
        except ValidationError as error:
            wrong.append(FieldError(f"{path}.{one.name}", error.messages[0]))
            value = text
        if value is not OMITTED:
            above, _, inner = one.name.partition(".")
            if inner:
                written.setdefault(above, {})[inner] = value
            else:
                written[above] = value
    for name, parts in typed.lists.items():
        if parts:
            written[name] = [
                _json(one, currency, f"{path}.{name}[{number}]", wrong) for number, one in enumerate(parts)
            ]
    return written
