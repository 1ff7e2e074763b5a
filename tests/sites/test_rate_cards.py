"""Rate cards as facilities publish them, written as a site file: each fee was worked by hand from the card's words."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from billing.pricing import parse_rules, price_stay
from sites import read_site

TEXT = (Path(__file__).parents[1] / "data" / "rate_cards.json").read_text()
LOTS = {lot["slug"]: lot for lot in json.loads(TEXT)["lots"]}
FEES = {
    # Its words: "Mon-Fri 7am-6pm: $3.30 for 1st hr; $1.10 for sub. half hr. After 6pm: $2.20 per entry.
    # Sat, Sun, public holidays: $2.20 for 1st 2 hrs; $1.10 for sub. hr"
    "shops": [
        ("2026-03-02 12:00", "2026-03-02 13:00", 330),  # the first hour
        ("2026-03-02 12:00", "2026-03-02 14:10", 660),  # 3.30, then 70 minutes are 3 half hours of 1.10
        ("2026-03-02 16:00", "2026-03-02 21:00", 770),  # 3.30 until 17:00, 2 half hours 2.20, the evening 2.20
        ("2026-03-02 18:00", "2026-03-02 23:59", 220),  # an evening
        ("2026-03-07 11:00", "2026-03-07 14:30", 440),  # Saturday: 2 hours 2.20, then 2 started hours of 1.10
        ("2026-03-06 19:00", "2026-03-07 10:00", 550),  # Friday's evening 2.20; Saturday from 7:00: 2.20 and 1.10
        ("2026-05-01 11:00", "2026-05-01 14:30", 440),  # Labour Day, a Friday, is as Saturday
    ],
    # Its words: "7am-4.59pm: $1.95 per hr. 5pm-6.59am: $4.90 for 1st 3 hrs; $1.95 for sub. hr. Sat: $1.95 per hr all day"
    "arts": [
        ("2026-03-03 09:00", "2026-03-03 11:30", 585),  # 3 started hours of 1.95
        ("2026-03-03 15:00", "2026-03-03 19:00", 880),  # 2 hours 3.90, then the first three of the evening 4.90
        ("2026-03-03 18:00", "2026-03-03 22:30", 880),  # 4.90 until 21:00, then 2 started hours 3.90
        ("2026-03-07 20:00", "2026-03-07 23:30", 780),  # Saturday: 4 started hours of 1.95
        ("2026-03-08 20:00", "2026-03-08 23:30", 685),  # Sunday: 4.90 for three hours, then 1.95
    ],
    # Its words: "Mon-Sat 7am-5pm: $1.00 / 30 min; 5pm-7am: $0.50 / 30 min; Sun, public holidays: $0.50 / 30 min.
    # Per minute charging"
    "street": [
        ("2026-03-04 10:00", "2026-03-04 10:47", 157),  # 47 minutes of 3.3333 cents: 156.67
        ("2026-03-04 16:50", "2026-03-04 17:25", 75),  # 10 minutes by day 33.33, 25 by night 41.67
        ("2026-03-08 10:00", "2026-03-08 10:20:30", 35),  # Sunday: 21 started minutes of 1.6667 cents
    ],
    # Its words: "2.50 EUR per hour, at most 16.00 EUR a day. Evening flat rate (18-6 h) 4.00 EUR"
    "garage": [
        ("2026-03-02 09:00", "2026-03-02 11:20", 750),  # 3 started hours
        ("2026-03-02 08:00", "2026-03-02 17:30", 1600),  # 10 started hours would be 25.00
        ("2026-03-02 16:30", "2026-03-02 22:00", 900),  # the hours from 16:30 and 17:30, and the evening
        ("2026-03-02 19:00", "2026-03-02 23:55", 400),  # an evening
        ("2026-03-02 17:00", "2026-03-04 17:30", 3450),  # twice 16.00 for 24 hours, then an hour
    ],
    # Its words: "First 20 min free; minute 21 to 60: 1.40 EUR; each further hour 1.40 EUR; at most 8.00 EUR a day,
    # 28.00 EUR a week"
    "clinic": [
        ("2026-03-02 09:00", "2026-03-02 09:20", 0),
        ("2026-03-02 09:00", "2026-03-02 09:21", 140),
        ("2026-03-02 09:00", "2026-03-02 12:05", 560),  # 1.40 and 3 started further hours
        ("2026-03-02 09:00", "2026-03-02 19:00", 800),  # 10 hours would be 14.00
        ("2026-03-02 09:00", "2026-03-07 09:00", 2800),  # 5 days would be 40.00
        ("2026-03-02 09:00", "2026-03-09 10:00", 2940),  # a week, and the first hour of an eighth day
    ],
}


def test_the_cards_are_a_site_file():
    assert {lot.slug for lot in read_site(TEXT).lots} == set(FEES)


@pytest.mark.parametrize(
    ("slug", "comes", "leaves", "fee"), [(slug, *stay) for slug, stays in FEES.items() for stay in stays]
)
def test_stay_costs_what_its_card_says(slug, comes, leaves, fee):
    lot = LOTS[slug]
    zone = ZoneInfo(lot["timezone"])
    price = price_stay(
        parse_rules(lot["tariffs"][0]),
        entry=datetime.fromisoformat(comes).replace(tzinfo=zone),
        exit=datetime.fromisoformat(leaves).replace(tzinfo=zone),
        spot_type="regular",
        timezone=zone,
        holidays=[datetime(2026, 5, 1, tzinfo=zone).date()],
    )
    assert price.total == fee
