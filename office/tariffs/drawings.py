"""The drawings beside the rules: a week of prices, and what a stay costs as it grows longer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from billing.pricing import WeekStretch
from billing.pricing.windows import DAY_MINUTES, EVENT, HOLIDAY, WEEKDAYS, clock_text
from billing.words import days_words, length_words
from common.money import format_amount
from common.web.charts import GridLine, scale_of

MOST_TINTS = 4
WIDE, NARROW = 24, 9
"""How much of a day, in percent, has room for a price with its length, and for the price alone."""


@dataclass(frozen=True, slots=True)
class WeekBox:
    """A stretch of a day: where it is drawn, in percent; its tint, the stronger the dearer; and its words."""

    x: float
    width: float
    tint: int
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A line of the table: days that are priced alike, hours, the plan and its price."""

    days: str
    hours: str
    plan: str
    price: str


@dataclass(frozen=True, slots=True)
class WeekDrawing:
    """A week as boxes by day, and as a table."""

    days: tuple[tuple[str, float, tuple[WeekBox, ...]], ...]
    hours: tuple[tuple[float, str], ...]
    rows: tuple[WeekRow, ...]


@dataclass(frozen=True, slots=True)
class CurveDrawing:
    """Prices by length of stay as lines in a square of 100, the draft's and those in force; `mark` is one stay."""

    grid: tuple[GridLine, ...]
    ticks: tuple[tuple[float, str], ...]
    draft: str
    in_force: str
    mark: tuple[float, float] | None


def draw_week(week: Mapping[str, Sequence[WeekStretch]], currency: str) -> WeekDrawing:
    """Draw each day as boxes, tinted by their price an hour."""
    dearest: int = max((_rate(one) for day in week.values() for one in day), default=0)
    days = tuple(
        (_day(name), round(100 * (number + 0.5) / len(week), 2), tuple(_box(one, dearest, currency) for one in day))
        for number, (name, day) in enumerate(week.items())
    )
    hours = tuple((round(100 * hour / 24, 2), f"{hour}") for hour in range(0, 25, 6))
    return WeekDrawing(days, hours, tuple(_week_rows(week, currency)))


def draw_curve(
    minutes: Sequence[int], draft: Sequence[int], in_force: Sequence[int], currency: str, stay: tuple[int, int]
) -> CurveDrawing:
    """Draw totals over lengths of stay; `stay` is a length in minutes with its total."""
    longest = minutes[-1]
    lines = scale_of(max([*draft, *in_force, 1]))
    top = lines[-1]
    each = DAY_MINUTES if longest > DAY_MINUTES else DAY_MINUTES // 4
    ticks = tuple((round(100 * at / longest, 2), length_words(at) if at else "0") for at in range(0, longest + 1, each))
    length, total = stay
    return CurveDrawing(
        grid=tuple(GridLine(_y(line, top), format_amount(line, currency)) for line in lines),
        ticks=ticks,
        draft=_line(minutes, draft, top),
        in_force=_line(minutes, in_force, top),
        mark=(round(100 * length / longest, 2), _y(total, top)) if length <= longest else None,
    )


def _line(minutes: Sequence[int], totals: Sequence[int], top: int) -> str:
    """Return a line that keeps its height until a total changes: the total of a length holds since the one before."""
    if not totals:
        return ""
    longest = minutes[-1]
    points = [(0, totals[0])]
    was_rising = False
    for place in range(1, len(totals)):
        is_rising = totals[place] != totals[place - 1]
        if is_rising and not was_rising:
            points += [(minutes[place - 1], totals[place - 1]), (minutes[place - 1], totals[place])]
        elif is_rising:
            points += [(minutes[place - 1], totals[place - 1]), (minutes[place], totals[place])]
        was_rising = is_rising
    points.append((longest, totals[-1]))
    return " ".join(f"{100 * at / longest:.2f},{_y(total, top):.2f}" for at, total in points)


def _box(stretch: WeekStretch, dearest: int, currency: str) -> WeekBox:
    width = round(100 * (stretch.closes - stretch.opens) / DAY_MINUTES, 2)
    price = format_amount(_price(stretch), currency)
    said = _said(stretch, currency)
    return WeekBox(
        x=round(100 * stretch.opens / DAY_MINUTES, 2),
        width=width,
        tint=-(-MOST_TINTS * _rate(stretch) // dearest) if dearest else 0,
        text=said if width >= WIDE else price if width >= NARROW else "",
        title=f"{clock_text(stretch.opens)}–{clock_text(stretch.closes)}: {said}",
    )


def _price(stretch: WeekStretch) -> int:
    return stretch.band.price if stretch.band else stretch.plan.steps[0].price


def _rate(stretch: WeekStretch) -> int:
    minutes = stretch.band.increment_minutes if stretch.band else stretch.plan.steps[0].up_to_minutes
    return _price(stretch) * 60_000 // minutes


def _said(stretch: WeekStretch, currency: str) -> str:
    if stretch.band is None:
        return _("from %(price)s") % {"price": format_amount(_price(stretch), currency)}
    if stretch.band.once:
        return _("%(price)s once") % {"price": format_amount(_price(stretch), currency)}
    rates = (
        f"{format_amount(one.price, currency)} / {length_words(one.increment_minutes)}" for one in stretch.band.rates
    )
    return _(", then ").join(rates)


def _day(name: str) -> str:
    if name in WEEKDAYS:
        return str(WEEKDAYS_ABBR[WEEKDAYS.index(name)])
    return {HOLIDAY: _("Holidays"), EVENT: _("Event days")}.get(name, name)


def _week_rows(week: Mapping[str, Sequence[WeekStretch]], currency: str) -> list[WeekRow]:
    alike: dict[tuple[WeekStretch, ...], list[str]] = {}
    for name, day in week.items():
        alike.setdefault(tuple(day), []).append(name)
    return [
        WeekRow(
            days=_("Every day") if len(names) == len(week) else days_words(tuple(names)),
            hours=f"{clock_text(one.opens)}–{clock_text(one.closes)}",
            plan=one.plan.name,
            price=_said(one, currency),
        )
        for day, names in alike.items()
        for one in day
    ]


def _y(amount: float, top: int) -> float:
    return round(100 * (1 - amount / top), 2)
