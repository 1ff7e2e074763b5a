"""Cars with blocked plates that tried to come in: how often, when last, and where."""

from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import BlockedPlate
from gates.decision import Reason
from gates.models import GateEvent


def with_attempts(blocks: QuerySet[BlockedPlate]) -> QuerySet[Any]:
    """Add to blocks how many `attempts` they have turned away, and the `last_attempt_at`."""
    tried = _turned_away().filter(
        lot__operator=OuterRef("operator"),
        plate_normalised=OuterRef("plate_normalised"),
        at__gte=OuterRef("blocked_at"),
        at__lte=Coalesce(OuterRef("lifted_at"), F("at")),
    )
    counted = tried.order_by().values("plate_normalised").annotate(times=Count("pk")).values("times")
    latest = tried.order_by("-at").values("at")[:1]
    return blocks.annotate(
        attempts=Coalesce(Subquery(counted, output_field=IntegerField()), 0), last_attempt_at=Subquery(latest)
    )


def attempts_of(block: BlockedPlate) -> QuerySet[GateEvent]:
    """Return the events at which a block has turned its plate away, the latest first."""
    tried = _turned_away().filter(
        lot__operator=block.operator_id, plate_normalised=block.plate_normalised, at__gte=block.blocked_at
    )
    if block.lifted_at is not None:
        tried = tried.filter(at__lte=block.lifted_at)
    return tried.select_related("gate", "lot").order_by("-at", "-pk")


def _turned_away() -> QuerySet[GateEvent]:
    """Return the first reads of blocked plates; a car that is read again while it stands there has tried once."""
    return GateEvent.objects.filter(reason=Reason.BLOCKED, first=None)
