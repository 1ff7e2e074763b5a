"""Fills the measurements' site with cars, old stays and bookings, in few statements."""

from collections.abc import Iterator
from contextlib import contextmanager

# Triggers and foreign keys are off while valid rows are inserted; counters are set afterwards.
_INSIDE = """
INSERT INTO tickets_ticket (lot_id, number, token, status, plate, plate_normalised, plate_skeleton, region,
    plate_region, vehicle_type, electric, permit, spot_id, level_id, spot_type, priced_as, entry_at, no_grace, lost,
    tariff_id, multiplier, closed_reason, changed_at, changed_why)
SELECT s.lot_id, 'IN-' || s.id, 'in-' || s.id, 'active', 'IN ' || s.id, 'IN' || s.id, 'IN' || s.id, '', '', 'regular',
    false, false, s.id, s.level_id, s.spot_type, s.spot_type, now() - random() * interval '10 hours', false, false,
    (SELECT min(id) FROM billing_tariff t WHERE t.lot_id = s.lot_id), 1, '', now(), 'measured'
FROM lots_spot s WHERE s.ordinal %% 10 < %(tenths)s
"""
_STAND = "UPDATE lots_spot s SET stay = t.id FROM tickets_ticket t WHERE t.spot_id = s.id AND t.status = 'active'"
_COUNT = """
UPDATE lots_spotcount c SET occupied = counted.occupied FROM (
    SELECT level_id, spot_type, count(*) FILTER (WHERE status = 'occupied') AS occupied FROM lots_spot GROUP BY 1, 2
) counted WHERE counted.level_id = c.level_id AND counted.spot_type = c.spot_type
"""
_HISTORY = """
INSERT INTO tickets_ticket (lot_id, number, token, status, plate, plate_normalised, plate_skeleton, region,
    plate_region, vehicle_type, electric, permit, spot_id, level_id, spot_type, priced_as, entry_at, exit_at, no_grace,
    lost, tariff_id, multiplier, closed_reason, changed_at, changed_why)
SELECT lot.id, 'H' || n, 'h' || n, 'closed', 'HI ' || n %% 3000000, 'HI' || n %% 3000000, 'HI' || n %% 3000000,
    '', '', 'regular', false, false, lot.spot, lot.level, 'regular', 'regular', at.entry, at.entry + interval '2 hours',
    false, false, lot.tariff, 1, 'grace', at.entry, 'measured'
FROM generate_series(1, %(tickets)s) n
JOIN (
    SELECT l.id, row_number() OVER (ORDER BY l.id) - 1 AS place, min(s.id) AS spot, min(s.level_id) AS level,
        (SELECT min(id) FROM billing_tariff t WHERE t.lot_id = l.id) AS tariff
    FROM lots_lot l JOIN lots_spot s ON s.lot_id = l.id GROUP BY l.id
) lot ON lot.place = n %% (SELECT count(*) FROM lots_lot)
CROSS JOIN LATERAL (SELECT now() - interval '3 hours' - n::float8 / %(tickets)s * interval '730 days' AS entry) at
"""
# One for each spot, then a second one, and so on. In each lot one is due in two hours, the others from tomorrow on.
_BOOKINGS = """
INSERT INTO reservations_reservation (code, token, lot_id, email, phone, plate, plate_normalised, plate_skeleton,
    vehicle_type, spot_type, spot_id, level_id, asked_for, starts_at, ends_at, during, status, tariff_id, multiplier,
    price_amount, prepay, cancel_minutes, cancel_free_until, late_cancel_percent, no_show_minutes, no_show_percent,
    early_grace_minutes, late_grace_minutes, fee_amount, at_exit_amount, fingerprint, sequence, created_at)
SELECT 'B' || n, 'b' || n, spot.lot_id, 'b' || n || '@bench.example', '', 'BK ' || n, 'BK' || n, 'BK' || n, 'regular',
    'regular', spot.id, spot.level_id, false, at.start, at.start + interval '2 hours',
    tstzrange(at.start, at.start + interval '135 minutes'), 'confirmed', spot.tariff, 1, 800, 'none', 60,
    at.start - interval '1 hour', 50, 15, 100, 10, 10, 0, 0, '', 0, now()
FROM generate_series(0, %(bookings)s - 1) n
JOIN (
    SELECT s.id, s.lot_id, s.level_id, row_number() OVER (ORDER BY s.id) - 1 AS place,
        row_number() OVER (PARTITION BY s.lot_id ORDER BY s.ordinal DESC) AS of_lot,
        (SELECT min(id) FROM billing_tariff t WHERE t.lot_id = s.lot_id) AS tariff
    FROM lots_spot s
) spot ON spot.place = n %% (SELECT count(*) FROM lots_spot)
CROSS JOIN LATERAL (SELECT CASE
    WHEN spot.of_lot = 1 AND n = spot.place THEN now() + interval '2 hours'
    ELSE date_trunc('hour', now()) + interval '1 day' + (n %% 4) * interval '1 hour'
        + n / (SELECT count(*) FROM lots_spot) * interval '8 hours' END AS start) at
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), (
    SELECT conname FROM pg_constraint WHERE conindid = indexrelid AND contype = 'u')
FROM pg_index WHERE indrelid = 'tickets_ticket'::regclass AND NOT indisprimary
"""


def fill(*, tenths: int) -> None:
    """Park cars on this many of every ten spots."""
    from django.db import connection

    with _without_triggers(), connection.cursor() as cursor:
        cursor.execute(_INSIDE, {"tenths": tenths})
        cursor.execute(_STAND)
        cursor.execute(_COUNT)
    _tidy()


def add_history(tickets: int) -> None:
    """Add this many ended stays, spread over two years and all lots."""
    from django.db import connection

    with _without_triggers(), _without_indexes(), connection.cursor() as cursor:
        cursor.execute(_HISTORY, {"tickets": tickets})
    _tidy()


def add_bookings(bookings: int) -> None:
    """Add this many live bookings, spread over all spots: in each lot one is due within three hours."""
    from django.db import connection

    with _without_triggers(), connection.cursor() as cursor:
        cursor.execute(_BOOKINGS, {"bookings": bookings})
    _tidy()


@contextmanager
def _without_triggers() -> Iterator[None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Drop the indexes of stays during the block and rebuild them afterwards."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for index, _definition, constraint in indexes:
            cursor.execute(
                f"ALTER TABLE tickets_ticket DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}"
            )
        yield
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for index, definition, constraint in indexes:
            cursor.execute(definition)
            if constraint:
                cursor.execute(f"ALTER TABLE tickets_ticket ADD CONSTRAINT {constraint} UNIQUE USING INDEX {index}")


def _tidy() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
