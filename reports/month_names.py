"""Months as addresses name them, and in words."""

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from django.utils.translation import gettext as _

from common.money import MINUS, currency_exponent
from common.time import FIRST_YEAR, LAST_YEAR
from common.translation import active_locale, day_said

_NAMED = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


def month_named(name: str) -> date | None:
    """Return the first day of the month that an address names, such as 2026-10; None for what is no month."""
    found = _NAMED.fullmatch(name)
    year = int(found[1]) if found else 0
    return date(year, int(found[2]), 1) if found and FIRST_YEAR <= year <= LAST_YEAR else None


def name_of_month(month: date) -> str:
    """Return how addresses name the month of a day."""
    return f"{month:%Y-%m}"


def next_month(month: date) -> date:
    """Return the first day of the month after that of a day."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def last_months(day: date, count: int) -> list[date]:
    """Return the first days of as many months up to that of a day, in their order."""
    number = day.year * 12 + day.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(number - count + 1, number + 1)]


def whole_month(month: date) -> str:
    """Return a month in full in the active language: `October 2026`."""
    return str(format_skeleton("yMMMM", month, locale=active_locale()))


def bare_money(amount: int, currency: str) -> str:
    """Return an amount in minor units without its currency, in the active language."""
    decimals = currency_exponent(currency)
    pattern = f"#,##0.{'0' * decimals}".rstrip(".")
    text = format_decimal(Decimal(amount).scaleb(-decimals), format=pattern, locale=active_locale())
    return str(text).replace("-", MINUS)


def said_number(count: int) -> str:
    """Return a whole number in the active language."""
    return str(format_decimal(count, locale=active_locale()))


def said_length(minutes: int) -> str:
    """Return a length in hours and minutes, however many hours it is."""
    return f"{minutes // 60}\u00a0h\u00a0{minutes % 60:02d}\u00a0min"


def said_as_of(at: datetime, zone: str) -> str:
    """Return when figures were added up, on the clock of a zone."""
    local = at.astimezone(ZoneInfo(zone))
    return _("As of %(day)s %(clock)s (%(zone)s).") % {
        "day": day_said(local.date()),
        "clock": f"{local:%H:%M}",
        "zone": zone,
    }


def weekday_names() -> list[str]:
    """Return the short names of the days from Monday on in the active language."""
    # 1 January 2024 was a Monday.
    return [str(format_date(date(2024, 1, day), "EEE", locale=active_locale())) for day in range(1, 8)]


def said_percent(share: float | None) -> str:
    """Return a share in whole percent; a dash for none."""
    return "–" if share is None else f"{round(100 * share)}\u00a0%"


def said_hour(weekday: int, hour: int) -> str:
    """Return an hour of a weekday: `Mon 08:00`."""
    return f"{weekday_names()[weekday]} {hour:02d}:00"
