"""Whatever happens to the prices of a lot, a car that stands there pays what was in force when it came."""

import datetime as dt
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.services.special_dates import add_special_dates, remove_special_dates
from billing.services.tariff_drafts import DraftValues, publish_draft, start_draft, take_back_draft
from billing.services.tariffs import TariffValues, revise_tariff, withdraw_tariff
from billing.tariffs import tariff_on
from common.errors import DomainError
from tests.factories import HOURLY, make_lot, make_reservation, make_ticket
from tickets.fees import fee_of
from tickets.models import Ticket

AT = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 4)
EVENT = {"name": "Event", "priority": 1, "days": ["event"], "steps": [{"up_to_minutes": 60, "price": 5000}]}
RULES = HOURLY | {"plans": [*HOURLY["plans"], EVENT]}
plates = count(1)

pytestmark = pytest.mark.django_db

days = st.integers(0, 3).map(lambda shift: TODAY + dt.timedelta(days=shift))
acts = st.lists(
    st.one_of(
        st.tuples(st.just("revise"), days, st.integers(1, 900)),
        st.tuples(st.just("publish"), days, st.integers(1, 900)),
        st.tuples(st.just("event"), days, st.just(0)),
        st.tuples(st.just("no event"), days, st.just(0)),
        st.tuples(st.just("withdraw"), days, st.just(0)),
        st.tuples(st.just("take back"), days, st.just(0)),
    ),
    min_size=1,
    max_size=6,
)
cars = st.lists(st.tuples(st.integers(0, 4000), st.booleans()), min_size=1, max_size=3)


def act(lot, what, day, minimum):
    rules = RULES | {"minimum_charge": minimum}
    match what:
        case "revise":
            tariff = tariff_on(lot, day)
            values = TariffValues("Revised", tariff.valid_from, tariff.valid_until, rules) if tariff else None
            return values and revise_tariff(tariff=tariff, values=values, at=AT)
        case "publish":
            draft = start_draft(lot=lot, values=DraftValues("Draft", rules), at=AT)
            return publish_draft(draft=draft, valid_from=day, at=AT)
        case "event":
            return add_special_dates(lot=lot, name="Fair", dates=[day], at=AT)
        case "no event":
            return remove_special_dates(lot=lot, dates=[day], at=AT)
        case "withdraw":
            tariff = tariff_on(lot, day)
            return tariff and withdraw_tariff(tariff=tariff, at=AT)
        case _:
            draft = lot.tariff_drafts.exclude(published_as=None).last()
            return draft and take_back_draft(draft=draft, at=AT)


def standing(lot, minutes, is_booked):
    """A car that came so many minutes ago; perhaps by a booking for today and the days after."""
    entry_at, plate = AT - dt.timedelta(minutes=minutes), f"ZH {next(plates)}"
    ends_at = AT + dt.timedelta(days=1)
    booking = make_reservation(lot, plate, entry_at, ends_at, status="active") if is_booked else None
    return make_ticket(lot, plate, entry_at=entry_at, reservation=booking).pk


def prices(tickets):
    stays = Ticket.objects.filter(pk__in=tickets).select_related("lot", "tariff", "reservation__tariff").order_by("pk")
    return [fee_of(stay, AT + dt.timedelta(hours=hours)).total for stay in stays for hours in (0, 20, 45, 70)]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(cars, acts)
def test_no_change_of_prices_changes_what_standing_cars_pay(inside, changes):
    lot = make_lot(tariff=RULES)
    tickets = [standing(lot, *car) for car in inside]
    before = prices(tickets)
    for change in changes:
        try:
            act(lot, *change)
        except DomainError:  # a day that is taken, no tariff left: refused, as people are told
            continue
    assert prices(tickets) == before
