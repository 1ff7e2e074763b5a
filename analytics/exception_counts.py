"""What at the lanes a person should look at: events with a flag, or of a device whose clock was off, by kind."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Func, Q, QuerySet
from django.utils.translation import gettext as _

from analytics.flags import FLAGS, flag_meaning
from analytics.local_days import on_days
from analytics.scope import Scope
from gates.models import GateEvent

CLOCK_OFF = "skew"
"""The kind of an event whose device's clock was off; all other kinds are flags."""
_OF_ANY = ~Q(flags=[]) | Q(skew_seconds__isnull=False)


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many of the exceptions are of one kind."""

    kind: str
    label: str
    count: int


def exceptions_at(scope: Scope, since: date | None, until: date | None) -> QuerySet[GateEvent]:
    """Return the exceptions of all kinds on these days of each lot."""
    return GateEvent.objects.filter(_OF_ANY, on_days(scope, "at", since, until))


def kind_meaning(kind: str) -> str:
    """Return what a kind of exception means."""
    return str(_("Clocks were off")) if kind == CLOCK_OFF else flag_meaning(kind)


def of_kind(events: QuerySet[GateEvent], kind: str) -> QuerySet[GateEvent]:
    """Keep the exceptions of a kind; of every kind when it is empty."""
    if not kind:
        return events
    return events.filter(skew_seconds__isnull=False) if kind == CLOCK_OFF else events.filter(flags__contains=[kind])


def counts_by_kind(events: QuerySet[GateEvent]) -> list[KindCount]:
    """Count the events by kind, the most frequent first; two queries."""
    flag = Func(F("flags"), function="jsonb_array_elements_text", set_returning=True)
    flagged = events.order_by().select_related(None).values(flag=flag).annotate(count=Count("pk", distinct=True))
    counted = {row["flag"]: row["count"] for row in flagged if row["flag"] in FLAGS}
    counted[CLOCK_OFF] = of_kind(events, CLOCK_OFF).count()
    rows = [KindCount(kind, kind_meaning(kind), count) for kind, count in counted.items() if count]
    return sorted(rows, key=lambda row: (-row.count, row.label))
