"""For how many days what is known of people and cars is kept, by purpose: defaults, those of countries, and bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from common.words import Text
from common.words import text as _


class Purpose(StrEnum):
    """What something is kept for; each has a clock that starts when it was received, or when what it is for ended."""

    PAID_PLATES = "paid_plates"
    UNPAID_PLATES = "unpaid_plates"
    KNOWN_PLATES = "known_plates"
    IMAGES = "images"
    BOOKINGS = "bookings"
    PASSES = "passes"
    EVENT_PLATES = "event_plates"
    EVENTS = "events"
    WEBHOOKS = "webhooks"
    MESSAGES = "messages"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class KeptClock:
    """How long something is kept where a lot says nothing, and the least and the most that a lot may say."""

    label: Text
    days: int
    least: int
    most: int


CLOCKS: Mapping[Purpose, KeptClock] = {
    Purpose.PAID_PLATES: KeptClock(_("Plates of stays that nobody owns and that are paid"), 2, 1, 30),
    Purpose.UNPAID_PLATES: KeptClock(_("Plates of stays that owed, after they are settled"), 30, 1, 365),
    Purpose.KNOWN_PLATES: KeptClock(_("Plates of stays with an account, a booking or a pass"), 365, 1, 1100),
    Purpose.IMAGES: KeptClock(_("Addresses of cameras’ images"), 28, 1, 90),
    Purpose.BOOKINGS: KeptClock(_("Who booked, and the plate, after the booking is over"), 365, 90, 1100),
    Purpose.PASSES: KeptClock(
        _("Holders and plates of passes, after the pass has ended or lost the plate"), 365, 90, 1100
    ),
    Purpose.EVENT_PLATES: KeptClock(_("Plates in events for programs"), 7, 4, 90),
    Purpose.EVENTS: KeptClock(_("Events for programs"), 90, 7, 365),
    Purpose.WEBHOOKS: KeptClock(_("What was sent to webhooks, and their answers"), 30, 1, 90),
    Purpose.MESSAGES: KeptClock(_("Recipients and contents of messages"), 90, 7, 365),
    Purpose.TEXTS: KeptClock(_("Texts to phones, and codes that were sent"), 7, 1, 90),
}
# Regulators there expect images of cameras to be gone after 72 hours: § 13 (3) DSG; the guidance of the DSK of 2020.
OF_COUNTRIES: Mapping[str, Mapping[Purpose, int]] = {
    "AT": {Purpose.IMAGES: 3},
    "DE": {Purpose.IMAGES: 3},
}
ZONES: Mapping[str, tuple[str, ...]] = {
    "AT": ("Europe/Vienna",),
    "DE": ("Europe/Berlin", "Europe/Busingen"),
}
"""The timezones of lots in these countries."""
BY_OPERATOR = (Purpose.EVENTS, Purpose.WEBHOOKS, Purpose.MESSAGES, Purpose.TEXTS)
"""What is known of no lot, but of an operator: it is kept as long as the lot of it says that says longest."""


def default_days(purpose: Purpose, zone: str) -> int:
    """Return how long a lot in a timezone keeps something where it says nothing itself."""
    country = next((country for country, zones in ZONES.items() if zone in zones), "")
    return OF_COUNTRIES.get(country, {}).get(purpose, CLOCKS[purpose].days)


def days_kept(given: Mapping[str, int], purpose: Purpose, zone: str) -> int:
    """Return how long a lot keeps something that says so much, in its timezone."""
    return given.get(purpose, default_days(purpose, zone))


def days_sql(purpose: Purpose, lot: str = "lot") -> str:
    """Return the same as SQL over a row of a lot by this name."""
    cases = "".join(
        f" WHEN {lot}.timezone IN ({', '.join(map(_quoted, ZONES[country]))}) THEN {days[purpose]}"
        for country, days in OF_COUNTRIES.items()
        if purpose in days
    )
    default = f"CASE{cases} ELSE {CLOCKS[purpose].days} END" if cases else str(CLOCKS[purpose].days)
    return f"coalesce(({lot}.kept_days ->> '{purpose}')::integer, {default})"


def _quoted(text: str) -> str:
    return f"'{text}'"
