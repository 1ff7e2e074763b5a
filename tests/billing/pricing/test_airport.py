"""The stays of an airport, from tariffs written from its published words."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from billing.pricing import parse_rules, price_stay

ALL_DAY = {"from": "00:00", "to": "24:00"}
TARIFFS = {
    "valet": {
        "plans": [
            {
                "periods": "first",
                "steps": [{"up_to_minutes": 300, "price": 1200}, {"up_to_minutes": 1440, "price": 1800}],
            },
            {"periods": "later", "steps": [{"up_to_minutes": 1440, "price": 1800}]},
        ]
    },
    "short-term": {
        "plans": [
            {
                "periods": "first",
                "steps": [{"up_to_minutes": 60, "price": 200}],
                "steps_beyond": {"each_minutes": 30, "price": 100},
                "max_price": 2400,
            },
            {"periods": "later", "bands": [{**ALL_DAY, "price": 100, "increment_minutes": 30}], "max_price": 2400},
        ]
    },
    "economy": {
        "plans": [{"bands": [{**ALL_DAY, "price": 200, "increment_minutes": 60}], "max_price": 900}],
        "block_caps": [{"periods": 7, "price": 5400}],
    },
}
STAYS = {
    "valet": {30: 1200, 180: 1200, 300: 1200, 301: 1800, 720: 1800, 1440: 1800, 1441: 3600, 4320: 5400, 10080: 12600},
    "short-term": {30: 200, 60: 200, 210: 700, 750: 2400, 1470: 2500, 1500: 2600},
    "economy": {30: 200, 60: 200, 240: 800, 300: 900, 360: 900, 1440: 900, 1500: 1100, 1620: 1500, 1740: 1800}
    | {8640: 5400, 8700: 5400, 10080: 5400, 12960: 7200, 30240: 16200},
}
RECORDINGS = Path(os.environ.get("PARKING_RECORDINGS", Path(__file__).parents[4] / "shared" / "data"))


def total(lot, minutes):
    entry = datetime(2026, 5, 4, 14, 0, tzinfo=UTC)
    price = price_stay(
        parse_rules(TARIFFS[lot]),
        entry=entry,
        exit=entry + timedelta(minutes=minutes),
        spot_type="regular",
        timezone=ZoneInfo("America/New_York"),
    )
    return price.total


@pytest.mark.parametrize(
    ("lot", "minutes", "price"),
    [(lot, minutes, price) for lot, stays in STAYS.items() for minutes, price in stays.items()],
)
def test_airport_stay_costs_what_its_rules_say(lot, minutes, price):
    assert total(lot, minutes) == price


@pytest.mark.realdata
def test_airport_stays_as_recorded():
    path = RECORDINGS / "tariffs" / "airport_lots.json"
    if not path.exists():
        pytest.skip(f"the recordings folder is absent: {path}")
    stays = json.loads(path.read_text())["stays"]
    assert [total(stay["lot"], stay["minutes"]) for stay in stays] == [stay["price"] for stay in stays]
    assert len(stays) == 29
