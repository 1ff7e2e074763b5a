"""What a read asks the database about passes, and what the rows say."""

from datetime import date, datetime
from typing import Any

from billing.pricing import PassHours, covers_at
from billing.pricing.windows import Window
from common.db.flush import flush
from common.db.rows import new_row
from common.plates import skeleton
from gates.decision import HeldPass
from gates.reads.facts import Fact, JsonRow, Query
from lots.calendar import holidays_of, zone_of
from lots.compatibility import SpotType
from lots.models import Lot
from passes.models import Pass

_ALIKE = """
passes_passplate p WHERE p.operator_id = %(operator)s AND p.plate_skeleton = %(skeleton)s AND p.removed_at IS NULL
"""
# The active passes of plates that are alike, with the room in their pools.
PASSES = Fact(
    "passes",
    f"""
(SELECT json_agg(found) FROM (
    SELECT h.id, p.plate_normalised AS plate, nullif(p.region, '') AS region, h.company_id IS NULL AS own, h.shared,
        h.valid_from, h.valid_until + CASE WHEN h.renewal = 'none' THEN 0 ELSE h.grace_days END AS covers_until,
        h.days, h.opens_minute, h.closes_minute, h.spot_types, h.entries_left, h.pool_full = 'deny' AS refuses,
        h.spaces - (SELECT count(*) FROM passes_passuse u WHERE u.held_pass_id = h.id AND u.left_at IS NULL)
        AS pool_free,
        (SELECT max(u.entered_at) FROM passes_passuse u WHERE u.held_pass_id = h.id AND u.left_at IS NULL
            AND u.plate_normalised = %(plate)s AND u.lot_id <> %(lot)s) AS elsewhere_at
    FROM passes_pass h JOIN passes_pass_lots l ON l.pass_id = h.id AND l.lot_id = %(lot)s
    JOIN (SELECT p.held_pass_id, p.plate_normalised, p.region FROM {_ALIKE}) p ON p.held_pass_id = h.id
    WHERE h.status = 'active'
) found)
""",  # noqa: S608 only our own text
    stops_brief=f"EXISTS (SELECT FROM {_ALIKE})",
)
_PASSES_ALONE = Query((PASSES,))
# The pools of passes of several lots are decided under locks of their own, taken after the lot's; what was counted
# before is counted again then.
LOCK_SHARED_PASSES = f"""
SELECT h.id FROM passes_pass h WHERE h.shared AND h.status = 'active'
    AND h.id IN (SELECT p.held_pass_id FROM {_ALIKE}) ORDER BY h.id FOR NO KEY UPDATE OF h
"""  # noqa: S608 only our own text
# The pass of a stay `t`, as its fee needs it.
STAYS_PASS = """
(SELECT row_to_json(held) FROM (
    SELECT h.id, h.valid_from, h.valid_until, h.renewal, h.grace_days, h.days, h.opens_minute, h.closes_minute,
        h.stopped_at, h.per_day, h.entries_left
    FROM passes_pass h WHERE h.id = t.held_pass_id) held) AS held_pass
"""  # noqa: S105 - a season ticket, no password


def held_passes(rows: list[JsonRow] | None, lot: Lot, at: datetime) -> tuple[HeldPass, ...]:
    """Return the passes of a lot's rows as a decision sees them at an instant."""
    return tuple(_held_pass(row, lot, at) for row in rows or ())


def has_shared_pass(rows: list[JsonRow] | None) -> bool:
    """Return whether any of a plate's passes is of several lots, whose pool other lots fill, too."""
    return any(row["shared"] for row in rows or ())


def passes_of_plate(lot: Lot, plate: str, at: datetime) -> tuple[HeldPass, ...]:
    """Return the passes that a plate has at a lot, with the room in their pools now; the lot's lock is held."""
    parameters = {"operator": lot.operator_id, "lot": lot.pk, "plate": plate, "skeleton": skeleton(plate)}
    row = flush((LOCK_SHARED_PASSES, parameters), (_PASSES_ALONE.statement, parameters))
    return held_passes(_PASSES_ALONE.read(row)["passes"], lot, at)


def pass_of(row: JsonRow) -> Pass:
    """Return the pass of a stay, with what its fee needs."""
    values: dict[str, Any] = row | {
        "valid_from": date.fromisoformat(row["valid_from"]),
        "valid_until": date.fromisoformat(row["valid_until"]),
        "stopped_at": datetime.fromisoformat(row["stopped_at"]) if row["stopped_at"] else None,
    }
    return new_row(Pass, **values)


def _held_pass(row: JsonRow, lot: Lot, at: datetime) -> HeldPass:
    hours = PassHours(
        days=tuple(row["days"]),
        window=Window(row["opens_minute"], row["closes_minute"]),
        first_date=date.fromisoformat(row["valid_from"]),
        last_date=date.fromisoformat(row["covers_until"]),
    )
    covers = covers_at(hours, at, timezone=zone_of(lot), holidays=holidays_of(lot, at, at))
    return HeldPass(
        pass_id=row["id"],
        plate=row["plate"],
        region=row["region"],
        valid_now=covers and row["entries_left"] != 0,
        pool_free=row["pool_free"],
        own=row["own"],
        until=hours.last_date,
        refuses=row["refuses"],
        types=tuple(map(SpotType, row["spot_types"])),
        elsewhere_at=datetime.fromisoformat(row["elsewhere_at"]) if row["elsewhere_at"] else None,
    )
