"""A draft beside the tariff in force, on the stays of the last month."""

import datetime as dt
from decimal import Decimal

import pytest

from billing.services.tariff_drafts import DraftValues, publish_draft, save_draft, start_draft
from tests.factories import HOURLY, make_charge, make_lot, make_reservation, make_ticket
from tickets import services, tasks
from tickets.fees import fee_of, priced_at
from tickets.models import TariffComparison, Ticket
from tickets.services import NothingToCompareError, advance_comparison, compare_draft, comparing, comparisons_to_do

AT = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PER_HOUR_400 = HOURLY | {"plans": [{"bands": [HOURLY["plans"][0]["bands"][0] | {"price": 400}]}]}

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot()


def left(lot, hours, *, ago=dt.timedelta(days=3), reason="paid", **fields):
    exit_at = AT - ago
    number = lot.tickets.count()
    return make_ticket(
        lot,
        f"ZH {number}",
        entry_at=exit_at - hours * HOUR,
        status="closed",
        exit_at=exit_at,
        closed_reason=reason,
        paid_at=exit_at if reason == "paid" else None,
        **fields,
    )


def draft_of(lot, rules=PER_HOUR_400):
    return start_draft(lot=lot, values=DraftValues("Dearer", rules), at=AT)


def compared(lot, rules=PER_HOUR_400):
    comparison = compare_draft(draft=draft_of(lot, rules), at=AT)
    while advance_comparison(pk=comparison.pk, at=AT):
        pass
    comparison.refresh_from_db()
    return comparison


def test_each_stay_is_priced_by_both(lot):
    short, long = left(lot, 1), left(lot, 5)
    found = compared(lot)
    assert (found.old_amount, found.new_amount) == (1800, 2400)
    assert (found.dearer, found.cheaper, found.dearest, found.dearest_by) == (2, 0, long, 500)
    assert (found.cheapest, found.finished_at, found.done) == (None, AT, 2)
    assert [row["stays"] for row in found.lengths] == [0, 1, 0, 0, 1, 0, 0]
    assert sum(row["new"] - row["old"] for row in found.lengths) == 600
    assert short.pk != long.pk


def test_by_the_tariff_in_force_a_stay_costs_what_it_was_charged(lot):
    """The old side of a comparison is the product's own price: type, multiplier, grace, booking and loss included."""
    stays = [
        left(lot, 3),
        left(lot, 3, priced_as="ev", multiplier=Decimal("1.50")),
        left(lot, 0.1, reason="grace"),
        left(lot, 0.1, no_grace=True),
        left(lot, 3, lost=True),
    ]
    total = sum(fee_of(stay, priced_at(stay)).total for stay in lot.tickets.all())
    assert compared(lot).old_amount == total
    assert len(stays) == lot.tickets.count()


def test_discount_for_regulars_in_a_draft_is_given_to_those_who_would_have_had_it(lot):
    stays = [left(lot, 2, ago=dt.timedelta(days=days)) for days in (9, 6, 3)]
    for stay in stays:
        charge = make_charge(lot, 600, at=stay.exit_at, captured_amount=600)
        Ticket.objects.filter(pk=stay.pk).update(plate="ZH 1", plate_normalised="ZH1", charge=charge)
    found = compared(lot, HOURLY | {"regulars": [{"from_stay": 3, "percent": "10"}]})
    assert (found.old_amount, found.new_amount, found.cheaper, found.cheapest) == (1800, 1740, 1, stays[2])


def test_booked_stay_costs_its_booking_and_what_is_beyond(lot):
    start = AT - dt.timedelta(days=2)
    booking = make_reservation(lot, "ZH 9", start, ends_at=start + 2 * HOUR)
    stay = make_ticket(
        lot,
        "ZH 9",
        entry_at=start,
        status="closed",
        exit_at=start + 3 * HOUR,
        closed_reason="paid",
        reservation=booking,
    )
    found = compared(lot)
    assert (found.old_amount, found.new_amount) == (900, 1200)
    assert found.old_amount == fee_of(Ticket.objects.get(pk=stay.pk), start + 3 * HOUR).total


HALF = [{"key": "validation-1", "kind": "type-1", "name": "Café", "discount": {"percent": "50"}, "alone": True}]


def test_discount_of_a_stay_counts_by_both(lot):
    stay = left(lot, 3, discounts=HALF)
    found = compared(lot)
    assert (found.old_amount, found.new_amount) == (450, 600)
    assert found.old_amount == fee_of(Ticket.objects.get(pk=stay.pk), stay.exit_at).total


@pytest.mark.parametrize(("charged", "old", "new"), [(False, 450, 600), (True, 600 + 150, 800 + 200)])
def test_discount_of_a_booked_stay_lowers_what_was_not_charged_before(lot, charged, old, new):
    start = AT - dt.timedelta(days=2)
    charge = make_charge(lot, 600, at=start) if charged else None
    booking = make_reservation(lot, "ZH 9", start, ends_at=start + 2 * HOUR, charge=charge)
    left(lot, 3, ago=AT - start - 3 * HOUR, reservation=booking, discounts=HALF)
    found = compared(lot)
    assert (found.old_amount, found.new_amount) == (old, new)


def test_stay_that_paid_before_it_left_costs_what_it_paid(lot):
    stay = left(lot, 1)
    stay.exit_at += dt.timedelta(minutes=10)
    stay.save()
    assert compared(lot).old_amount == 300


def test_what_was_let_off_stays_let_off(lot):
    charge = make_charge(lot, 900)
    left(lot, 3, reason="waived", charge=charge)
    half = make_charge(lot, 900)
    left(lot, 3, charge=half)
    type(charge).objects.filter(pk=charge.pk).update(credited_amount=900)
    type(charge).objects.filter(pk=half.pk).update(credited_amount=200)
    found = compared(lot)
    assert (found.old_amount, found.new_amount, found.dearer) == (700, 1000, 1)


def test_only_stays_of_the_lot_that_left_in_the_last_thirty_days_count(lot):
    left(make_lot(lot.operator), 1)
    inside = make_ticket(lot, "ZH IN", entry_at=AT - 5 * HOUR)
    zone_midnight = dt.datetime(2026, 3, 30, 22, tzinfo=dt.UTC)  # of 31 March in Zurich's summer
    for ago in (AT - zone_midnight, dt.timedelta(days=32), dt.timedelta(hours=1)):
        left(lot, 1, ago=ago)
    first = left(lot, 1, ago=AT - dt.datetime(2026, 2, 28, 23, tzinfo=dt.UTC))
    last = left(lot, 1, ago=AT - zone_midnight + dt.timedelta(seconds=1))
    found = compared(lot)
    assert (found.first_day, found.last_day) == (dt.date(2026, 3, 1), dt.date(2026, 3, 30))
    assert (found.total, found.old_amount) == (2, 600)
    assert inside.is_open
    assert {first.exit_at, last.exit_at} != set()


def test_stay_that_no_plan_prices_is_counted_apart(lot, monkeypatch):
    left(lot, 1)
    left(lot, 1, multiplier=Decimal("9.00"))
    found = compared(lot)
    assert (found.unpriced, found.old_amount, found.done) == (1, 300, 2)


def test_it_goes_on_where_another_worker_died(lot, monkeypatch):
    monkeypatch.setattr(comparing, "AT_A_TIME", 2)
    same = [left(lot, hours, ago=dt.timedelta(days=3)) for hours in (1, 2, 3, 4, 5)]
    comparison = compare_draft(draft=draft_of(lot), at=AT)
    assert comparisons_to_do(AT) == [comparison.pk]
    assert advance_comparison(pk=comparison.pk, at=AT) is True
    comparison.refresh_from_db()
    assert (comparison.done, comparison.total, comparison.finished_at) == (2, 5, None)
    assert comparisons_to_do(AT + dt.timedelta(seconds=1)) == []
    assert comparisons_to_do(AT + dt.timedelta(seconds=11)) == [comparison.pk]
    monkeypatch.setattr(tasks, "now", lambda: AT + dt.timedelta(seconds=11))
    tasks.compare_drafts()
    comparison.refresh_from_db()
    assert (comparison.done, comparison.old_amount, comparison.new_amount) == (5, 4500, 6000)
    assert comparison.dearest == same[-1]
    assert advance_comparison(pk=comparison.pk, at=AT) is False


def test_step_that_fails_leaves_all_as_it_was(lot, monkeypatch):
    left(lot, 1)
    comparison = compare_draft(draft=draft_of(lot), at=AT)
    with monkeypatch.context() as broken:
        broken.setattr(TariffComparison, "save", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            advance_comparison(pk=comparison.pk, at=AT)
    comparison.refresh_from_db()
    assert (comparison.done, comparison.old_amount, comparison.reached_at) == (0, 0, None)


def test_asking_again_is_the_same_question_until_the_draft_changes(lot):
    left(lot, 1)
    draft = draft_of(lot)
    first = compare_draft(draft=draft, at=AT)
    assert compare_draft(draft=draft, at=AT) == first
    draft = save_draft(draft=draft, values=DraftValues("Dearer", HOURLY), at=AT)
    second = compare_draft(draft=draft, at=AT)
    assert [*draft.comparisons.all()] == [second]
    services.advance_comparison(pk=second.pk, at=AT)
    assert compare_draft(draft=draft, at=AT) != second


def test_comparison_keeps_both_rules_when_prices_change_meanwhile(lot):
    left(lot, 1)
    draft = draft_of(lot)
    comparison = compare_draft(draft=draft, at=AT)
    publish_draft(draft=draft, valid_from=dt.date(2026, 3, 31), at=AT)
    advance_comparison(pk=comparison.pk, at=AT)
    comparison.refresh_from_db()
    assert (comparison.old_amount, comparison.new_amount) == (300, 400)


def test_nothing_to_compare_with_or_on_is_said(lot):
    with pytest.raises(NothingToCompareError, match="No car has left"):
        compare_draft(draft=draft_of(lot), at=AT)
    bare = make_lot(tariff=None)
    with pytest.raises(NothingToCompareError, match="no tariff in force"):
        compare_draft(draft=draft_of(bare), at=AT)
