"""Every published case: stays with their right price."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from billing.pricing import parse_rules, price_stay

PUBLISHED = json.loads((Path(__file__).parents[2] / "data" / "pricing_cases.json").read_text())
CASES = PUBLISHED["cases"]


def name_of(case):
    return f"{case['tariff']}:{case['entry']}..{case['exit']}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_price_equals_the_published_case(case):
    price = price_stay(
        parse_rules(PUBLISHED["tariffs"][case["tariff"]]),
        entry=datetime.fromisoformat(case["entry"]),
        exit=datetime.fromisoformat(case["exit"]),
        spot_type=case.get("spot_type", "regular"),
        vehicle_type=case.get("vehicle_type", "regular"),
        timezone=ZoneInfo(PUBLISHED["timezone"]),
        holidays=[date.fromisoformat(day) for day in case.get("holidays", [])],
        multiplier=Decimal(case.get("multiplier", "1")),
        stays_before=case.get("stays_before", 0),
        discounts=case.get("discounts", []),
    )
    assert (price.total, price.tax) == (case["total"], case["tax"])
    assert sum(line.amount for line in price.lines) == price.total
