"""When a lot lets walk-ins in: `{"mon-fri": "06:00-24:00", "sat": "08:00-12:00,13:00-22:00", "sun,holiday": "closed"}`.

Days that are not named are closed; no hours at all mean always open. A holiday that is not named counts as its weekday.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise

from common.errors import DomainError, FieldError
from common.words import Text
from common.words import text as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY = "holiday"
MINUTES_PER_DAY = 24 * 60

_RANGE = re.compile(r"(\d{2}):(\d{2})\s*[-–]\s*(\d{2}):(\d{2})", re.ASCII)
_WEEK_AND_A_DAY = 8  # hours without holidays are the same each week
_YEAR_AND_A_MONTH = 400  # hours that only name holidays change within a year
_CLOSED = "closed"
OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
OSM_HOLIDAY = "PH"
_DAY_NAMES = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))

Ranges = tuple[tuple[int, int], ...]
IsHoliday = Callable[[date], bool]


class OpeningHoursError(DomainError):
    """The opening hours can't be understood; every wrong place is in `errors`."""

    code = "invalid_opening_hours"


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Open minutes `[from, to)` per day name, sorted; beyond 1440 they run into the next day. Empty: always open."""

    days: Mapping[str, Ranges] = field(default_factory=dict)

    def on(self, day: date, is_holiday: IsHoliday) -> Ranges:
        """Return the ranges that open on a local day."""
        if HOLIDAY in self.days and is_holiday(day):
            return self.days[HOLIDAY]
        return self.days.get(DAYS[day.weekday()], ())


def parse_opening_hours(data: object, *, path: str = "opening_hours") -> OpeningHours:
    """Read opening hours from JSON data ({} = always open). Raises OpeningHoursError with JSON paths."""
    if not isinstance(data, dict):
        raise OpeningHoursError(
            _("The opening hours have mistakes."), errors=[FieldError(path, _("This must be an object."))]
        )
    errors = []
    days: dict[str, Ranges] = {}
    for key, value in data.items():
        try:
            names = _day_names(str(key), taken=days)
            days.update(dict.fromkeys(names, _ranges(value)))
        except ValueError as error:
            errors.append(FieldError(f"{path}.{key}", error.args[0]))
    if errors:
        raise OpeningHoursError(_("The opening hours have mistakes."), errors=errors)
    return OpeningHours(days)


def is_open(hours: OpeningHours, at_local: datetime, is_holiday: IsHoliday) -> bool:
    """Return whether walk-ins may enter at a moment given in the lot's own zone."""
    if not hours.days:
        return True
    minute = at_local.hour * 60 + at_local.minute
    today, yesterday = at_local.date(), at_local.date() - timedelta(days=1)
    return any(start <= minute < end for start, end in hours.on(today, is_holiday)) or any(
        minute + MINUTES_PER_DAY < end for _, end in hours.on(yesterday, is_holiday)
    )


def next_change(hours: OpeningHours, at_local: datetime, is_holiday: IsHoliday) -> datetime | None:
    """Return when the lot next opens or closes, in the zone of `at_local` (aware), or None when it never does."""
    if not hours.days:
        return None
    now_open = is_open(hours, at_local, is_holiday)
    for moment in _borders(hours, at_local, is_holiday):
        if is_open(hours, moment, is_holiday) is not now_open:
            return moment
    return None


def osm_rules(hours: OpeningHours) -> tuple[str, ...]:
    """Return the hours as rules that OpenStreetMap and search engines know, such as `Mo-Fr 06:00-24:00`."""
    if not hours.days:
        return ("Mo-Su 00:00-24:00",)
    rules = []
    for ranges, group in groupby(range(len(DAYS)), key=lambda index: hours.days.get(DAYS[index], ())):
        names = [OSM_DAYS[index] for index in group]
        days = names[0] if len(names) == 1 else f"{names[0]}-{names[-1]}"
        rules.append(f"{days} {_osm_text(ranges)}")
    if HOLIDAY in hours.days:
        rules.append(f"{OSM_HOLIDAY} {_osm_text(hours.days[HOLIDAY])}")
    return tuple(rules)


def describe(hours: OpeningHours) -> tuple[tuple[Text, Text], ...]:
    """Return the hours as people read them: pairs of days and hours, weekdays with the same hours together."""
    if not hours.days:
        return ((_("Every day"), _("open 24 hours")),)
    lines = []
    for ranges, group in groupby(range(len(DAYS)), key=lambda index: hours.days.get(DAYS[index], ())):
        names = [_DAY_NAMES[index] for index in group]
        label = names[0] if len(names) == 1 else Text("%(first)s–%(last)s", {"first": names[0], "last": names[-1]})
        lines.append((_("Every day") if len(names) == len(DAYS) else label, _hours_text(ranges)))
    if HOLIDAY in hours.days:
        lines.append((_("Holidays"), _hours_text(hours.days[HOLIDAY])))
    return tuple(lines)


def _day_names(key: str, *, taken: Collection[str]) -> list[str]:
    names: list[str] = []
    for part in key.lower().split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        if first == HOLIDAY and not dash:
            names.append(HOLIDAY)
        elif first in DAYS and (not dash or last in DAYS):
            start, end = DAYS.index(first), DAYS.index(last or first)
            names.extend(DAYS[(start + step) % len(DAYS)] for step in range((end - start) % len(DAYS) + 1))
        else:
            day = part.strip()
            raise ValueError(_("“%(day)s” is not a day. Use mon … sun, a span such as mon-fri, or holiday.", day=day))
    for place, name in enumerate(names):
        if name in taken or name in names[:place]:
            raise ValueError(_("The day %(day)s is named twice.", day=name))
    return names


def _ranges(value: object) -> Ranges:
    if not isinstance(value, str):
        raise ValueError(_("This must be a text such as 06:00-24:00, or closed."))  # noqa: TRY004  collected with its path
    if value.strip().lower() == _CLOSED:
        return ()
    ranges = sorted(_range(part.strip()) for part in value.split(","))
    overlaps = [later for earlier, later in pairwise(ranges) if later[0] < earlier[1]]
    if overlaps:
        raise ValueError(_("%(hours)s overlaps the hours before it.", hours=_range_text(*overlaps[0])))
    return tuple(ranges)


def _range(text: str) -> tuple[int, int]:
    parts = _RANGE.fullmatch(text)
    if parts is None:
        raise ValueError(_("“%(hours)s” is not written like 06:00-24:00, or closed.", hours=text))
    start_hour, start_minute, end_hour, end_minute = (int(part) for part in parts.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start_minute, end_minute) > 59 or start >= MINUTES_PER_DAY or end > MINUTES_PER_DAY:  # noqa: PLR2004
        raise ValueError(_("“%(hours)s” has a time that does not exist.", hours=text))
    # An end not after its start is on the next day; the same time means a whole day.
    return (start, end) if end > start else (start, end + MINUTES_PER_DAY)


def _borders(hours: OpeningHours, at_local: datetime, is_holiday: IsHoliday) -> Iterator[datetime]:
    """Yield the moments at which some range opens or closes, in order, after `at_local`."""
    for step in range(_YEAR_AND_A_MONTH if HOLIDAY in hours.days else _WEEK_AND_A_DAY):
        day = at_local.date() + timedelta(days=step)
        minutes = {end - MINUTES_PER_DAY for _, end in hours.on(day - timedelta(days=1), is_holiday)}
        minutes |= {minute for one in hours.on(day, is_holiday) for minute in one}
        for minute in sorted(minute for minute in {*minutes, 0} if 0 <= minute < MINUTES_PER_DAY):
            moment = datetime.combine(day, time(*divmod(minute, 60)), tzinfo=at_local.tzinfo)
            if moment.astimezone(UTC) > at_local.astimezone(UTC):
                yield moment


def _hours_text(ranges: Ranges) -> Text:
    if ranges == ((0, MINUTES_PER_DAY),):
        return _("open 24 hours")
    return Text(", ".join(_range_text(*one) for one in ranges), {}) if ranges else _("closed")


def _range_text(start: int, end: int) -> str:
    end = end if end <= MINUTES_PER_DAY else end - MINUTES_PER_DAY
    return f"{start // 60:02}:{start % 60:02}–{end // 60:02}:{end % 60:02}"


def _osm_text(ranges: Ranges) -> str:
    return ",".join(_range_text(*one).replace("–", "-") for one in ranges) if ranges else "off"
