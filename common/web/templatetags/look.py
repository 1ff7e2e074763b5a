"""Money, times, plates and numbers as people read them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.money import MINUS, currency_exponent
from common.time import date_pattern
from common.translation import active_locale, day_said, inside, money_said

register = template.Library()
register.filter("inside", inside)

MINUTES_PER_HOUR = 60
HOURS_PER_DAY = 24
ABSENT = "–"
SELECTED = SafeString(" selected")


@register.simple_tag
def money(amount: int | None, currency: str, *, bare: bool = False) -> SafeString:
    """Show an amount in minor units of its currency; `bare` leaves the currency out, for columns that name it."""
    if amount is None:
        return format_html('<span class="money">{}</span>', ABSENT)
    if bare:
        decimals = currency_exponent(currency)
        pattern = f"#,##0.{'0' * decimals}".rstrip(".")
        plain = format_decimal(Decimal(amount).scaleb(-decimals), format=pattern, locale=active_locale())
        text = plain.replace("-", MINUS)
    else:
        text = money_said(amount, currency)
    return format_html('<span class="money">{}</span>', text)


@register.filter
def minor_digits(currency: str) -> int:
    """Return how many decimals the minor unit of a currency has."""
    return currency_exponent(currency)


@register.simple_tag
def local_time(at: datetime | None, zone: str | ZoneInfo | None = None, *, style: str = "short") -> SafeString:
    """Show an instant in the lot's zone, with the exact time and the zone in the title.

    Styles: `short` (the time, with the day unless it is today), `dated` (always with the day, for lists of what was),
    `clock` (hours and minutes), `seconds`, `day`, `full`.
    """
    if at is None:
        return format_html("<span>{}</span>", ABSENT)
    here = ZoneInfo(zone) if isinstance(zone, str) else zone or timezone.get_current_timezone()
    local = at.astimezone(here)
    title = f"{_written(local, 'EEEE d MMMM y, HH:mm:ss')} {local:%Z} ({here})"
    said = _said(local, timezone.now().astimezone(here).date(), style)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), title, said)


@register.simple_tag
def local_span(start: datetime, end: datetime, zone: str, *, style: str = "short") -> SafeString:
    """Show from when until when, in the styles of `local_time`; the day of the end only where it is another."""
    here = ZoneInfo(zone)
    is_one_day = start.astimezone(here).date() == end.astimezone(here).date()
    shown = local_time(end, here, style="clock" if is_one_day else style)
    return format_html("{} – {}", local_time(start, here, style=style), shown)


@register.simple_tag
def duration(length: timedelta | int | None) -> str:
    """Return a length (a timedelta, or whole minutes) in its two largest units: `2 h 32 min`, `3 d 4 h`."""
    if length is None:
        return ABSENT
    minutes = int(length.total_seconds()) // 60 if isinstance(length, timedelta) else length
    hours, minutes = divmod(max(minutes, 0), MINUTES_PER_HOUR)
    days, hours = divmod(hours, HOURS_PER_DAY)
    if days:
        # Of the units only that of a day differs between languages.
        day = pgettext("unit", "d")
        return f"{days}\u00a0{day}\u00a0{hours}\u00a0h" if hours else f"{days}\u00a0{day}"
    if hours:
        return f"{hours}\u00a0h\u00a0{minutes}\u00a0min" if minutes else f"{hours}\u00a0h"
    return f"{minutes}\u00a0min"


@register.filter(expects_localtime=True)
def day(value: date | None, pattern: str = "d MMM y") -> str:
    """Show a day, by a pattern of Babel as English writes it; nothing where there is none."""
    return _written(value, pattern) if value else ""


@register.simple_tag
def slug_options(named: Iterable[Any], chosen: int | None) -> SafeString:
    """List named things as options of a select whose values are their slugs; `chosen` is the key of the one shown."""
    rows = ((one.slug, SELECTED if one.pk == chosen else "", one.name) for one in named)
    return format_html_join("\n", '<option value="{}"{}>{}</option>', rows)


@register.simple_tag
def plate(text: str | None, *, region: str = "", size: str = "") -> SafeString:
    """Draw a number plate after its region, if known, or "No plate"; `size="large"` is for a car alone on a page."""
    kind = f" plate-{size}" if size else ""
    if not text:
        return format_html('<span class="plate plate-none{}">{}</span>', kind, _("No plate"))
    before = format_html('<span class="plate-region">{}</span> ', region) if region else ""
    return format_html('<span class="plate{}" translate="no">{}{}</span>', kind, before, text)


@register.simple_tag
def linked_data(said: Mapping[str, Any]) -> SafeString:
    """Tell search engines what a page is about, as JSON-LD; no name in it can end the element or begin another."""
    return SafeString(json_script(said).replace('type="application/json"', 'type="application/ld+json"', 1))


@register.simple_tag
def number(value: Decimal | float | None) -> str:
    """Show a number with the locale's separators."""
    return ABSENT if value is None else format_decimal(value, locale=active_locale()).replace("-", MINUS)


@register.simple_tag
def percent(part: float | None, whole: float | None) -> int:
    """Return the rounded percentage of `part` in `whole`, between 0 and 100; 0 when there is no whole."""
    if not part or not whole:
        return 0
    return max(0, min(100, round(100 * part / whole)))


def _said(local: datetime, today: date, style: str) -> str:
    clock = local.strftime("%H:%M")
    if style == "clock":
        return clock
    if style == "seconds":
        return local.strftime("%H:%M:%S")
    if style == "full":
        return _written(local, "EEE d MMM y, HH:mm")
    day = _day(local.date(), today)
    if style == "day":
        return day
    return clock if style == "short" and local.date() == today else f"{day} {clock}"


def _day(day: date, today: date) -> str:
    near = {0: _("today"), -1: _("yesterday"), 1: _("tomorrow")}.get((day - today).days)
    return near or day_said(day)


def _written(at: date, pattern: str) -> str:
    """Return a day or an instant by the English pattern of both, as the active language writes it."""
    moment = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)  # noqa: DTZ001 - a day alone
    return format_datetime(moment, date_pattern(pattern, active_locale()), locale=active_locale())
