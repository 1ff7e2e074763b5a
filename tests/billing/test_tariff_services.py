"""Tariffs put in force, revised and withdrawn, without ever changing what priced a stay."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import Tariff
from billing.pricing.errors import InvalidTariffError
from billing.services.tariffs import (
    TariffEndsBeforeStartError,
    TariffOverlapError,
    TariffSupersededError,
    TariffValues,
    create_tariff,
    revise_tariff,
    withdraw_tariff,
)
from tests.factories import HOURLY, make_lot, make_ticket

FIRST = dt.date(2020, 1, 1)
DEARER = HOURLY | {"minimum_charge": 500}

pytestmark = pytest.mark.django_db


def values(rules=HOURLY, *, name="Standard", first=FIRST, last=None):
    return TariffValues(name, first, last, rules)


@pytest.fixture
def lot():
    return make_lot(tariff=None)


def test_tariff_is_put_in_force(lot):
    tariff = create_tariff(lot=lot, values=values(), at=now())
    assert list(lot.tariffs.valid_on(dt.date(2026, 3, 2))) == [tariff]


def test_two_tariffs_are_never_valid_on_one_day(lot):
    create_tariff(lot=lot, values=values(last=dt.date(2020, 12, 31)), at=now())
    with pytest.raises(TariffOverlapError):
        create_tariff(lot=lot, values=values(first=dt.date(2020, 12, 31)), at=now())
    assert create_tariff(lot=lot, values=values(first=dt.date(2021, 1, 1)), at=now()).revision == 1
    assert create_tariff(lot=make_lot(tariff=None), values=values(), at=now()).revision == 1


def test_tariff_that_ends_before_it_starts_is_refused(lot):
    with pytest.raises(TariffEndsBeforeStartError):
        create_tariff(lot=lot, values=values(last=dt.date(2019, 12, 31)), at=now())


def test_wrong_rules_are_refused_and_nothing_is_stored(lot):
    with pytest.raises(InvalidTariffError):
        create_tariff(lot=lot, values=values({"plans": []}), at=now())
    assert not Tariff.objects.exists()


def test_unused_tariff_is_changed_in_place(lot):
    tariff = create_tariff(lot=lot, values=values(), at=now())
    revised = revise_tariff(tariff=tariff, values=values(DEARER, name="New"), at=now())
    assert (revised.pk, revised.name, revised.rules) == (tariff.pk, "New", DEARER)


def test_new_rules_of_a_used_tariff_are_a_new_revision(lot):
    tariff = create_tariff(lot=lot, values=values(), at=now())
    make_ticket(lot)
    revised = revise_tariff(tariff=tariff, values=values(DEARER), at=now())
    tariff.refresh_from_db()
    assert (revised.revision, revised.rules, tariff.rules) == (2, DEARER, HOURLY)
    assert tariff.superseded_at is not None
    assert list(lot.tariffs.current()) == [revised]


def test_used_tariff_keeps_its_revision_when_only_name_or_days_change(lot):
    tariff = create_tariff(lot=lot, values=values(), at=now())
    make_ticket(lot)
    revised = revise_tariff(tariff=tariff, values=values(name="Old", last=dt.date(2030, 1, 1)), at=now())
    assert (revised.pk, revised.name, revised.valid_until) == (tariff.pk, "Old", dt.date(2030, 1, 1))


def test_same_values_again_change_nothing(lot):
    tariff = create_tariff(lot=lot, values=values(), at=now())
    make_ticket(lot)
    assert revise_tariff(tariff=tariff, values=values(), at=now()).pk == tariff.pk
    assert Tariff.objects.count() == 1


def test_rules_written_otherwise_but_meaning_the_same_are_no_revision(lot):
    tariff = create_tariff(lot=lot, values=values(), at=now())
    make_ticket(lot)
    same = revise_tariff(tariff=tariff, values=values(HOURLY | {"free_minutes": 0, "caps": []}), at=now())
    assert (same.pk, same.rules) == (tariff.pk, HOURLY)


def test_revision_into_the_days_of_another_is_refused_and_the_old_one_stays_in_force(lot):
    tariff = create_tariff(lot=lot, values=values(last=dt.date(2020, 12, 31)), at=now())
    create_tariff(lot=lot, values=values(first=dt.date(2021, 1, 1)), at=now())
    make_ticket(lot, tariff=tariff)
    with pytest.raises(TariffOverlapError):
        revise_tariff(tariff=tariff, values=values(DEARER), at=now())
    tariff.refresh_from_db()
    assert tariff.superseded_at is None


def test_superseded_tariff_is_neither_revised_nor_withdrawn(lot):
    tariff = create_tariff(lot=lot, values=values(), at=now())
    make_ticket(lot)
    revise_tariff(tariff=tariff, values=values(DEARER), at=now())
    with pytest.raises(TariffSupersededError):
        revise_tariff(tariff=tariff, values=values(name="Late"), at=now())
    with pytest.raises(TariffSupersededError):
        withdraw_tariff(tariff=tariff, at=now())


def test_unused_tariff_is_deleted_and_a_used_one_kept_for_its_stays(lot):
    unused = create_tariff(lot=lot, values=values(last=dt.date(2020, 12, 31)), at=now())
    used = create_tariff(lot=lot, values=values(first=dt.date(2021, 1, 1)), at=now())
    make_ticket(lot, tariff=used)
    assert withdraw_tariff(tariff=unused, at=now()) is True
    assert withdraw_tariff(tariff=used, at=now()) is False
    assert not lot.tariffs.current().exists()
    assert lot.tariffs.get() == used
