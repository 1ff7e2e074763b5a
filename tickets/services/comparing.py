"""Comparisons of drafts with the tariff in force, on the stays of the last month."""

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import TariffDraft
from billing.pricing import parse_rules
from billing.tariffs import tariff_on
from common.errors import ConflictError
from common.time import midnight_of
from lots.calendar import local_day, zone_of
from lots.models import Lot
from lots.services import lock_lot
from tickets.models import TariffComparison, Ticket, TicketQuerySet, TicketStatus
from tickets.repricing import Repricing

AT_A_TIME = 1000
DAYS = 30
LEFT_ALONE = dt.timedelta(seconds=10)
"""How long after its last step another worker goes on with a comparison: the one that did has died."""


class NothingToCompareError(ConflictError):
    """The lot has no tariff in force, or no stays to compare on."""

    code = "nothing_to_compare"


@transaction.atomic
def compare_draft(*, draft: TariffDraft, at: dt.datetime, by: User | None = None) -> TariffComparison:
    """Ask for a comparison of a draft, or return the one that a worker has not finished. Raises NothingToCompareError.

    It is about the stays that left on the last 30 days of the lot before today.
    """
    lot = draft.lot
    lock_lot(lot.pk)
    running = draft.comparisons.filter(finished_at=None).first()
    if running is not None and running.new_rules == draft.rules:
        return running
    if running is not None:
        running.delete()
    today = local_day(lot, at)
    tariff = tariff_on(lot, today)
    if tariff is None:
        raise NothingToCompareError(_("%(lot)s has no tariff in force to compare with.") % {"lot": lot.name})
    first, last = today - dt.timedelta(days=DAYS), today - dt.timedelta(days=1)
    total = _stays(lot, first, last).count()
    if not total:
        text = _("No car has left %(lot)s in the last %(days)s days, so there is nothing to compare on.")
        raise NothingToCompareError(text % {"lot": lot.name, "days": DAYS})
    return TariffComparison.objects.create(
        lot=lot,
        draft=draft,
        tariff_name=tariff.name,
        old_rules=tariff.rules,
        new_rules=draft.rules,
        first_day=first,
        last_day=last,
        total=total,
        asked_at=at,
        asked_by=by,
    )


def comparisons_to_do(at: dt.datetime) -> list[int]:
    """Return the keys of the comparisons that no worker is at, in the order in which they were asked for."""
    alone = Q(moved_at=None) | Q(moved_at__lte=at - LEFT_ALONE)
    found = TariffComparison.objects.filter(alone, finished_at=None).order_by("asked_at")
    return list(found.values_list("pk", flat=True))


@transaction.atomic
def advance_comparison(*, pk: int, at: dt.datetime) -> bool:
    """Price the next stays of a comparison; return whether there are more. Each step is done once, or not at all.

    Of two workers one goes away.
    """
    found = TariffComparison.objects.select_for_update(of=("self",), skip_locked=True).select_related("lot")
    comparison = found.filter(pk=pk, finished_at=None).first()
    if comparison is None:
        return False
    repricing = Repricing(parse_rules(comparison.old_rules), parse_rules(comparison.new_rules), comparison.lengths)
    stays = list(_next_stays(comparison))
    for stay in stays:
        stay.lot = comparison.lot
        repricing.add(stay)
    for name, value in repricing.sums(comparison).items():
        setattr(comparison, name, value)
    comparison.lengths = repricing.lengths
    comparison.moved_at = at
    if stays:
        comparison.reached_at, comparison.reached_id = stays[-1].exit_at, stays[-1].pk
        comparison.done = min(comparison.total, comparison.done + len(stays))
    if len(stays) < AT_A_TIME:
        comparison.finished_at, comparison.done = at, comparison.total
    comparison.save()
    return comparison.finished_at is None


def _next_stays(comparison: TariffComparison) -> Iterator[Ticket]:
    stays = _stays(comparison.lot, comparison.first_day, comparison.last_day)
    if comparison.reached_at is not None:
        same = Q(exit_at=comparison.reached_at, pk__lte=comparison.reached_id)
        stays = stays.filter(exit_at__gte=comparison.reached_at).exclude(same)
    found = stays.select_related("charge", "reservation").order_by("exit_at", "pk")[:AT_A_TIME]
    return found.iterator()


def _stays(lot: Lot, first: dt.date, last: dt.date) -> TicketQuerySet:
    zone = zone_of(lot)
    start, end = (midnight_of(day, zone) for day in (first, last + dt.timedelta(days=1)))
    return Ticket.objects.filter(lot=lot, status=TicketStatus.CLOSED, exit_at__gte=start, exit_at__lt=end)
