"""Reads the single values of a site file that tariffs do not have."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from billing.pricing.values import Reader
from common.errors import FieldError
from lots.checks import is_day

_SLUG = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)


class SiteReader(Reader):
    """A reader with slugs, numbers, days and required fields."""

    def object(self, data: Any, path: str) -> Mapping[str, Any] | None:
        """Return an object whose keys are looked at later, or None when it is no object."""
        if isinstance(data, Mapping):
            return data
        self.refuse(path, "must be an object")
        return None

    def require(self, data: Mapping[str, Any], path: str, names: Iterable[str]) -> None:
        """Note each field that is missing."""
        for name in names:
            if name not in data:
                self.refuse(f"{path}.{name}", "is missing")

    def filled_text(self, value: Any, path: str, longest: int) -> str:
        """Return a text that says something."""
        text = self.text(value, path, longest)
        if value == "" or (text and not text.strip()):
            self.refuse(path, "must not be empty")
        return text

    def slug(self, value: Any, path: str) -> str:
        """Return a short name for addresses."""
        if isinstance(value, str) and _SLUG.fullmatch(value):
            return value
        self.refuse(path, "must be 1 to 60 letters, digits, dashes and underscores")
        return ""

    def number(self, value: Any, path: str, least: float, most: float) -> float:
        """Return a number within bounds."""
        right_type = isinstance(value, int | float) and not isinstance(value, bool)
        if right_type and least <= value <= most:  # a number that is none is not between them
            return float(value)
        self.refuse(path, f"must be a number from {least:g} to {most:g}")
        return least

    def day(self, value: Any, path: str) -> dt.date:
        """Return a day."""
        if is_day(value):
            return dt.date.fromisoformat(value)
        self.refuse(path, "must be a day such as 2026-04-20")
        return dt.date.min

    def add(self, problems: Iterable[FieldError]) -> bool:
        """Note problems found elsewhere; say whether there were any."""
        before = len(self.errors)
        self.errors += problems
        return len(self.errors) > before
