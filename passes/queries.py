"""Reads of passes."""

from datetime import datetime

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lots.models import Lot
from passes.models import Pass, PassOffer, PassPlate, PassQuerySet, PassUse


def offers_online(lots: QuerySet[Lot]) -> QuerySet[PassOffer]:
    """Return the passes that anybody can buy for any of these lots, the cheapest first."""
    sold = PassOffer.objects.filter(online=True, archived_at=None, lots__in=lots)
    return sold.select_related("operator").prefetch_related("lots").distinct().order_by("price_amount", "name")


def with_use(passes: PassQuerySet) -> PassQuerySet:
    """Add `cars_inside` and `times_used` to passes."""
    inside = Count("uses", filter=Q(uses__left_at=None), distinct=True)
    return passes.annotate(
        cars_inside=inside, times_used=Count("uses", filter=Q(uses__given_back=False), distinct=True)
    )


def with_typed_plates(uses: QuerySet[PassUse]) -> QuerySet[PassUse]:
    """Add to uses their lots, and their plate as `typed` on the pass, the last time it was put there."""
    same = PassPlate.objects.filter(held_pass=OuterRef("held_pass"), plate_normalised=OuterRef("plate_normalised"))
    typed = Subquery(same.order_by("-pk").values("plate")[:1])
    return uses.select_related("lot").annotate(typed=Coalesce(typed, F("plate_normalised")))


def uses_since(held: Pass, since: datetime) -> QuerySet[PassUse]:
    """Return the stays on a pass from some time on, the newest first."""
    return with_typed_plates(held.uses.filter(entered_at__gte=since)).order_by("-entered_at", "-pk")


def entries_for(held: Pass, ticket_id: int) -> int | None:
    """Return how many local days of a stay a pass covers that needs an entry for each; None where it needs none.

    Those that the stay has used, and while it lasts those that are left, too.
    """
    if not held.per_day or held.entries_left is None:
        return None
    use = PassUse.objects.filter(ticket=ticket_id).first()
    if use is None:
        return held.entries_left
    return use.entries + (held.entries_left if use.left_at is None else 0)
