"""Reads of passes."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from lots.models import Lot
from passes.models import Pass, PassOffer, PassQuerySet, PassUse


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


def uses_since(held: Pass, since: datetime) -> QuerySet[PassUse]:
    """Return the stays on a pass from some time on, the newest first."""
    return held.uses.filter(entered_at__gte=since).select_related("lot").order_by("-entered_at", "-pk")


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
