"""Measures comparing a draft with the tariff in force on a month of stays.

Run as `python -m bench.comparing [--stays N]`; prints one JSON line. The ceiling is pricing stays of the same lengths
by both tariffs with nothing else; `ratio` is its time divided by the comparison's. `mib_grown` is by how much the
process grew from the end of the first step to the end of the last.
"""

import argparse
import json
import resource
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.box import machine, running_servers
from bench.pricing import TARIFF, ZONE

DEARER = TARIFF | {"minimum_charge": 300}
AT = datetime(2026, 3, 31, 12, tzinfo=UTC)
# Triggers and foreign keys are off while valid rows are inserted: the cars of thirty days, from minutes to two days.
_CHARGES = """
INSERT INTO billing_charge (id, lot_id, tariff_id, label, currency, due_amount, tax_percent, lines, credited_amount,
    captured_amount, refunded_amount, rounding_amount, kept_amount, created_at, assessed_at, settled_at)
SELECT n, %(lot)s, %(tariff)s, 'Stay ' || n, 'CHF', 600, 8.1, '[]', 0, 600, 0, 0, 0, left_at, left_at, left_at
FROM generate_series(1, %(stays)s) n
CROSS JOIN LATERAL (SELECT %(at)s::timestamptz - interval '1 day' - n * interval '28 days' / %(stays)s AS left_at) made
"""
_STAYS = """
INSERT INTO tickets_ticket (lot_id, number, token, status, plate, plate_normalised, plate_skeleton, region,
    plate_region, vehicle_type, electric, permit, priced_as, entry_at, exit_at, no_grace, lost, tariff_id, multiplier,
    charge_id, paid_at, closed_reason, changed_at, changed_why)
SELECT %(lot)s, 'PS-' || n, 'token-' || n, 'closed', 'ZH ' || n, 'ZH' || n, 'ZH' || n, '', '', 'regular', false, false,
    'regular', charge.created_at - (120 + (n::bigint * 104729 %% 40000)) * interval '1 second', charge.created_at,
    false, false, %(tariff)s, 1, n, charge.created_at, 'paid', charge.created_at, 'measured'
FROM generate_series(1, %(stays)s) n JOIN billing_charge charge ON charge.id = n
"""


def make_month(stays: int) -> Any:
    """Make a lot with its tariff, a month of stays and a draft, and return its comparison to do."""
    from django.db import connection

    from accounts.models import Operator
    from billing.services.tariff_drafts import DraftValues, start_draft
    from billing.services.tariffs import TariffValues, create_tariff
    from lots.models import Lot
    from tickets.services import compare_draft

    operator = Operator.objects.create(slug="bench", name="Bench", currency="CHF")
    lot = Lot.objects.create(operator=operator, slug="bench", name="Bench", timezone=str(ZONE), currency="CHF",
                             holidays={"country": "CH"})  # fmt: skip
    tariff = create_tariff(lot=lot, values=TariffValues("City", date(2020, 1, 1), None, TARIFF), at=AT)
    with connection.cursor() as cursor:
        given = {"lot": lot.pk, "tariff": tariff.pk, "stays": stays, "at": AT}
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_CHARGES, given)
        cursor.execute(_STAYS, given)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    return compare_draft(draft=start_draft(lot=lot, values=DraftValues("Dearer", DEARER), at=AT), at=AT)


def compare(pk: int) -> tuple[float, float, float]:
    """Finish a comparison; return its wall and processor seconds, and the MiB by which the process grew."""
    from tickets.services import advance_comparison

    wall, busy, first = time.perf_counter(), time.process_time(), 0
    while advance_comparison(pk=pk, at=AT):
        first = first or _resident()
    return time.perf_counter() - wall, time.process_time() - busy, (_resident() - first) / 1024


def ceiling(stays: int) -> float:
    """Return the processor seconds of pricing as many stays by both tariffs."""
    from billing.pricing import parse_rules, price_stay

    rules, zone = [parse_rules(TARIFF), parse_rules(DEARER)], ZoneInfo(str(ZONE))
    busy = time.process_time()
    for number in range(1, stays + 1):
        left_at = AT - timedelta(days=1) - number * timedelta(days=28) / stays
        entry_at = left_at - timedelta(seconds=120 + number * 104729 % 40000)
        for one in rules:
            price_stay(one, entry=entry_at, exit=left_at, spot_type="regular", timezone=zone)
    return time.process_time() - busy


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stays", type=int, default=100_000)
    stays = parser.parse_args().stays
    with running_servers():
        comparison = make_month(stays)
        wall, busy, grown = compare(comparison.pk)
        comparison.refresh_from_db()
        assert comparison.finished_at
        assert (comparison.done, comparison.unpriced) == (stays, 0)
        bare = ceiling(stays)
    found = {
        "stays": stays,
        "seconds": round(wall, 1),
        "processor_seconds": round(busy, 1),
        "ceiling_seconds": round(bare, 1),
        "ratio": round(bare / busy, 3),
        "mib_grown": round(grown, 1),
    }
    print(json.dumps({"bench": "comparing", **found, **machine()}))


if __name__ == "__main__":
    main()
