"""What at the lanes a person should look at: events with a flag, or of a device whose clock was off, by kind."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, Func, JSONField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from analytics.flags import FLAGS, flag_meaning
from analytics.local_days import on_days
from analytics.scope import Scope
from gates.models import GateEvent

CLOCK_OFF = "skew"
"""The kind of an event whose device's clock was off; all other kinds are flags."""
_ALL = "*"
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


def is_of_kind(kind: str) -> Q:
    """Match the exceptions of a kind; of every kind when it is empty."""
    if not kind:
        return Q()
    return Q(skew_seconds__isnull=False) if kind == CLOCK_OFF else Q(flags__contains=[kind])


def counts_by_kind(events: QuerySet[GateEvent]) -> list[KindCount]:
    """Count the events by kind, the most frequent first; one query."""
    return counted_by_kind(events)[0]


def counted_by_kind(events: QuerySet[GateEvent]) -> tuple[list[KindCount], int]:
    """Count the events by kind, the most frequent first, and all of them; one query."""
    clock = Case(When(skew_seconds__isnull=False, then=_json(CLOCK_OFF, _ALL)), default=_json(_ALL))
    kinds = Func(F("flags"), clock, function="jsonb_array_elements_text", arg_joiner=" || ", set_returning=True)
    rows = events.order_by().select_related(None).values(flag=kinds).annotate(count=Count("pk", distinct=True))
    counted = dict(rows.values_list("flag", "count"))
    found = [KindCount(kind, kind_meaning(kind), counted[kind]) for kind in (*FLAGS, CLOCK_OFF) if counted.get(kind)]
    return sorted(found, key=lambda row: (-row.count, row.label)), counted.get(_ALL, 0)


def _json(*kinds: str) -> Value:
    return Value(list(kinds), JSONField())
