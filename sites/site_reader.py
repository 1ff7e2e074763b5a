"""Reads single values of a site file, beyond those of tariffs."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from billing.pricing.values import Reader
from common.errors import FieldError
from lots.checks import is_day

_SLUG = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)


class SiteReader(Reader):
    """A Reader that also knows slugs, numbers, days and required fields."""

    def object(self, data: Any, path: str) -> Mapping[str, Any] | None:
        """Return an object whose keys are checked later; None when it is not an object."""
        if isinstance(data, Mapping):
            return data
        self.refuse(path, _("must be an object"))
        return None

    def require(self, data: Mapping[str, Any], path: str, names: Iterable[str]) -> None:
        """Report each missing field."""
        for name in names:
            if name not in data:
                self.refuse(f"{path}.{name}", _("is missing"))

    def filled_text(self, value: Any, path: str, longest: int) -> str:
        """Return a text that is not blank."""
        text = self.text(value, path, longest)
        if value == "" or (text and not text.strip()):
            self.refuse(path, _("must not be empty"))
        return text

    def lines(self, value: Any, path: str, longest: int) -> str:
        """Return a text of one or several lines."""
        return value if self.text(value.replace("\n", " ") if isinstance(value, str) else value, path, longest) else ""

    def slug(self, value: Any, path: str) -> str:
        """Return a slug."""
        if isinstance(value, str) and _SLUG.fullmatch(value):
            return value
        self.refuse(path, _("must be 1 to 60 letters, digits, dashes and underscores"))
        return ""

    def number(self, value: Any, path: str, least: float, most: float) -> float:
        """Return a number within bounds."""
        right_type = isinstance(value, int | float) and not isinstance(value, bool)
        if right_type and least <= value <= most:  # false for NaN
            return float(value)
        bounds = {"least": f"{least:g}", "most": f"{most:g}"}
        self.refuse(path, _("must be a number from %(least)s to %(most)s") % bounds)
        return least

    def day(self, value: Any, path: str) -> dt.date:
        """Return a day."""
        if is_day(value):
            return dt.date.fromisoformat(value)
        self.refuse(path, _("must be a day such as 2026-04-20"))
        return dt.date.min

    def add(self, problems: Iterable[FieldError]) -> bool:
        """Add errors found elsewhere; return whether there were any."""
        before = len(self.errors)
        self.errors += problems
        return len(self.errors) > before
