"""What the drawn week of a tariff says of its prices."""

import pytest

from billing.pricing import parse_rules, week_of
from office.tariffs.drawings import draw_week

ALL_DAY = {"from": "00:00", "to": "24:00"}
RATE = {"price": 300, "increment_minutes": 60}
LATER = {"after_minutes": 60, "price": 100, "increment_minutes": 30}


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"bands": [ALL_DAY | RATE]}, "3.00 / 1 h"),
        ({"bands": [ALL_DAY | RATE | {"then": [LATER]}]}, "3.00 / 1 h, then 1.00 / 30 min"),
        ({"bands": [ALL_DAY | {"price": 900, "once": True}]}, "9.00 once"),
        ({"steps": [{"up_to_minutes": 60, "price": 300}]}, "from 3.00"),
    ],
)
def test_each_price_is_said_as_it_is_charged(plan, said):
    (row,) = draw_week(week_of(parse_rules({"plans": [plan]}), "regular"), "CHF").rows
    assert (row.days, row.hours, row.price) == ("Every day", "00:00–24:00", said)
