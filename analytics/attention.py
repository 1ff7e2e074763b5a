"""What needs attention, found by one statement."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from analytics.findings import EVERYTHING
from analytics.flags import flag_counted
from analytics.long_stays import long_before
from analytics.remembering import remembered
from analytics.scope import Scope
from analytics.sql import fetch
from common.web.templatetags.look import duration

EACH_AT_MOST = 4
"""How many findings of one kind get their own line."""
REMEMBERED_SECONDS = 10


_URGENCY = (
    *(
        "no_tariff",
        "no_place",
        "held",
        "silent",
        "mail",
        "not_parked",
        "objection",
        "review",
        "long",
        "shift",
        "message",
        "tariff_ends",
    ),
    *("skew", "gap", "debt", "flag", "maintenance"),
)
_STOP = {"no_tariff", "no_place", "held", "silent"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that needs attention, in words.

    `lot` is the slug of its lot, empty when there are several; `flag` is the flag of a kind of event.
    """

    kind: str
    text: str
    tone: str
    lot: str = ""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    lot_id: int | None
    subject: str
    amount: int
    since: datetime | None


@remembered(seconds=REMEMBERED_SECONDS)
def attention_of(scope: Scope, at: datetime) -> list[Finding]:
    """Return what needs attention at the lots in the scope, the most urgent first.

    One query; a second one every few minutes, for what is usual at the lots.
    """
    operators = sorted({lot.operator_id for lot in scope.shown} & scope.operators)
    asked = {"lots": scope.ids, "since": long_before(scope.ids, at), "operators": operators, "at": at}
    rows = [_Row(*row) for row in fetch(EVERYTHING, asked)]
    rows.sort(key=lambda row: (_URGENCY.index(row.kind), -row.amount, row.subject, row.lot_id or 0))
    return [
        Finding(kind, said.text, "stop" if kind in _STOP else "warn", said.lot, said.flag)
        for kind, of_kind in groupby(rows, key=lambda row: row.kind)
        for said in _SAID[kind](list(of_kind), scope, at)
    ]


class _Said(NamedTuple):
    text: str
    lot: str
    flag: str = ""


def _counted(words: Any) -> Callable[[list[_Row], Scope, datetime], Iterator[_Said]]:
    """Make one line for a kind that is only counted; `words` are a lazy plural."""

    def say(rows: list[_Row], scope: Scope, _at: datetime) -> Iterator[_Said]:
        total = int(sum(row.amount for row in rows))
        yield _Said(words % total, _chosen(scope))

    return say


def _each(
    words: Callable[[_Row, Scope, datetime], str],
) -> Callable[[list[_Row], Scope, datetime], Iterator[_Said]]:
    """Make a line for each finding of a kind, and one for how many more there are."""

    def say(rows: list[_Row], scope: Scope, at: datetime) -> Iterator[_Said]:
        for row in rows[:EACH_AT_MOST]:
            yield _Said(words(row, scope, at), scope.lot(row.lot_id).slug if row.lot_id else "")
        if len(rows) > EACH_AT_MOST:
            yield _Said(_("and %(more)s more like this") % {"more": len(rows) - EACH_AT_MOST}, _chosen(scope))

    return say


def _flags(rows: list[_Row], scope: Scope, _at: datetime) -> Iterator[_Said]:
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row.subject] += int(row.amount)
    for flag, total in totals.most_common():
        said = _("%(count)s (last 24 h)") % {"count": flag_counted(flag, total)}
        yield _Said(said, _chosen(scope), flag)


def _chosen(scope: Scope) -> str:
    return scope.chosen.slug if scope.chosen else ""


def _lot_name(row: _Row, scope: Scope) -> str:
    return scope.lot(row.lot_id).name if row.lot_id else ""


def _silent(row: _Row, scope: Scope, at: datetime) -> str:
    quiet = duration(at - row.since) if row.since else ""
    values = {"lot": _lot_name(row, scope), "gate": row.subject, "time": quiet}
    return _("%(lot)s: gate %(gate)s silent for %(time)s") % values


def _held(row: _Row, scope: Scope, at: datetime) -> str:
    values = {"lot": _lot_name(row, scope), "gate": row.subject, "time": duration(at - row.since) if row.since else ""}
    return _("%(lot)s: gate %(gate)s held open for %(time)s") % values


def _skewed(row: _Row, scope: Scope, _at: datetime) -> str:
    off = duration(abs(int(row.amount)) // 60)
    values = {"lot": _lot_name(row, scope), "device": row.subject, "time": off}
    if row.amount > 0:
        return _("%(lot)s: clock of %(device)s is %(time)s ahead") % values
    return _("%(lot)s: clock of %(device)s is %(time)s behind") % values


def _gap(row: _Row, scope: Scope, _at: datetime) -> str:
    said = ngettext(
        "%(lot)s: %(reads)s read of %(device)s never arrived",
        "%(lot)s: %(reads)s reads of %(device)s never arrived",
        row.amount,
    )
    return said % {"lot": _lot_name(row, scope), "reads": row.amount, "device": row.subject}


def _ends(row: _Row, scope: Scope, _at: datetime) -> str:
    values = {"lot": _lot_name(row, scope), "days": row.amount}
    if not row.amount:
        return _("Tariff of %(lot)s ends today") % values
    if row.amount == 1:
        return _("Tariff of %(lot)s ends tomorrow") % values
    return _("Tariff of %(lot)s ends in %(days)s days") % values


def _mail(row: _Row, _scope: Scope, at: datetime) -> str:
    waited = duration(at - row.since) if row.since else ""
    if row.subject:
        return _("Mail has not gone out for %(time)s") % {"time": waited}
    said = ngettext(
        "%(messages)s message has been waiting to be sent for %(time)s",
        "%(messages)s messages have been waiting to be sent for %(time)s",
        row.amount,
    )
    return said % {"messages": row.amount, "time": waited}


def _forgotten(row: _Row, scope: Scope, at: datetime) -> str:
    values = {
        "lot": _lot_name(row, scope),
        "person": row.subject,
        "time": duration(at - row.since) if row.since else "",
    }
    return _("%(lot)s: shift of %(person)s open for %(time)s") % values


def _free_parking(row: _Row, scope: Scope, _at: datetime) -> str:
    return _("%(lot)s has no tariff today: parking is free") % {"lot": _lot_name(row, scope)}


_SAID: dict[str, Callable[[list[_Row], Scope, datetime], Iterator[_Said]]] = {
    "review": _counted(ngettext_lazy("%d stay in review", "%d stays in review")),
    "long": _counted(ngettext_lazy("%d stay is unusually long", "%d stays are unusually long")),
    "objection": _counted(
        ngettext_lazy(
            "%d driver says that an automatic payment was not theirs",
            "%d drivers say that automatic payments were not theirs",
        )
    ),
    "no_place": _counted(ngettext_lazy("%d booking has no place", "%d bookings have no place")),
    "not_parked": _counted(
        ngettext_lazy("%d driver says that there was no place", "%d drivers say that there was no place")
    ),
    "debt": _counted(ngettext_lazy("%d open debt", "%d open debts")),
    "message": _counted(ngettext_lazy("%d message could not be delivered", "%d messages could not be delivered")),
    "mail": _each(_mail),
    "maintenance": _counted(ngettext_lazy("%d spot out of use for over a week", "%d spots out of use for over a week")),
    "flag": _flags,
    "silent": _each(_silent),
    "held": _each(_held),
    "skew": _each(_skewed),
    "gap": _each(_gap),
    "tariff_ends": _each(_ends),
    "no_tariff": _each(_free_parking),
    "shift": _each(_forgotten),
}
