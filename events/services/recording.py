"""Events that no row's change makes: found by looking."""

from datetime import datetime

from events.models import Event, EventType


def record_silence(*, operator_id: int, lot: str, gate: str, since: datetime) -> None:
    """Record that a gate, by its code, is silent since an instant; the same silence is recorded once."""
    silence = Event(
        kind=EventType.DEVICE_SILENT,
        subject=f"gate:{gate}",
        operator_id=operator_id,
        lot=lot,
        at=since,
        data={"gate": gate, "lot": lot, "since": since.isoformat()},
    )
    Event.objects.bulk_create([silence], ignore_conflicts=True)
