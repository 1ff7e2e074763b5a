"""Dates and times as people type them, on the clock of a lot."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _

from common.time import FIRST_YEAR, LAST_YEAR


class WallClockField(forms.CharField):
    """A date and time on the clock of `zone`, as browsers send it; cleaned to an aware datetime."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def __init__(self, *, zone: ZoneInfo, **options: Any) -> None:
        """Read what is typed on the clock of `zone`."""
        super().__init__(**options)
        self.zone = zone

    def clean(self, value: Any) -> Any:
        """Return the instant; of an hour that the clock shows twice, the first one."""
        text = super().clean(value)
        return instant_of(read_wall_clock(text), self.zone) if text else None


def read_wall_clock(text: str) -> datetime:
    """Return a date and time as browsers send them, without a zone and in whole minutes. Raises ValidationError."""
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError as error:
        raise forms.ValidationError(_("Enter a date and a time, such as 2026-03-02T08:15.")) from error
    if not FIRST_YEAR < local.year < LAST_YEAR:
        raise forms.ValidationError(
            _("Enter a year from %(first)s to %(last)s.") % {"first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}
        )
    return local


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clock of `zone` shows a time, if twice the first of both. Raises ValidationError if never."""
    instant = local.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise forms.ValidationError(_("This time is skipped on that day, as the clock is put forward."))
    return instant


def instant_after(instant: datetime, zone: ZoneInfo, after: datetime, *, strictly: bool = False) -> datetime:
    """Return the second instant at which the clock shows the same time, where the first one is too early."""
    too_soon = instant <= after if strictly else instant < after
    return second_time(instant, zone) if too_soon else instant


def second_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clock of `zone` shows the time of an instant again, where it is put back; else the instant."""
    return instant.astimezone(zone).replace(fold=1).astimezone(UTC)


def clear_time(field: forms.BoundField, instant: datetime, *, after: datetime, strictly: bool = False) -> datetime:
    """Return the instant of a wall clock field that comes `after` another, if the clock shows it twice."""
    return instant_after(instant, field.field.zone, after, strictly=strictly)  # type: ignore[attr-defined]


def as_typed(instant: datetime, zone: ZoneInfo) -> str:
    """Return an instant as the field shows it."""
    return instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def rounded_up(at: datetime, step: timedelta) -> datetime:
    """Return the next full step of the clock, in UTC."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp(-(-at.timestamp() // seconds) * seconds, tz=UTC)
