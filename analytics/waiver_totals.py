"""Fees waived and gates opened by hand, by person and day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from analytics.scope import Scope
from analytics.sql import fetch

LONGEST = timedelta(days=92)

# Days are local to the lot; currencies are never added up. What was waived and taken back again counts as nothing.
_SUMS = """
SELECT day, person_id, coalesce(nullif(person.name, ''), person.email, '') AS person, currency,
    sum(amount)::bigint AS waived, coalesce(sum(sign(amount)), 0)::bigint AS waivers,
    count(*) - count(amount) AS openings
FROM (
    SELECT (credit.created_at AT TIME ZONE lot.timezone)::date AS day, credit.granted_by_id AS person_id,
        charge.currency, credit.amount
    FROM billing_credit credit
    JOIN billing_charge charge ON charge.id = credit.charge_id
    JOIN lots_lot lot ON lot.id = charge.lot_id
    WHERE credit.kind = 'waived' AND credit.created_at > %(since)s AND lot.id = ANY(%(lots)s::bigint[])
    UNION ALL
    SELECT (event.at AT TIME ZONE lot.timezone)::date, event.person_id, lot.currency, NULL
    FROM gates_gateevent event JOIN lots_lot lot ON lot.id = event.lot_id
    WHERE event.kind = 'person' AND event.reason = 'by_hand' AND event.at > %(since)s
        AND lot.id = ANY(%(lots)s::bigint[])
) act LEFT JOIN accounts_user person ON person.id = act.person_id
GROUP BY day, person_id, person.name, person.email, currency
ORDER BY day DESC, person, currency
"""


@dataclass(frozen=True, slots=True)
class DayOfPerson:
    """One person's day in one currency; `waived` is in minor units."""

    day: date
    person_id: int | None
    person: str
    currency: str
    waived: int
    waivers: int
    openings: int


def let_go_by_day(scope: Scope, at: datetime) -> list[DayOfPerson]:
    """Return the sums of the last three months at the lots in the scope, newest day first; one query."""
    rows = fetch(_SUMS, {"lots": scope.ids, "since": at - LONGEST})
    return [DayOfPerson(**row._asdict() | {"waived": row.waived or 0}) for row in rows]
