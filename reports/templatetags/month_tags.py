"""Tags of the mails about months: a month, an amount and a length in words."""

from datetime import date

from django import template

from common.translation import money_said
from reports.month_names import said_hour, said_length, said_percent, whole_month

register = template.Library()


@register.filter
def month_said(first: str) -> str:
    """Write the month of a day such as 2026-10-01: `October 2026`; what is none stays as it is."""
    try:
        return whole_month(date.fromisoformat(first))
    except ValueError:
        return first


@register.filter
def length_said(minutes: int) -> str:
    """Write a length in hours and minutes."""
    return said_length(minutes)


@register.simple_tag
def amount_said(amount: int, currency: str) -> str:
    """Write an amount in minor units of its currency."""
    return money_said(amount, currency)


@register.filter
def share_said(share: float | None) -> str:
    """Write a share in whole percent."""
    return said_percent(share)


@register.simple_tag
def hour_said(weekday: int, hour: int) -> str:
    """Write an hour of a weekday, whose days begin at 0 with Monday."""
    return said_hour(weekday, hour)
