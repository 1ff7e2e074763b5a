"""The rules that are being typed as rows of fields, each with its place, its marks and what may be done with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office.tariffs.problem_words import part_words
from office.tariffs.rule_acts import Changed
from office.tariffs.rule_fields import RuleField
from office.tariffs.rule_kinds import DaysKind, Typed
from office.tariffs.rule_marks import CheckedRules, Mark
from office.tariffs.typed_rules import TypedPart, under

# What a list is called, and its button for one more.
LIST_WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "plans": (_("Plans"), _("Add a plan")),
    "bands": (_("Prices by time of day"), _("Add a time of day")),
    "steps": (_("Prices by length of stay"), _("Add a length")),
    "caps": (_("Most for a part of the day"), _("Add a most for a part of the day")),
    "block_caps": (_("Most for several days"), _("Add a most for several days")),
    "packages": (_("Packages"), _("Add a package")),
    "then": (_("Later prices"), _("Add a later price")),
    "regulars": (_("Discount for regulars"), _("Add a discount for regulars")),
    "special_days": (_("Special dates"), _("Add special dates")),
}
ADD_ONE = _("Add one")
OTHER_WAY = {"bands": "steps", "steps": "bands"}
TARIFF_CAPS = _("Most for a part of the day, whatever the plan")


class RulePartForm(forms.Form):
    """The fields of one part; `title` tells it from others of its kind where fields are listed."""

    def __init__(self, place: str, row: TypedPart, title: str, day_names: Sequence[str]) -> None:
        """Show what is typed, whatever it is worth; `day_names` are those of the tariff's special dates."""
        data = {under(place, one.key): row.typed[one.name] for one in row.part.fields}
        super().__init__(data, prefix=place or None)
        for one in row.part.fields:
            label = f"{title}: {one.label}" if title else one.label
            if isinstance(one.kind, DaysKind):
                field = one.kind.field(label=label, day_names=_day_names(day_names, row.typed[one.name], one.kind))
            else:
                field = one.kind.field(label=label)
            field.widget.attrs["aria-describedby"] = f"note-{place or 'rules'}"
            self.fields[one.key] = field

    def tell(self, checked: CheckedRules) -> None:
        """Show what is wrong at its fields."""
        for name in self.fields:
            for said in checked.fields.get(self.add_prefix(name), ()):
                if name not in self.errors:
                    self.add_error(name, said)


@dataclass(frozen=True, slots=True)
class RuleCell:
    """One field of a row, by its short label."""

    rule: RuleField
    bound: BoundField


def _is_unusual(cell: RuleCell) -> bool:
    usual = "0" if cell.rule.name == "priority" else cell.rule.kind.shown(None, "")
    return bool(cell.bound.errors) or cell.bound.value() not in (usual, "", [])


@dataclass(slots=True)
class RuleRow:
    """One part with its fields and its lists."""

    place: str
    name: str
    title: str
    form: RulePartForm
    cells: list[RuleCell]
    marks: list[Mark]
    lists: dict[str, "RuleList"]
    number: int = 0
    of: int = 1

    @property
    def note(self) -> str:
        """Return the place of its marks on the page."""
        return self.place or "rules"

    @property
    def head(self) -> list[RuleCell]:
        """Return the fields that stand first."""
        return self._group("head")

    @property
    def beyond(self) -> list[RuleCell]:
        """Return the fields of what follows the last step."""
        return self._group("beyond")

    @property
    def limit(self) -> list[RuleCell]:
        """Return the fields of its upper limit."""
        return self._group("limit")

    @property
    def more(self) -> list[RuleCell]:
        """Return the fields that are rarely needed."""
        return self._group("more")

    @property
    def usual(self) -> list[RuleCell]:
        """Return the fields of a row in a list that stand open."""
        return [cell for cell in self.cells if cell.rule.group != "aside"]

    @property
    def aside(self) -> list[RuleCell]:
        """Return the fields of a row in a list that are rarely needed."""
        return self._group("aside")

    @property
    def is_last(self) -> bool:
        """Return whether no row follows in its list."""
        return self.number == self.of - 1

    @property
    def has_steps(self) -> bool:
        """Return whether its price goes by steps, or something is typed that only fits those."""
        return bool(self.lists["steps"].rows) or any(one.bound.value() for one in self.beyond)

    @property
    def is_unusual(self) -> bool:
        """Return whether a field that is rarely needed says something of its own, or something wrong."""
        return any(_is_unusual(one) for one in self.more)

    @property
    def is_unusual_aside(self) -> bool:
        """Return the same of the fields of a row in a list."""
        return any(_is_unusual(one) for one in self.aside)

    def _group(self, group: str) -> list[RuleCell]:
        return [cell for cell in self.cells if cell.rule.group == group]


@dataclass(slots=True)
class RuleList:
    """A list of rows of one kind; `can_add` while it has room and no other list stands for the same."""

    place: str
    name: str
    title: str | Promise
    add_label: str | Promise
    rows: list[RuleRow]
    marks: list[Mark]
    can_add: bool
    focused: bool

    @property
    def is_shown(self) -> bool:
        """Return whether there is anything to show of it."""
        return bool(self.rows or self.marks or self.can_add)


def _day_names(known: Sequence[str], ticked: Typed, kind: DaysKind) -> list[str]:
    """Return the names of special dates to offer: those of the tariff, and what is ticked without being one."""
    others = [*known, *(ticked if isinstance(ticked, list) else ())]
    return [name for name in dict.fromkeys(others) if name not in dict(kind.choices)]


def rows_of(typed: TypedPart, checked: CheckedRules, *, told: bool, changed: Changed | None = None) -> RuleRow:
    """Return the rules as rows; `told` shows what is wrong at the fields, too, and `changed` has the focus."""
    day_names = [str(one.typed["name"]) for one in typed.lists.get("special_days", ()) if one.typed["name"]]
    return _row("", "$", typed, _Drawn(checked, told, changed.place if changed else "", day_names))


def all_rows(row: RuleRow) -> Iterator[RuleRow]:
    """Yield a row and those below it, from top to bottom."""
    yield row
    for below in row.lists.values():
        for one in below.rows:
            yield from all_rows(one)


@dataclass(frozen=True, slots=True)
class _Drawn:
    checked: CheckedRules
    told: bool
    focused: str
    day_names: Sequence[str]

    def marks_at(self, place: str) -> list[Mark]:
        return self.checked.marks.get(place, [])


def _row(place: str, path: str, typed: TypedPart, drawn: _Drawn) -> RuleRow:
    title = part_words(path, drawn.checked.data)
    title = f"{title[:1].upper()}{title[1:]}"
    form = RulePartForm(place, typed, title, drawn.day_names)
    if drawn.told:
        form.tell(drawn.checked)
    if place and place == drawn.focused:
        next(iter(form.fields.values())).widget.attrs["autofocus"] = True
    cells = [RuleCell(one, form[one.key]) for one in typed.part.fields]
    lists = {name: _list(place, path, name, typed, drawn) for name in typed.lists}
    return RuleRow(place, typed.part.name, title, form, cells, drawn.marks_at(place), lists)


def _list(place: str, path: str, name: str, above: TypedPart, drawn: _Drawn) -> RuleList:
    parts, own = above.lists[name], under(place, name)
    rows = [_row(f"{own}-{number}", f"{path}.{name}[{number}]", one, drawn) for number, one in enumerate(parts)]
    for number, row in enumerate(rows):
        row.number, row.of = number, len(rows)
    most = next(part.most for part in above.part.lists if part.name == name)
    is_other_way = bool(above.lists.get(OTHER_WAY.get(name, "")))
    title, add_label = LIST_WORDS.get(name, (name.replace("_", " ").capitalize(), ADD_ONE))
    return RuleList(
        place=own,
        name=name,
        title=TARIFF_CAPS if own == "caps" else title,
        add_label=add_label,
        rows=rows,
        marks=drawn.marks_at(own),
        can_add=len(parts) < most and not is_other_way,
        focused=own == drawn.focused,
    )
