"""What needs attention, found by one statement."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from analytics.findings import EVERYTHING
from analytics.remembering import remembered
from analytics.scope import Scope
from analytics.sql import fetch
from common.web.templatetags.look import duration

EACH_AT_MOST = 4
"""How many findings of one kind get their own line."""
REMEMBERED_SECONDS = 10


class Flag(NamedTuple):
    """An event's flag in words: how many events have it (a lazy plural), the heading of their list, and a badge."""

    counted: Any
    heading: Any
    badge: Any


FLAGS = {
    "blocked": Flag(
        ngettext_lazy("%d blocked plate at a gate", "%d blocked plates at gates"),
        gettext_lazy("Blocked plates at gates"),
        gettext_lazy("blocked plate"),
    ),
    "closed": Flag(
        ngettext_lazy("%d car came in while closed", "%d cars came in while closed"),
        gettext_lazy("Cars came in while closed"),
        gettext_lazy("while closed"),
    ),
    "no_spot": Flag(
        ngettext_lazy("%d car came in without a spot", "%d cars came in without a spot"),
        gettext_lazy("Cars came in without a spot"),
        gettext_lazy("no spot"),
    ),
    "low_confidence": Flag(
        ngettext_lazy("%d plate read unsurely", "%d plates read unsurely"),
        gettext_lazy("Plates read unsurely"),
        gettext_lazy("plate unsure"),
    ),
    "passback": Flag(
        ngettext_lazy("%d plate seen at two entries at once", "%d plates seen at two entries at once"),
        gettext_lazy("Plates seen at two entries at once"),
        gettext_lazy("seen twice"),
    ),
    "missed_exit": Flag(
        ngettext_lazy("%d exit was missed", "%d exits were missed"),
        gettext_lazy("Exits were missed"),
        gettext_lazy("exit missed"),
    ),
    "broken_promise": Flag(
        ngettext_lazy("%d booking found its spot occupied", "%d bookings found their spot occupied"),
        gettext_lazy("Bookings found their spot occupied"),
        gettext_lazy("booked spot occupied"),
    ),
    "out_of_order": Flag(
        ngettext_lazy("%d exit came before its entry", "%d exits came before their entry"),
        gettext_lazy("Exits came before their entry"),
        gettext_lazy("out of order"),
    ),
    "plate_mismatch": Flag(
        ngettext_lazy("%d ticket left with another plate", "%d tickets left with another plate"),
        gettext_lazy("Tickets left with another plate"),
        gettext_lazy("another plate"),
    ),
    "region_mismatch": Flag(
        ngettext_lazy("%d plate seen with another region", "%d plates seen with another region"),
        gettext_lazy("Plates seen with another region"),
        gettext_lazy("another region"),
    ),
    "unanswered": Flag(
        ngettext_lazy("%d car waited with nobody answering", "%d cars waited with nobody answering"),
        gettext_lazy("Cars waited with nobody answering"),
        gettext_lazy("nobody answered"),
    ),
    "no_ticket": Flag(
        ngettext_lazy("%d car at an exit without a stay", "%d cars at exits without a stay"),
        gettext_lazy("Cars at exits without a stay"),
        gettext_lazy("no stay"),
    ),
    "owed": Flag(
        ngettext_lazy("%d car left without paying", "%d cars left without paying"),
        gettext_lazy("Cars left without paying"),
        gettext_lazy("unpaid"),
    ),
    "waived": Flag(
        ngettext_lazy("%d fee waived at an exit", "%d fees waived at exits"),
        gettext_lazy("Fees waived at exits"),
        gettext_lazy("fee waived"),
    ),
    "by_hand": Flag(
        ngettext_lazy("%d gate opened by hand", "%d gates opened by hand"),
        gettext_lazy("Gates opened by hand"),
        gettext_lazy("opened by hand"),
    ),
    "repeated": Flag(
        ngettext_lazy("%d lane opened again for a car", "%d lanes opened again for a car"),
        gettext_lazy("Lanes opened again for a car"),
        gettext_lazy("opened again"),
    ),
    "reentered": Flag(
        ngettext_lazy("%d car left after coming back at once", "%d cars left after coming back at once"),
        gettext_lazy("Cars left after coming back at once"),
        gettext_lazy("came back at once"),
    ),
    "clock": Flag(
        ngettext_lazy("%d record had a clock ahead of ours", "%d records had a clock ahead of ours"),
        gettext_lazy("Records had a clock ahead of ours"),
        gettext_lazy("clock ahead"),
    ),
    "old_record": Flag(
        ngettext_lazy("%d stay began with an old record", "%d stays began with an old record"),
        gettext_lazy("Stays began with an old record"),
        gettext_lazy("old record"),
    ),
    "promised_twice": Flag(
        ngettext_lazy("%d ticket asked for a second exit", "%d tickets asked for a second exit"),
        gettext_lazy("Tickets asked for a second exit"),
        gettext_lazy("second exit"),
    ),
    "undone": Flag(
        ngettext_lazy("%d exit was undone at the desk", "%d exits were undone at the desk"),
        gettext_lazy("Exits were undone at the desk"),
        gettext_lazy("exit undone"),
    ),
    "unconfirmed": Flag(
        ngettext_lazy("%d passage was never confirmed", "%d passages were never confirmed"),
        gettext_lazy("Passages were never confirmed"),
        gettext_lazy("passage unconfirmed"),
    ),
}
"""The flags that a person should look at."""
_URGENCY = (
    *("no_tariff", "silent", "mail", "review", "message", "tariff_ends"),
    *("skew", "gap", "debt", "flag", "maintenance"),
)
_STOP = {"no_tariff", "silent"}


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
    """Return what needs attention at the lots in the scope, the most urgent first; one query."""
    operators = sorted({lot.operator_id for lot in scope.shown})
    rows = [_Row(*row) for row in fetch(EVERYTHING, {"lots": scope.ids, "operators": operators, "at": at})]
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


def flag_counted(flag: str, count: int) -> str:
    """Return how many events have a flag, in words: `1 plate read unsurely`."""
    return FLAGS[flag].counted % count if flag in FLAGS else f"{count} {flag.replace('_', ' ')}"


def flag_meaning(flag: str) -> str:
    """Return what a flag means, as the heading of a list."""
    return str(FLAGS[flag].heading) if flag in FLAGS else flag.replace("_", " ").capitalize()


def flag_badge(flag: str) -> str:
    """Return the short name of a flag."""
    return str(FLAGS[flag].badge) if flag in FLAGS else flag.replace("_", " ")


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


def _free_parking(row: _Row, scope: Scope, _at: datetime) -> str:
    return _("%(lot)s has no tariff today: parking is free") % {"lot": _lot_name(row, scope)}


_SAID: dict[str, Callable[[list[_Row], Scope, datetime], Iterator[_Said]]] = {
    "review": _counted(ngettext_lazy("%d stay in review", "%d stays in review")),
    "debt": _counted(ngettext_lazy("%d open debt", "%d open debts")),
    "message": _counted(ngettext_lazy("%d message could not be delivered", "%d messages could not be delivered")),
    "mail": _each(_mail),
    "maintenance": _counted(ngettext_lazy("%d spot out of use for over a week", "%d spots out of use for over a week")),
    "flag": _flags,
    "silent": _each(_silent),
    "skew": _each(_skewed),
    "gap": _each(_gap),
    "tariff_ends": _each(_ends),
    "no_tariff": _each(_free_parking),
}
