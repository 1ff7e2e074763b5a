"""The engine and the slow reference agree on random tariffs and stays."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.pricing import parse_rules, price_stay
from tests.billing.pricing.reference import Reference
from tests.billing.pricing.strategies import discounts, multipliers, stays, tariffs

HOLIDAYS = [date(2026, 3, 28), date(2026, 3, 30), date(2026, 10, 25), date(2018, 2, 17), date(2011, 12, 31)]


kinds = st.tuples(
    st.sampled_from(["regular", "ev", "compact"]), st.sampled_from(["regular", "large"]), st.integers(0, 6)
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(tariffs(), stays(), kinds, multipliers, discounts)
def test_engine_equals_the_half_minute_reference(data, stay, kind, multiplier, given_discounts):
    zone, entry, exit_ = stay
    *kind, before = kind
    price = price_stay(
        parse_rules(data),
        entry=datetime.fromtimestamp(entry, UTC),
        exit=datetime.fromtimestamp(exit_, UTC),
        spot_type=kind[0],
        vehicle_type=kind[1],
        timezone=zone,
        holidays=HOLIDAYS,
        multiplier=Decimal(multiplier),
        discounts=given_discounts,
        stays_before=before,
    )
    reference = Reference(data, zone, HOLIDAYS, multiplier)
    assert (price.total, price.tax) == reference.total_and_tax(entry, exit_, kind, given_discounts, before)
    assert sum(line.amount for line in price.lines) == price.total
