"""Reads values of external JSON and collects all errors with their paths."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from billing.pricing.special_days import NAMES_BEFORE
from billing.pricing.windows import DAY_MINUTES, Window
from common.errors import FieldError
from common.words import text as _

LARGEST_PRICE = 10**9
MOST_MINUTES = 366 * DAY_MINUTES
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1970, 2200
"""The years that can be priced."""
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?", re.ASCII)


class Reader:
    """Collects errors. Each method returns a value of the right type even when it reports an error."""

    def __init__(self, path: str = "$") -> None:
        self.path = path
        self.errors: list[FieldError] = []
        self.day_names: Sequence[str] = NAMES_BEFORE

    def refuse(self, path: str, message: str) -> None:
        """Report that the value at a path is wrong, and why."""
        self.errors.append(FieldError(path, message))

    def fields(self, data: Any, path: str, known: Iterable[str]) -> Mapping[str, Any] | None:
        """Return an object and report unknown keys; return None when it is not an object."""
        if not isinstance(data, Mapping):
            self.refuse(path, _("must be an object"))
            return None
        for key in data:
            if key not in known:
                self.refuse(f"{path}.{str(key)[:60]}", _("is not a known field"))
        return data

    def items(self, data: Any, path: str, most: int) -> list[tuple[str, Any]]:
        """Return the elements of a list with their paths."""
        if not isinstance(data, Sequence) or isinstance(data, str | bytes):
            self.refuse(path, _("must be a list"))
            return []
        if len(data) > most:
            self.refuse(path, _("has more than %(most)s entries", most=most))
            return []
        return [(f"{path}[{index}]", item) for index, item in enumerate(data)]

    def integer(self, value: Any, path: str, least: int, most: int) -> int:
        """Return a whole number within bounds; booleans are not numbers."""
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.refuse(path, _("must be a whole number from %(least)s to %(most)s", least=least, most=most))
        return least

    def amount(self, value: Any, path: str) -> int:
        """Return an amount in minor units."""
        return self.integer(value, path, 0, LARGEST_PRICE)

    def minutes(self, value: Any, path: str, least: int = 0) -> int:
        """Return a duration in minutes, at most a year."""
        return self.integer(value, path, least, MOST_MINUTES)

    def flag(self, value: Any, path: str) -> bool:
        """Return a boolean."""
        if not isinstance(value, bool):
            self.refuse(path, _("must be true or false"))
        return value is True

    def text(self, value: Any, path: str, longest: int = 100) -> str:
        """Return a short text without control characters."""
        if isinstance(value, str) and len(value) <= longest and value.isprintable():
            return value
        self.refuse(path, _("must be a text of at most %(longest)s printable characters", longest=longest))
        return ""

    def choice(self, value: Any, path: str, choices: Sequence[str]) -> str:
        """Return one of the choices."""
        if isinstance(value, str) and value in choices:
            return value
        self.refuse(path, _("must be one of %(choices)s", choices=", ".join(choices)))
        return choices[0]

    def choices(self, value: Any, path: str, choices: Sequence[str]) -> tuple[str, ...]:
        """Return distinct choices, in the order of `choices`."""
        found: list[str] = []
        for item_path, item in self.items(value, path, len(choices)):
            name = self.choice(item, item_path, choices)
            if name in found:
                self.refuse(item_path, _("is named twice"))
            found.append(name)
        return tuple(name for name in choices if name in found)

    def days(self, value: Any, path: str) -> tuple[str, ...]:
        """Return day names."""
        return self.choices(value, path, self.day_names)

    def date(self, value: Any, path: str) -> date:
        """Return a day of the calendar, `YYYY-MM-DD`."""
        try:
            found = date.fromisoformat(value) if isinstance(value, str) and _DATE.fullmatch(value) else date.min
        except ValueError:
            found = date.min
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            years = {"first": FIRST_YEAR, "last": LAST_YEAR}
            self.refuse(path, _("must be a date from %(first)s to %(last)s, YYYY-MM-DD", **years))
        return found

    def percent(self, value: Any, path: str) -> Decimal:
        """Return an exact percentage from 0 to 100, given as a decimal string or a whole number."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100:  # noqa: PLR2004
            return Decimal(value)
        if isinstance(value, str) and _PERCENT.fullmatch(value) and Decimal(value) <= 100:  # noqa: PLR2004
            return Decimal(value)
        self.refuse(path, _('must be a percentage from 0 to 100 as a text, such as "8.1"'))
        return Decimal(0)

    def clock(self, value: Any, path: str, *, closing: bool = False) -> int:
        """Return the minute of the day of `HH:MM`; only a closing time may be `24:00`."""
        if closing and value == "24:00":
            return DAY_MINUTES
        found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if found:
            return int(found[1]) * 60 + int(found[2])
        latest = "24:00" if closing else "23:59"
        self.refuse(path, _("must be a time of day, HH:MM from 00:00 to %(latest)s", latest=latest))
        return DAY_MINUTES if closing else 0

    def window(self, data: Mapping[str, Any], path: str, prefix: str = "") -> Window:
        """Return the window of the fields `from` and `to`; without them, the whole day."""
        opens, closes = f"{prefix}from", f"{prefix}to"
        return Window(
            self.clock(data.get(opens, "00:00"), f"{path}.{opens}"),
            self.clock(data.get(closes, "24:00"), f"{path}.{closes}", closing=True),
        )
