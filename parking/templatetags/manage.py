"""Words of the operator's pages."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django import template
from django.utils import translation

register = template.Library()


@register.simple_tag
def change_words(percent: int | None, at: datetime, zone: str) -> str:
    """Say a change against the same weekday of last week by this time: `+6 % on last Fri`."""
    weekday = format_date((at - timedelta(days=7)).astimezone(ZoneInfo(zone)), "EEE", locale=_locale())
    if percent is None:
        return f"nothing last {weekday} by now"
    sign = {True: "+", False: "−"}[percent >= 0]
    return f"{sign}{abs(percent)} % on last {weekday} by now"


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en")
