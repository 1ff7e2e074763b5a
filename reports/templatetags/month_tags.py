"""Tags of the mails about months: a month, an amount and a length in words."""

from collections.abc import Callable
from datetime import date

from django import template

from common.errors import DomainError
from common.translation import money_said
from reports.month_names import said_hour, said_length, said_percent, whole_month

register = template.Library()


@register.filter
def month_said(first: str) -> str:
    """Write the month of a day such as 2026-10-01: `October 2026`."""
    return _said(lambda: whole_month(date.fromisoformat(first)), first)


@register.filter
def length_said(minutes: int) -> str:
    """Write a length in hours and minutes."""
    return _said(lambda: said_length(minutes), minutes)


@register.simple_tag
def amount_said(amount: int, currency: str) -> str:
    """Write an amount in minor units of its currency."""
    return _said(lambda: money_said(amount, currency), amount)


@register.filter
def share_said(share: float | None) -> str:
    """Write a share in whole percent."""
    return _said(lambda: said_percent(share), share)


@register.simple_tag
def hour_said(weekday: int, hour: int) -> str:
    """Write an hour of a weekday, whose days begin at 0 with Monday."""
    return _said(lambda: said_hour(weekday, hour), hour)


def _said(say: Callable[[], str], value: object) -> str:
    """Return a value in words; what can't be one stays as it is, so that no mail breaks."""
    try:
        return say()
    except (ArithmeticError, DomainError, LookupError, TypeError, ValueError):
        return str(value)
