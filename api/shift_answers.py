"""How tills look to programs. What is expected in one is told only after its count, which is blind."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from billing.models import CashMovement, Shift
from billing.shifts import needs_note, sums_of_till, with_difference
from lots.calendar import zone_of


def with_shift_parts(shifts: QuerySet[Shift]) -> QuerySet[Shift]:
    """Load what `listed_shift_json` needs with the shifts: one statement, however many they are."""
    taken = Count("payments", filter=Q(payments__captured_amount__gt=0))
    return (
        with_difference(shifts).annotate(sales=taken).select_related("lot__operator", "person", "device", "closed_by")
    )


def listed_shift_json(shift: Any) -> dict[str, Any]:
    """Return a shift, loaded by `with_shift_parts`, as a list shows it."""
    zone = zone_of(shift.lot)
    return {
        "id": shift.pk,
        "lot": shift.lot.slug,
        "drawer": shift.drawer,
        "person": shift.person.email if shift.person else None,
        "device": shift.device.name if shift.device else None,
        "state": shift.state,
        "currency": shift.currency,
        "float_amount": shift.float_amount,
        "sales": shift.sales,
        "difference": shift.off if shift.is_counted else None,
        "opened_at": shift.opened_at.astimezone(zone),
        "counting_at": _local(shift.counting_at, zone),
        "counted_at": _local(shift.counted_at, zone),
        "closed_at": _local(shift.closed_at, zone),
        "closed_by": shift.closed_by.email if shift.closed_by else None,
        "note": shift.note,
    }


def shift_json(shift: Any) -> dict[str, Any]:
    """Return a shift, loaded by `with_shift_parts`, with its movements and, once it was counted, what was expected."""
    movements = shift.movements.select_related("moved_by")
    counts = list(shift.counts.filter(round=shift.round)) if shift.is_counted else []
    sums = sums_of_till(shift) if shift.is_counted else []
    names = ("kind", "tender", "currency", "amount", "entries")
    return listed_shift_json(shift) | {
        "movements": [movement_json(one, shift) for one in movements],
        "counts": [
            {
                "tender": one.tender,
                "currency": one.currency,
                "counted": one.counted_amount,
                "expected": one.expected_amount,
                "difference": one.difference,
            }
            for one in counts
        ],
        "sums": [{name: getattr(one, name) for name in names} for one in sums],
        "needs_note": needs_note(counts, shift.lot.operator),
    }


def movement_json(movement: CashMovement, shift: Shift) -> dict[str, Any]:
    """Return cash that moved without a sale."""
    return {
        "id": movement.pk,
        "kind": movement.kind,
        "amount": movement.amount,
        "currency": shift.currency,
        "reason": movement.reason,
        "moved_by": movement.moved_by.email if movement.moved_by else None,
        "created_at": movement.created_at.astimezone(zone_of(shift.lot)),
    }


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at else None
