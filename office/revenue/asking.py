"""What an address asks for: lots, days and a currency."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from accounts.access import Person, operator_ids_of
from accounts.models import Role
from billing.books.spans import Span
from billing.books.takings import BookScope
from lots.access import LotName, lots_visible_to

LONGEST = 1100
"""Days that one page may cover."""
_YEAR, _MONTH, _DAY = re.compile(r"\d{4}"), re.compile(r"\d{4}-\d{2}"), re.compile(r"\d{4}-\d{2}-\d{2}")
_EARLIEST = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """The lots that a person manages, archived ones too, the `chosen` ones of them, and a span of days.

    `today` is that of the first lot shown. `refused` says why the days of the address could not be read.
    """

    lots: tuple[LotName, ...]
    chosen: tuple[LotName, ...]
    span: Span
    today: date
    zone: str
    operators: frozenset[int]
    refused: str = ""

    @property
    def shown(self) -> tuple[LotName, ...]:
        """Return the chosen lots, or all."""
        return self.chosen or self.lots

    @property
    def place(self) -> BookScope:
        """Return whose books are read."""
        operators = frozenset() if self.chosen else self.operators
        return BookScope(tuple(lot.pk for lot in self.shown), tuple(operators))

    @property
    def currencies(self) -> tuple[str, ...]:
        """Return the currencies of the lots, the most frequent first."""
        used = [lot.currency for lot in self.shown]
        return tuple(sorted({*used}, key=lambda currency: (-used.count(currency), currency)))

    @property
    def name(self) -> str:
        """Return the span for the name of a file."""
        return "-to-".join(dict.fromkeys((self.span.first.isoformat(), self.span.last.isoformat())))

    def query(self, span: Span | None = None, **more: object) -> str:
        """Return the query string for the same lots and other days."""
        days = named(span or self.span)
        return "?" + urlencode([*days.items(), *(("lot", lot.slug) for lot in self.chosen), *more.items()])


def asked_by(user: Person, query: QueryDict, at: datetime) -> Asked:
    """Return what an address asks for; without days, this month. Raises Http404 for a lot that is not theirs."""
    visible = lots_visible_to(user, Role.ADMIN).order_by("name", "pk")
    lots = tuple(map(LotName._make, visible.values_list(*LotName._fields)))
    slugs = {slug for slug in query.getlist("lot") if slug}
    chosen = tuple(lot for lot in lots if lot.slug in slugs)
    if len(chosen) < len(slugs):
        raise Http404(_("There is no such lot."))
    zone = (chosen or lots)[0].timezone if lots else "UTC"
    today, operators = at.astimezone(ZoneInfo(zone)).date(), operator_ids_of(user, Role.ADMIN)
    try:
        return Asked(lots, chosen, span_of(query, today), today, zone, operators)
    except ValueError as error:
        return Asked(lots, chosen, Span.of_month(today), today, zone, operators, str(error))


def named(span: Span) -> dict[str, str]:
    """Return the parameters of an address for a span: a year, a month, a day, or its first and last day."""
    first, last = span.first, span.last
    if first == last:
        return {"period": first.isoformat()}
    if span == Span.of_month(first):
        return {"period": f"{first:%Y-%m}"}
    if span == _year(first.year):
        return {"period": f"{first.year:04d}"}
    return {"from": first.isoformat(), "to": last.isoformat()}


def shortcuts(today: date) -> dict[str, Span]:
    """Return the spans that people ask for most, by their words."""
    month = Span.of_month(today)
    monday = today - timedelta(days=today.weekday())
    return {
        _("Today"): Span(today, today),
        _("Yesterday"): Span(today - timedelta(days=1), today - timedelta(days=1)),
        _("This week"): Span(monday, monday + timedelta(days=6)),
        _("This month"): month,
        _("Last month"): Span.of_month(month.first - timedelta(days=1)),
        _("This year"): _year(today.year),
    }


def span_of(query: QueryDict, today: date) -> Span:
    """Return the days of an address; raises ValueError with words for the person."""
    first, last = query.get("from", "").strip(), query.get("to", "").strip()
    if first or last:
        span = Span(_date(first or last), _date(last or first))
        if not 0 < span.length <= LONGEST:
            raise ValueError(_("Choose a last day that is not before the first, and three years at most."))
        return span
    return _of_period(query.get("period", "").strip()) if query.get("period") else Span.of_month(today)


def _of_period(text: str) -> Span:
    if _DAY.fullmatch(text):
        return Span(_date(text), _date(text))
    if _MONTH.fullmatch(text):
        return Span.of_month(_date(f"{text}-01"))
    if _YEAR.fullmatch(text):
        return _year(_date(f"{text}-01-01").year)
    raise ValueError(_("Enter a year, a month or a day, such as 2026, 2026-11 or 2026-11-28."))


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("Enter the days as 2026-11-28.")) from error
    if not _EARLIEST <= day.year < date.max.year:
        raise ValueError(_("Choose days after the year 2000."))
    return day


def _year(year: int) -> Span:
    return Span(date(year, 1, 1), date(year, 12, 31))
