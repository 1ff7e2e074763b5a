"""A charge of CHF 6.00, the time, and a record of what `charge_settled` told."""

import datetime as dt
from collections.abc import Iterator

import pytest

from billing.models import Charge
from billing.signals import charge_settled
from tests.factories import make_charge, make_lot

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)


@pytest.fixture
def at() -> dt.datetime:
    return AT


@pytest.fixture
def charge(db: None) -> Charge:
    return make_charge(make_lot(), 600, at=AT)


@pytest.fixture
def settled() -> Iterator[list[int]]:
    """The keys of the charges that were told to be settled."""
    told: list[int] = []

    def receive(sender: type[Charge], charge: Charge, **_: object) -> None:
        told.append(charge.pk)

    charge_settled.connect(receive, weak=False)
    yield told
    charge_settled.disconnect(receive)
