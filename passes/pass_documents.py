"""What the documents of a pass's charges say about it."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from billing.documents.subjects import Subject, register_subjects
from common.sealing import unseal

_PERIOD = """
SELECT json_build_object('code', held.code, 'first', period.first_day, 'last', period.last_day,
    'email', coalesce(company.email, holder.email, nullif(held.email, '')),
    'name', coalesce(company.name, nullif(holder.name, ''), nullif(held.holder_name, ''), holder.email, held.email),
    'address', coalesce(company.address, ''), 'tax_id', coalesce(company.tax_id, ''))
FROM passes_passperiod period JOIN passes_pass held ON held.id = period.held_pass_id
LEFT JOIN passes_company company ON company.id = held.company_id
LEFT JOIN accounts_user holder ON holder.id = held.holder_id
WHERE period.charge_id = charge.id
"""


def _subject(period: Mapping[str, Any], _zone: ZoneInfo) -> Subject:
    return Subject(
        reference=period["code"],
        holder=period["name"] or "",
        holders=(period["email"],) if period["email"] else (),
        address=unseal(period["address"]),
        tax_id=period["tax_id"],
    )


register_subjects(_PERIOD, _subject)
