"""The parts of a tariff's rules with their fields, as the shapes of the parser name them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.pricing.parsing import (
    BAND,
    BEYOND_FIELDS,
    BLOCK_CAP,
    CAP,
    LATER_RATE,
    PACKAGE,
    PLAN,
    REGULAR,
    SPECIAL_DAYS,
    STEP,
    TARIFF_FIELDS,
    ListShape,
)
from billing.pricing.rules import SPOT_TYPES, VEHICLE_TYPES
from billing.pricing.windows import EVENT, HOLIDAY, WEEKDAYS
from billing.words import TYPE_WORDS
from office.tariffs.rule_kinds import (
    ChoiceKind,
    ChoicesKind,
    ClockKind,
    DatesKind,
    DaysKind,
    FlagKind,
    MinutesKind,
    MoneyKind,
    PercentKind,
    TextKind,
    WholeKind,
)

MONEY, MINUTES, WHOLE, TEXT = MoneyKind(), MinutesKind(), WholeKind(), TextKind()
OPENS, CLOSES = ClockKind(blank="00:00"), ClockKind(blank="24:00")
DAYS = DaysKind(
    choices=[
        *((day, WEEKDAYS_ABBR[number]) for number, day in enumerate(WEEKDAYS)),
        *((HOLIDAY, _("Holidays")), (EVENT, _("Event days"))),
    ]
)
TYPES = ChoicesKind(choices=[(name, TYPE_WORDS[name]) for name in SPOT_TYPES])
VEHICLES = ChoicesKind(choices=[(name, TYPE_WORDS[name]) for name in VEHICLE_TYPES])
PERIODS = ChoiceKind(
    blank="any",
    choices=[("any", _("Any day of a stay")), ("first", _("Its first day")), ("later", _("Its second day and later"))],
)

# The lists of the rules by their name, and what is typed in one field after the other although it is one object.
LISTS: dict[str, ListShape[Any]] = {
    "plans": PLAN,
    "bands": BAND,
    "steps": STEP,
    "caps": CAP,
    "block_caps": BLOCK_CAP,
    "packages": PACKAGE,
    "then": LATER_RATE,
    "regulars": REGULAR,
    "special_days": SPECIAL_DAYS,
}
OBJECTS = {"steps_beyond": BEYOND_FIELDS}

# Every field by its name, or by its part and name where it means something of its own there.
FIELDS: dict[str, tuple[str | Promise, TextKind]] = {
    "name": (_("Name"), TEXT),
    "price": (_("Price"), MONEY),
    "caps.price": (_("At most"), MONEY),
    "block_caps.price": (_("At most"), MONEY),
    "block_caps.periods": (_("Days in a row"), WHOLE),
    "days": (_("Days"), DAYS),
    "from": (_("From"), OPENS),
    "to": (_("To"), CLOSES),
    "increment_minutes": (_("Per, min"), MINUTES),
    "prorata": (_("By the time used"), FlagKind()),
    "prorata_minutes": (_("In steps of, min"), MINUTES),
    "once": (_("Once"), FlagKind(rare=True)),
    "after_minutes": (_("After, min"), MINUTES),
    "from_stay": (_("From stay no."), WHOLE),
    "percent": (_("Off, %"), PercentKind()),
    "dates": (_("Dates"), DatesKind()),
    "up_to_minutes": (_("Up to, min"), MINUTES),
    "steps_beyond.each_minutes": (_("After the last step, each, min"), MINUTES),
    "steps_beyond.price": (_("Price of each"), MONEY),
    "max_price": (_("A day costs at most"), MONEY),
    "priority": (_("Priority over other plans"), WHOLE),
    "periods": (_("Which day of a stay"), PERIODS),
    "entry_from": (_("Arrives from"), OPENS),
    "entry_to": (_("Arrives until"), CLOSES),
    "exit_from": (_("Leaves from"), OPENS),
    "exit_to": (_("Leaves until"), CLOSES),
    "max_hours": (_("Longest stay, h"), WHOLE),
    "spot_types": (_("Spots"), TYPES),
    "vehicle_types": (_("Vehicles"), VEHICLES),
    "grace_minutes": (_("Free when it leaves within, min"), MINUTES),
    "free_minutes": (_("First minutes free"), MINUTES),
    "exit_grace_minutes": (_("Time to leave after paying, min"), MINUTES),
    "minimum_charge": (_("A stay costs at least"), MONEY),
    "lost_ticket_fee": (_("Lost ticket"), MONEY),
    "tax_percent": (_("Tax, %"), PercentKind()),
    "tax_included": (_("Prices include the tax"), FlagKind(usual=True)),
    "day_starts_at": (_("A day starts at"), ClockKind()),
}
HINTS = {
    "day_starts_at": _("Empty: 24 hours from entry; never: a stay is one day"),
    "days": _("None: every day"),
    "spot_types": _("None: all"),
    "vehicle_types": _("None: all"),
    "prorata_minutes": _("Empty: to the second"),
    "from_stay": _("In a calendar month"),
    "dates": _("Such as 2026-08-08, 2026-12-24"),
}
# Where a field stands in its part; the rest is folded away.
GROUPS = {
    "name": "head",
    "days": "head",
    "max_price": "limit",
    "steps_beyond": "beyond",
    "prorata_minutes": "aside",
    "once": "aside",
}


@dataclass(frozen=True, slots=True)
class RuleField:
    """A field of a part. In the name of one inside an object, such as `steps_beyond.price`, a dot is a level."""

    name: str
    label: str | Promise
    kind: TextKind
    hint: str | Promise = ""
    group: str = "more"

    @property
    def key(self) -> str:
        """Return its name in a form."""
        return self.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class RulePart:
    """A part of the rules: its fields, the lists of parts below it, and how many of its kind a list may hold."""

    name: str
    fields: tuple[RuleField, ...]
    lists: tuple["RulePart", ...]
    most: int = 1

    def known(self) -> set[str]:
        """Return the names that an object of this part may have in JSON."""
        return {name.partition(".")[0] for name in (*(field.name for field in self.fields), *self.list_names())}

    def list_names(self) -> Iterator[str]:
        """Yield the names of the lists below it."""
        return (part.name for part in self.lists)


def _part(name: str, known: Iterable[str], most: int = 1) -> RulePart:
    names = [
        full
        for one in known
        if one not in LISTS
        for full in ([f"{one}.{inner}" for inner in OBJECTS[one]] if one in OBJECTS else [one])
    ]
    lists = (_part(one, LISTS[one].known, LISTS[one].most) for one in known if one in LISTS)
    return RulePart(name, tuple(_field(name, one) for one in names), tuple(lists), most)


def _field(part: str, name: str) -> RuleField:
    unnamed = (name.replace("_", " ").capitalize(), TEXT)
    label, kind = FIELDS.get(f"{part}.{name}") or FIELDS.get(name, unnamed)
    return RuleField(name, label, kind, HINTS.get(name, ""), GROUPS.get(name.partition(".")[0], "more"))


TARIFF = _part("tariff", TARIFF_FIELDS)
