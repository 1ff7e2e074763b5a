"""What needs a person first: one statement finds everything, and each finding says where it is settled."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from common.templatetags.look import duration
from parking.dashboard.findings import EVERYTHING
from parking.dashboard.remembering import remembered
from parking.dashboard.rows import fetch
from parking.dashboard.scope import Scope

EACH_AT_MOST = 4
"""How many findings of one kind get a line of their own."""
REMEMBERED_SECONDS = 10

FLAGS = {
    "blocked": "blocked plates at the gates",
    "closed": "cars came in while closed",
    "no_spot": "cars came in without a spot",
    "low_confidence": "plates read with doubt",
    "passback": "plates seen at two entries at once",
    "missed_exit": "exits were missed",
    "broken_promise": "bookings found their spot taken",
    "out_of_order": "exits came before their entry",
    "plate_mismatch": "tickets left with another plate",
    "unanswered": "cars waited with nobody answering",
    "no_ticket": "cars at exits without a stay",
    "owed": "exits with money owed",
    "waived": "fees waived at the exit",
    "by_hand": "gates opened by hand",
    "unconfirmed": "passages were never confirmed",
}
_URGENCY = ("no_tariff", "silent", "review", "message", "tariff_ends", "skew", "gap", "debt", "flag", "maintenance")
_STOP = {"no_tariff", "silent"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that needs a person: in words, with the page where it is settled."""

    kind: str
    text: str
    href: str
    tone: str


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
        Finding(kind, text, href, "stop" if kind in _STOP else "warn")
        for kind, of_kind in groupby(rows, key=lambda row: row.kind)
        for text, href in _SAID[kind](list(of_kind), scope, at)
    ]


Said = Iterator[tuple[str, str]]


def _counted(one: str, many: str, path: str) -> Callable[[list[_Row], Scope, datetime], Said]:
    """Say a kind that is only counted in one line for all lots."""

    def say(rows: list[_Row], scope: Scope, _at: datetime) -> Said:
        total = int(sum(row.amount for row in rows))
        yield f"{total} {one if total == 1 else many}", _narrowed(path, scope)

    return say


def _each(words: Callable[[_Row, Scope, datetime], str], path: str) -> Callable[[list[_Row], Scope, datetime], Said]:
    """Say a kind in a line for each finding, and how many more there are."""

    def say(rows: list[_Row], scope: Scope, at: datetime) -> Said:
        for row in rows[:EACH_AT_MOST]:
            slug = scope.lot(row.lot_id).slug if row.lot_id else ""
            yield words(row, scope, at), path.format(slug=slug, subject=row.subject)
        if len(rows) > EACH_AT_MOST:
            yield (
                f"and {len(rows) - EACH_AT_MOST} more like this",
                path.partition("?")[0],
            )

    return say


def _flags(rows: list[_Row], scope: Scope, _at: datetime) -> Said:
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row.subject] += int(row.amount)
    for flag, total in totals.most_common():
        words = FLAGS.get(flag, flag.replace("_", " "))
        yield f"{words}: {total} in 24 hours".capitalize(), _narrowed(f"/manage/events/?flag={flag}", scope)


def _narrowed(path: str, scope: Scope) -> str:
    if scope.chosen is None:
        return path
    return f"{path}{'&' if '?' in path else '?'}lot={scope.chosen.slug}"


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


def _free_parking(row: _Row, scope: Scope, _at: datetime) -> str:
    return f"{_lot_name(row, scope)} has no tariff today: parking is free"


_SAID: dict[str, Callable[[list[_Row], Scope, datetime], Said]] = {
    "review": _counted("stay in review", "stays in review", "/manage/reviews/"),
    "debt": _counted("open debt", "open debts", "/manage/debts/"),
    "message": _counted("message could not be delivered", "messages could not be delivered", "/manage/messages/"),
    "maintenance": _counted("spot out of use for over a week", "spots out of use for over a week", "/manage/lots/"),
    "flag": _flags,
    "silent": _each(_silent, "/manage/gates/"),
    "skew": _each(_skewed, "/manage/gates/"),
    "gap": _each(_gap, "/manage/gates/"),
    "tariff_ends": _each(_ends, "/manage/tariffs/?lot={slug}"),
    "no_tariff": _each(_free_parking, "/manage/tariffs/?lot={slug}"),
}
