"""Reads a site file's operator."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import DebtConsequence
from lots.checks import lot_problems
from sites.site_reader import SiteReader

PATH = "$.operator"
TEXTS = {"legal_name": 120, "tax_id": 40}
LONGEST_ADDRESS = 300
LIMITS = ("waiver_limit", "waiver_day_limit", "refund_limit", "debt_fee_cap")
"""Amounts in minor units of the operator's currency; null is no limit."""
AMOUNTS = ("till_tolerance", "debt_reminder_fee")
NO_ZONE = ("timezone", "")
FIELDS = ("slug", "name", "currency", "timezone", "address", "debt_consequence", *TEXTS, *LIMITS, *AMOUNTS)


def read_operator(reader: SiteReader, data: Any) -> tuple[str, dict[str, Any]]:
    """Parse the operator: its slug, and what the file gives by field name."""
    fields: Mapping[str, Any] = reader.fields(data, PATH, FIELDS) or {}
    reader.require(fields, PATH, ("slug", "name", "currency"))
    values = {name: fields[name] for name in ("currency", "timezone") if name in fields}
    # Without a timezone of its own, the operator's documents follow those of its lots.
    reader.add(lot_problems({name: value for name, value in values.items() if (name, value) != NO_ZONE}, f"{PATH}."))
    if "name" in fields:
        values["name"] = reader.filled_text(fields["name"], f"{PATH}.name", 120)
    values |= {name: reader.text(fields[name], f"{PATH}.{name}", TEXTS[name]) for name in TEXTS if name in fields}
    if "address" in fields:
        values["address"] = reader.lines(fields["address"], f"{PATH}.address", LONGEST_ADDRESS)
    if "debt_consequence" in fields:
        choices = DebtConsequence.values
        values["debt_consequence"] = reader.choice(fields["debt_consequence"], f"{PATH}.debt_consequence", choices)
    for name in (*LIMITS, *AMOUNTS):
        if name in fields:
            empty = fields[name] is None and name in LIMITS
            values[name] = None if empty else reader.amount(fields[name], f"{PATH}.{name}")
    if values.get("debt_reminder_fee") and values.get("debt_fee_cap") is None:
        reader.refuse(f"{PATH}.debt_fee_cap", _("is needed with a fee: what all reminders of one debt may cost"))
    return reader.slug(fields["slug"], f"{PATH}.slug") if "slug" in fields else "", values
