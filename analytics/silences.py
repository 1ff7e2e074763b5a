"""Gates that are silent, as events for the programs of others."""

from datetime import datetime

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, NullIf

from analytics.findings import SILENT_GATES
from analytics.sql import fetch
from events.services import record_silence
from lots.models import Gate, Lot


def record_silences(*, at: datetime) -> int:
    """Record the gates that are silent now, each silence once, and return how many there are."""
    lots = {lot.pk: lot for lot in Lot.objects.in_use()}
    found = fetch(SILENT_GATES, {"lots": list(lots), "at": at})
    for row in found:
        lot = lots[row.lot_id]
        named = Gate.objects.annotate(shown=Coalesce(NullIf("name", Value("")), "code", output_field=CharField()))
        for code in named.filter(lot=lot, shown=row.subject).values_list("code", flat=True):
            record_silence(operator_id=lot.operator_id, lot=lot.slug, gate=code, since=row.since)
    return len(found)
