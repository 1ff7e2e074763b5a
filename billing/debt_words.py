"""Why a debt is there, in one wording whoever recorded it: a lane, a desk, a late record or a person's review."""

import re

_OWED_AT = re.compile(r"(?:owed|fee_due|unattended) at (?P<gate>.+)", re.DOTALL)
_SAID = {
    "told anew by a late record": "Left unpaid, known from a late record",
    "Corrected by a late record": "Left unpaid, known from a late record",
    "declined": "Card declined",
}


def debt_cause(reason: str) -> str:
    """Say why a debt is there from its stored reason: `Left unpaid at Exit Löwenstrasse`, or what a person wrote."""
    at_gate = _OWED_AT.fullmatch(reason)
    if at_gate:
        return f"Left unpaid at {at_gate['gate']}"
    return _SAID.get(reason) or f"{reason[:1].upper()}{reason[1:]}"
