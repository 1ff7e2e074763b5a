"""What needs a person first: one statement finds everything."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from analytics.findings import EVERYTHING
from analytics.remembering import remembered
from analytics.scope import Scope
from analytics.sql import fetch
from common.web.templatetags.look import duration

EACH_AT_MOST = 4
"""How many findings of one kind get a line of their own."""
REMEMBERED_SECONDS = 10

FLAGS = {
    "blocked": ("blocked plate at a gate", "blocked plates at gates", "blocked plate"),
    "closed": ("car came in while closed", "cars came in while closed", "while closed"),
    "no_spot": ("car came in without a spot", "cars came in without a spot", "no spot"),
    "low_confidence": ("plate read unsurely", "plates read unsurely", "plate unsure"),
    "passback": ("plate seen at two entries at once", "plates seen at two entries at once", "seen twice"),
    "missed_exit": ("exit was missed", "exits were missed", "exit missed"),
    "broken_promise": ("booking found its spot occupied", "bookings found their spot occupied", "booked spot occupied"),
    "out_of_order": ("exit came before its entry", "exits came before their entry", "out of order"),
    "plate_mismatch": ("ticket left with another plate", "tickets left with another plate", "another plate"),
    "unanswered": ("car waited with nobody answering", "cars waited with nobody answering", "nobody answered"),
    "no_ticket": ("car at an exit without a stay", "cars at exits without a stay", "no stay"),
    "owed": ("car left without paying", "cars left without paying", "unpaid"),
    "waived": ("fee waived at an exit", "fees waived at exits", "fee waived"),
    "by_hand": ("gate opened by hand", "gates opened by hand", "opened by hand"),
    "unconfirmed": ("passage was never confirmed", "passages were never confirmed", "passage unconfirmed"),
}
"""What a person should look at: of one event, of several, and as the badge of an event."""
_URGENCY = (
    *("no_tariff", "silent", "mail", "review", "message", "tariff_ends"),
    *("skew", "gap", "debt", "flag", "maintenance"),
)
_STOP = {"no_tariff", "silent"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that needs a person, in words.

    `lot` is the slug of the one it is about, empty when it is about several; `flag` is that of a kind of event.
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
    """List what needs a person at the lots shown, the most urgent first; one query."""
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


def _counted(one: str, many: str) -> Callable[[list[_Row], Scope, datetime], Iterator[_Said]]:
    """Say a kind that is only counted in one line for all lots."""

    def say(rows: list[_Row], scope: Scope, _at: datetime) -> Iterator[_Said]:
        total = int(sum(row.amount for row in rows))
        yield _Said(f"{total} {one if total == 1 else many}", _chosen(scope))

    return say


def _each(
    words: Callable[[_Row, Scope, datetime], str],
) -> Callable[[list[_Row], Scope, datetime], Iterator[_Said]]:
    """Say a kind in a line for each finding, and how many more there are."""

    def say(rows: list[_Row], scope: Scope, at: datetime) -> Iterator[_Said]:
        for row in rows[:EACH_AT_MOST]:
            yield _Said(words(row, scope, at), scope.lot(row.lot_id).slug if row.lot_id else "")
        if len(rows) > EACH_AT_MOST:
            yield _Said(f"and {len(rows) - EACH_AT_MOST} more like this", _chosen(scope))

    return say


def flag_counted(flag: str, count: int) -> str:
    """Say how many events have a flag: `1 plate read unsurely`."""
    one, many, _ = FLAGS.get(flag, (flag.replace("_", " "),) * 3)
    return f"{count} {one if count == 1 else many}"


def flag_meaning(flag: str) -> str:
    """Say what a flag means, as the heading of a list."""
    return FLAGS[flag][1].capitalize() if flag in FLAGS else flag.replace("_", " ").capitalize()


def flag_badge(flag: str) -> str:
    """Name a flag in a word or two."""
    return FLAGS[flag][2] if flag in FLAGS else flag.replace("_", " ")


def _flags(rows: list[_Row], scope: Scope, _at: datetime) -> Iterator[_Said]:
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row.subject] += int(row.amount)
    for flag, total in totals.most_common():
        yield _Said(f"{flag_counted(flag, total)} (last 24 h)", _chosen(scope), flag)


def _chosen(scope: Scope) -> str:
    return scope.chosen.slug if scope.chosen else ""


def _lot_name(row: _Row, scope: Scope) -> str:
    return scope.lot(row.lot_id).name if row.lot_id else ""


def _silent(row: _Row, scope: Scope, at: datetime) -> str:
    quiet = duration(at - row.since) if row.since else ""
    return f"{_lot_name(row, scope)}: gate {row.subject} silent for {quiet}"


def _skewed(row: _Row, scope: Scope, _at: datetime) -> str:
    off = duration(abs(int(row.amount)) // 60)
    return f"{_lot_name(row, scope)}: clock of {row.subject} is {off} {'ahead' if row.amount > 0 else 'behind'}"


def _gap(row: _Row, scope: Scope, _at: datetime) -> str:
    return (
        f"{_lot_name(row, scope)}: {row.amount} {'read' if row.amount == 1 else 'reads'} of {row.subject} never arrived"
    )


def _ends(row: _Row, scope: Scope, _at: datetime) -> str:
    when = {0: "today", 1: "tomorrow"}.get(int(row.amount), f"in {row.amount} days")
    return f"Tariff of {_lot_name(row, scope)} ends {when}"


def _mail(row: _Row, _scope: Scope, at: datetime) -> str:
    waited = duration(at - row.since) if row.since else ""
    if row.subject:
        return f"Mail has not gone out for {waited}"
    return f"{row.amount} {'message has' if row.amount == 1 else 'messages have'} been waiting to be sent for {waited}"


def _free_parking(row: _Row, scope: Scope, _at: datetime) -> str:
    return f"{_lot_name(row, scope)} has no tariff today: parking is free"


_SAID: dict[str, Callable[[list[_Row], Scope, datetime], Iterator[_Said]]] = {
    "review": _counted("stay in review", "stays in review"),
    "debt": _counted("open debt", "open debts"),
    "message": _counted("message could not be delivered", "messages could not be delivered"),
    "mail": _each(_mail),
    "maintenance": _counted("spot out of use for over a week", "spots out of use for over a week"),
    "flag": _flags,
    "silent": _each(_silent),
    "skew": _each(_skewed),
    "gap": _each(_gap),
    "tariff_ends": _each(_ends),
    "no_tariff": _each(_free_parking),
}
