"""The statements that make a decision true: parts of one statement, which ends with the event that is its record.

Each part is a common table expression. Those that may find a row changed meanwhile, and then do nothing, have one row
otherwise; all others depend on theirs, and so does the event: either everything is written or nothing.
"""

from dataclasses import dataclass
from functools import cache

from accounts.models import BlockedPlate
from billing.models import Charge, Debt
from billing.services import REGIONS_AT_LIMIT
from common.db.rows import insert_of
from gates.models import GateEvent
from reservations.models import LIVE
from tickets.models import OPEN, PlateCorrection, Ticket, TicketStatus

STAY, EVENT, CHARGE, DEBT, BLOCK, RENAMING = "stay_", "event_", "charge_", "debt_", "block_", "renaming_"
"""What the parameters of a row's columns begin with."""
ENDING = ("status", "exit_at", "exit_plate", "closed_reason", "changed_at", "changed_why", "changed_by_id")
"""The columns of a stay that its end is written from."""
COUNTED_BY = (
    (f"{STAY}lot_id", "bigint"),
    ("counted_plates", "text[]"),
    (f"{STAY}plate_region", "varchar"),
    (f"{STAY}entry_at", "timestamptz"),
)
"""The parameters that earlier stays are counted by, with their types: the plate also as what stays of it."""


@dataclass(frozen=True, slots=True, eq=False)
class StatementPart:
    """A part of the statement. `row` is the expression whose one row the parts after it depend on.

    In its text, `{from}` and `{and_from}` stand for the rows of the parts before it, as a FROM clause or its rest.
    """

    text: str
    row: str = ""


def _listed(statuses: tuple[str, ...]) -> str:
    return ", ".join(f"'{status}'" for status in statuses)


# A stay that waits for a person; triggers free its place. Its history is that of all stays.
PUT_ASIDE = StatementPart(
    f"""
aside AS (
    UPDATE tickets_ticket t
    SET status = 'review', changed_at = %(at)s, changed_why = %(why)s, changed_by_id = %(by)s {{from}}
    WHERE t.id = %(aside)s AND t.status IN ({_listed(OPEN)}) RETURNING t.id
)
""",  # noqa: S608 only our own text
    row="aside",
)
# A stay whose plate was read better, or typed by a person; both spellings are kept. With its plate it may get what that
# plate has: a booking, a pass, the grace that a car is not given twice, or a discount for regulars.
RENAMED = StatementPart(
    f"""
before AS MATERIALIZED (
    SELECT t.id, t.plate FROM tickets_ticket t WHERE t.id = %({RENAMING}ticket_id)s FOR UPDATE
), renamed AS (
    UPDATE tickets_ticket t
    SET plate = %({RENAMING}to_plate)s, plate_normalised = %(normalised)s, plate_skeleton = %(skeleton)s,
        region = coalesce(%(region)s::text, t.region), plate_region = coalesce(%(region_key)s::text, t.plate_region),
        reservation_id = CASE WHEN %(rematched)s::boolean THEN %(booking)s::bigint ELSE t.reservation_id END,
        held_pass_id = CASE WHEN %(rematched)s::boolean THEN %(held_pass)s::bigint ELSE t.held_pass_id END,
        no_grace = CASE WHEN %(rematched)s::boolean THEN %(no_grace)s::boolean ELSE t.no_grace END,
        stays_before = CASE WHEN (SELECT y.rules -> 'regulars' -> 0 FROM billing_tariff y WHERE y.id = t.tariff_id)
            IS NULL THEN 0 ELSE tickets_stays_before(t.lot_id, %(counted_plates)s::text[],
            coalesce(%(region_key)s::text, t.plate_region), t.entry_at) END
    FROM before {{and_from}} WHERE t.id = before.id AND t.status IN ({_listed((*OPEN, TicketStatus.REVIEW))})
    RETURNING t.id, before.plate
), kept AS (
    {insert_of(PlateCorrection, RENAMING, "FROM renamed", from_plate="coalesce(renamed.plate, '')")}
)
""",  # noqa: S608 only our own text
    row="renamed",
)
_OTHERS = f"""
EXISTS (SELECT FROM reservations_reservation o WHERE o.id <> r.id AND o.status IN ({_listed(LIVE)})
    AND o.during && r.during AND {{same}})
"""
_SPOT_PROMISED = _OTHERS.format(same="o.spot_id = %(stay_spot_id)s::bigint")
_NUMBER_PROMISED = _OTHERS.format(
    same="(o.level_id, o.spot_type, o.place) IS NOT DISTINCT FROM (r.level_id, r.spot_type, r.place)"
)
# A booking whose driver has come: its held spot is let go, as from here on the stay has a place of its own. It is the
# booking's too, unless it is promised to another: then the booking keeps its own, or none when that was given back.
ARRIVED = StatementPart(
    f"""
held AS (
    UPDATE lots_spot s SET hold = NULL {{from}} WHERE s.hold = %(booking)s RETURNING s.id
), booking AS (
    UPDATE reservations_reservation r
    SET status = 'active',
        spot_id = CASE WHEN {_SPOT_PROMISED} THEN CASE WHEN r.status = 'confirmed' THEN r.spot_id END
            ELSE %(stay_spot_id)s::bigint END,
        level_id = CASE WHEN r.place IS NOT NULL OR {_SPOT_PROMISED} THEN r.level_id ELSE %(stay_level_id)s::bigint END,
        place = CASE WHEN r.status = 'no_show' AND r.place IS NOT NULL AND {_NUMBER_PROMISED} THEN NULL
            ELSE r.place END
    FROM (SELECT count(*) FROM held) let_go {{and_from}} WHERE r.id = %(booking)s RETURNING r.id
)
""",  # noqa: S608 only our own text
    row="booking",
)
# Triggers take its place, and refuse one that is taken.
OPENED = StatementPart(f"stay AS ({insert_of(Ticket, STAY, '{from} RETURNING id')})", row="stay")
_COUNTED = f"tickets_stays_before({', '.join(f'%({name})s::{kind}' for name, kind in COUNTED_BY)})"
# The same with how often its plate has come this month.
OPENED_COUNTING = StatementPart(
    f"stay AS ({insert_of(Ticket, STAY, '{from} RETURNING id', stays_before=_COUNTED)})", row="stay"
)


def _closed(charge_id: str) -> StatementPart:
    """Return the end of a stay, if neither it nor the money that moved for it has changed since it was loaded.

    The charge is locked before the stay, as everywhere.
    """
    return StatementPart(
        f"""
money AS MATERIALIZED (
    SELECT c.id FROM billing_charge c WHERE c.id = %(charge)s
        AND (%(charge_version)s::text IS NULL OR concat_ws(' ', c.xmin, c.ctid) = %(charge_version)s) FOR UPDATE
), stay AS (
    UPDATE tickets_ticket t SET {", ".join(f"{column} = %({STAY}{column})s" for column in ENDING)}{charge_id}
    WHERE t.id = %(event_ticket_id)s AND t.status = %(was)s
        AND t.charge_id IS NOT DISTINCT FROM (SELECT money.id FROM money)
    RETURNING t.id, t.plate, t.plate_region, t.charge_id
)
""",  # noqa: S608 only our own text
        row="stay",
    )


CLOSED = _closed("")
# What it costs is owed by a charge that is made after it.
CLOSED_OWING = _closed(", charge_id = coalesce(t.charge_id, nextval(pg_get_serial_sequence('billing_charge', 'id')))")
# What a stay costs, on a charge of its own.
CHARGED = StatementPart(f"charge AS ({insert_of(Charge, CHARGE, 'FROM stay', id='stay.charge_id')})")
# The same on the charge that it has; what was paid or credited stays, so a charge is never overpaid.
ASSESSED = StatementPart("""
charge AS (
    UPDATE billing_charge c SET label = %(charge_label)s, lines = %(charge_lines)s,
        tax_percent = %(charge_tax_percent)s, tariff_id = coalesce(%(charge_tariff_id)s, c.tariff_id),
        assessed_at = %(charge_assessed_at)s,
        due_amount = greatest(%(charge_due_amount)s, c.captured_amount - c.refunded_amount + c.credited_amount),
        settled_at = CASE
            WHEN %(charge_due_amount)s <= c.captured_amount - c.refunded_amount + c.credited_amount
            THEN coalesce(c.settled_at, %(charge_assessed_at)s) END
    FROM stay WHERE c.id = stay.charge_id
)
""")
# A charge has one debt; its plate is the stay's as it was read at the entry, where that has one.
OWED = StatementPart(
    "debt AS ("
    + insert_of(
        Debt,
        DEBT,
        "FROM stay",
        charge_id="stay.charge_id",
        plate=f"coalesce(stay.plate, %({DEBT}plate)s)",
        region=f"CASE WHEN stay.plate IS NULL THEN %({DEBT}region)s ELSE stay.plate_region END",
    )
    + " ON CONFLICT (charge_id) DO UPDATE"
    + " SET amount = excluded.amount, reason = excluded.reason, settled_at = NULL)"
)
COMPLETED = StatementPart(
    f"""
completed AS (
    UPDATE reservations_reservation r SET status = 'completed' FROM stay
    WHERE r.id = %(booking)s AND r.status IN ({_listed(LIVE)})
)
""",  # noqa: S608 only our own text
)
_REACHED = REGIONS_AT_LIMIT.format(operator="owed.operator_id", plate="owed.plate_normalised")
# Follows the others, under the lock of the plate's debts: blocks it at the limit, unless it is blocked already.
BLOCK_AT_LIMIT = insert_of(
    BlockedPlate,
    BLOCK,
    f"""
FROM billing_debt owed JOIN tickets_ticket t ON t.charge_id = owed.charge_id CROSS JOIN LATERAL ({_REACHED}) reached
WHERE t.id = %(event_ticket_id)s AND owed.settled_at IS NULL AND NOT EXISTS (
    SELECT FROM accounts_blockedplate b WHERE b.operator_id = owed.operator_id
        AND b.plate_normalised = owed.plate_normalised AND b.lifted_at IS NULL
        AND b.last_day IS NULL AND b.lot_ids IS NULL
        AND (b.region IN ('', reached.region) OR starts_with(reached.region, b.region || '-')))
ON CONFLICT DO NOTHING
""",
    operator_id="owed.operator_id",
    plate="owed.plate",
    plate_normalised="owed.plate_normalised",
    region="reached.region",
)


# Whatever may find a row changed comes before what depends on it.
_ORDER = (
    PUT_ASIDE,
    RENAMED,
    ARRIVED,
    OPENED,
    OPENED_COUNTING,
    CLOSED,
    CLOSED_OWING,
    CHARGED,
    ASSESSED,
    OWED,
    COMPLETED,
)


@cache
def composed(parts: tuple[StatementPart, ...]) -> str:
    """Return the statement of some parts and their event; its one row is the keys of the event and its stay."""
    opens = {"ticket_id": "stay.id"} if {OPENED, OPENED_COUNTING} & set(parts) else {}
    begin, rows = _written(parts)
    return f"{begin} {insert_of(GateEvent, EVENT, f'{rows} RETURNING id, ticket_id', **opens)}"


@cache
def without_event(parts: tuple[StatementPart, ...]) -> str:
    """Return the statement of parts that no lane sees; it has one row when they were written, else none."""
    begin, rows = _written(parts)
    return f"{begin} SELECT true {rows}"


def _written(parts: tuple[StatementPart, ...]) -> tuple[str, str]:
    """Return the WITH clause of some parts, and the FROM clause of the rows that all of them depend on."""
    rows: list[str] = []
    texts = []
    for part in sorted(parts, key=_ORDER.index):
        texts.append(
            part.text.replace("{from}", _from(rows)).replace("{and_from}", "".join(f", {row}" for row in rows))
        )
        rows += [part.row] if part.row else []
    return f"WITH {', '.join(texts)}" if texts else "", _from(rows)


def _from(rows: list[str]) -> str:
    return f"FROM {', '.join(rows)}" if rows else ""
