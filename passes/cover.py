"""When a pass covers a stay, as pricing sees it."""

from datetime import date, timedelta

from billing.pricing import PassHours
from billing.pricing.windows import Window
from passes.models import Pass


def hours_of(held_pass: Pass, *, entry_day: date | None = None, entries: int | None = None) -> PassHours:
    """Return when a pass covers a stay.

    With `entries` it covers as many local days from the `entry_day` on.
    """
    last = held_pass.covers_until
    if entries is not None and entry_day is not None:
        last = min(last, entry_day + timedelta(days=entries - 1))
    return PassHours(
        days=tuple(held_pass.days),
        window=Window(held_pass.opens_minute, held_pass.closes_minute),
        first_date=held_pass.valid_from,
        last_date=last,
        until=held_pass.stopped_at,
    )
