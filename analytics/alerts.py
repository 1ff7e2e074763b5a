"""Telling admins what needs them: full lots, silent gates, tills that are off, payments and mail that are stuck.

Each is planned by a worker under a key of its occasion, so that another run plans nothing twice.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Min, OuterRef, Subquery, Sum
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Membership, Role, User
from analytics.alert_kinds import (
    DEVICE_SILENT,
    LOT_FULL,
    MAIL_PARKED,
    PAYMENTS_UNRESOLVED,
    SHIFT_SHORT,
    WEBHOOK_DISABLED,
)
from analytics.findings import SILENT_GATES
from analytics.sql import fetch
from billing.models import Payment, PaymentState, Shift, ShiftCount, ShiftState
from common.money import same_figure
from common.translation import moment_said, money_said
from events.models import Webhook, WebhookState
from lots.calendar import zone_of_operator
from lots.models import Lot, SpotCount
from notifications.models import Message
from notifications.services import new_message, queue_messages, stuck

UNANSWERED_AFTER = timedelta(minutes=15)
SHIFTS_OF = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Alert:
    """What the admins of an operator are told; `occasion` makes its key.

    One about a lot is also for admins of that lot alone. In `context` an instant is on the clock by which it is told,
    and an amount a pair with its currency: each admin reads them in their own language.
    """

    kind: str
    operator_id: int
    occasion: str
    context: dict[str, Any]
    lot_id: int | None = None


def alert_admins(*, at: datetime) -> int:
    """Queue what admins are to be told, each once, and return how many alerts there are now."""
    lots = {lot.pk: lot for lot in Lot.objects.in_use().select_related("operator")}
    alerts = [*_full(lots, at), *_silent(lots, at), *_off(lots, at), *_unanswered(lots, at), *_parked(lots, at)]
    alerts += _switched_off(lots)
    admins: dict[int, list[Membership]] = defaultdict(list)
    for member in Membership.objects.filter(role=Role.ADMIN, user__is_active=True).select_related("user"):
        admins[member.operator_id].append(member)
    told = [(alert, admin) for alert in alerts for admin in admins[alert.operator_id] if _is_for(alert, admin)]
    queue_messages([_message(alert, admin.user, at) for alert, admin in told])
    return len(alerts)


def _is_for(alert: Alert, admin: Membership) -> bool:
    return admin.lot_ids is None or alert.lot_id in admin.lot_ids


def _message(alert: Alert, admin: User, at: datetime) -> Message:
    address, language = admin.email, admin.locale or settings.LANGUAGE_CODE
    with override(language):
        context = {name: _said(value) for name, value in alert.context.items()}
    digest = hashlib.sha256(address.encode()).hexdigest()[:16]
    return new_message(
        key=f"{alert.kind}:{alert.occasion}:{digest}"[:120],
        operator_id=alert.operator_id,
        recipient=address,
        template=alert.kind,
        context=context | {"language": language},
        at=at,
    )


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_said(value)
    return money_said(*value) if isinstance(value, tuple) else value


def _full(lots: dict[int, Lot], at: datetime) -> Iterator[Alert]:
    sums = (
        SpotCount.objects.filter(lot__in=lots).order_by().values("lot").annotate(free=Sum("free"), total=Sum("total"))
    )
    for row in sums.filter(free=0, total__gt=0):
        lot = lots[row["lot"]]
        if lot.published and not lot.is_closed:
            day = at.astimezone(ZoneInfo(lot.timezone)).date()
            context = {"lot": lot.name, "since": _when(at, lot.timezone), "link": _page("lot", lot.slug)}
            yield Alert(LOT_FULL, lot.operator_id, f"{lot.slug}:{day:%Y%m%d}", context, lot.pk)


def _silent(lots: dict[int, Lot], at: datetime) -> Iterator[Alert]:
    for row in fetch(SILENT_GATES, {"lots": list(lots), "at": at}):
        lot = lots[row.lot_id]
        context = {
            "lot": lot.name,
            "gate": row.subject,
            "since": _when(row.since, lot.timezone),
            "link": _page("gates"),
        }
        occasion = f"{lot.slug}:{hashlib.sha256(row.subject.encode()).hexdigest()[:8]}:{row.since:%Y%m%d%H%M%S}"
        yield Alert(DEVICE_SILENT, lot.operator_id, occasion, context, lot.pk)


def _off(lots: dict[int, Lot], at: datetime) -> Iterator[Alert]:
    counts = ShiftCount.objects.filter(
        shift=OuterRef("pk"), round=OuterRef("round"), tender="cash", currency=OuterRef("currency")
    )
    off = Subquery(counts.annotate(off=F("counted_amount") - F("expected_amount")).values("off")[:1])
    closed = Shift.objects.filter(state=ShiftState.CLOSED, closed_at__range=(at - SHIFTS_OF, at), lot__in=lots)
    for shift in closed.annotate(off=off).select_related("person", "device"):
        lot, missing = lots[shift.lot_id], -(getattr(shift, "off", None) or 0)
        tolerated = same_figure(lot.operator.till_tolerance, lot.operator.currency, shift.currency)
        if abs(missing) <= tolerated:
            continue
        context = {
            "lot": lot.name,
            "person": str(shift.holder),
            "drawer": shift.drawer,
            "off": (abs(missing), shift.currency),
            "is_short": missing > 0,
            "closed": _when(shift.closed_at or at, lot.timezone),
            "link": _page("shift", shift.pk),
        }
        yield Alert(SHIFT_SHORT, lot.operator_id, f"{shift.pk}:{shift.round}", context, lot.pk)


def _unanswered(lots: dict[int, Lot], at: datetime) -> Iterator[Alert]:
    pending = Payment.objects.filter(state=PaymentState.PENDING, created_at__lt=at - UNANSWERED_AFTER)
    of_provider = pending.exclude(provider="").exclude(page_until__gt=at).filter(charge__lot__in=lots)
    counted = (
        of_provider.order_by()
        .values(operator=F("charge__lot__operator"))
        .annotate(count=Count("pk"), since=Min("created_at"))
    )
    yield from _counted(PAYMENTS_UNRESOLVED, counted, "payments?state=pending", lots, at)


def _parked(lots: dict[int, Lot], at: datetime) -> Iterator[Alert]:
    # A parked alert is no news to alert of.
    parked = stuck(Message.objects.filter(operator__isnull=False)).exclude(template=MAIL_PARKED)
    counted = parked.order_by().values("operator").annotate(count=Count("pk"), since=Min("created_at"))
    yield from _counted(MAIL_PARKED, counted, "messages?state=parked", lots, at)


def _switched_off(lots: dict[int, Lot]) -> Iterator[Alert]:
    zones = _zones(lots)
    for webhook in Webhook.objects.filter(state=WebhookState.DISABLED, disabled_at__isnull=False):
        since = webhook.disabled_at or webhook.created_at
        zone = zones.get(webhook.operator_id, "UTC")
        context = {"name": webhook.name, "since": _when(since, zone), "link": _page("webhook", webhook.pk)}
        yield Alert(WEBHOOK_DISABLED, webhook.operator_id, f"{webhook.pk}:{since:%Y%m%d%H%M%S}", context)


def _counted(kind: str, rows: Any, page: str, lots: dict[int, Lot], at: datetime) -> Iterator[Alert]:
    """Yield an alert a day for what is only counted, on the clock of the operator's first lot."""
    name, asked, state = page.partition("?")
    zones = _zones(lots)
    for row in rows:
        zone = zones.get(row["operator"], "UTC")
        day = at.astimezone(ZoneInfo(zone)).date()
        context = {"count": row["count"], "since": _when(row["since"], zone), "link": _page(name) + asked + state}
        yield Alert(kind, row["operator"], f"{row['operator']}:{day:%Y%m%d}", context)


def _zones(lots: dict[int, Lot]) -> dict[int, str]:
    """Return the zone of each operator's clock."""
    return {lot.operator_id: zone_of_operator(lot.operator, [lot]) for lot in reversed(lots.values())}


def _when(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def _page(name: str, *arguments: object) -> str:
    return f"{settings.PUBLIC_URL}{reverse(f'office:{name}', args=arguments)}"
