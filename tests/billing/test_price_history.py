"""Who changed which prices when: the database keeps every change."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import Tariff, TariffChange
from billing.services.tariff_drafts import DraftValues, discard_draft, publish_draft, save_draft, start_draft
from billing.services.tariffs import TariffValues, create_tariff, revise_tariff, withdraw_tariff
from tests.factories import HOURLY, LONG_AGO, make_lot, make_ticket, make_user

AT = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
DEARER = HOURLY | {"minimum_charge": 500}

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_user("admin")


@pytest.fixture
def lot():
    return make_lot(tariff=None)


def told(lot):
    return [
        (one.subject, one.before and one.before["name"], one.after and one.after["name"], one.how, one.by, one.at)
        for one in TariffChange.objects.filter(lot=lot).order_by("pk")
    ]


def test_changes_of_a_tariff_are_kept_with_who_and_when(lot, person):
    tariff = create_tariff(lot=lot, values=TariffValues("City", LONG_AGO, None, HOURLY), at=AT)
    later = AT + dt.timedelta(hours=1)
    revise_tariff(tariff=tariff, values=TariffValues("Town", LONG_AGO, None, DEARER), at=later, by=person)
    withdraw_tariff(tariff=tariff, at=later, by=person)
    assert told(lot) == [
        ("tariff", None, "City", "site_file", None, AT),
        ("tariff", "City", "Town", "person", person, later),
        ("tariff", "Town", None, "person", person, later),
    ]
    changed = TariffChange.objects.get(before__name="City")
    assert (changed.before["rules"], changed.after["rules"]) == (HOURLY, DEARER)


def test_changes_of_a_draft_are_kept(lot, person):
    draft = start_draft(lot=lot, values=DraftValues("One", HOURLY), at=AT, by=person)
    draft = save_draft(draft=draft, values=DraftValues("Two", HOURLY), at=AT, by=person)
    publish_draft(draft=draft, valid_from=dt.date(2026, 3, 9), at=AT, by=person)
    discard_draft(draft=start_draft(lot=lot, values=DraftValues("No", HOURLY), at=AT, by=person), at=AT, by=person)
    assert [(subject, before, after) for subject, before, after, *_ in told(lot)] == [
        ("draft", None, "One"),
        ("draft", "One", "Two"),
        ("tariff", None, "Two"),
        ("draft", "Two", "Two"),
        ("draft", None, "No"),
        ("draft", "No", None),
    ]


def test_what_changes_nothing_is_no_change(lot):
    tariff = create_tariff(lot=lot, values=TariffValues("City", LONG_AGO, None, HOURLY), at=AT)
    revise_tariff(tariff=tariff, values=TariffValues("City", LONG_AGO, None, HOURLY), at=AT)
    assert len(told(lot)) == 1


@pytest.mark.django_db(transaction=True)
def test_change_past_the_services_names_the_database_and_nobody(lot, person):
    create_tariff(lot=lot, values=TariffValues("City", LONG_AGO, None, HOURLY), at=AT, by=person)
    Tariff.objects.update(rules=DEARER)
    change = TariffChange.objects.latest("pk")
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        assert (change.how, change.by, change.role) == ("database", None, cursor.fetchone()[0])


def test_history_is_not_changed_but_outlives_its_person(lot, person):
    create_tariff(lot=lot, values=TariffValues("City", LONG_AGO, None, HOURLY), at=AT, by=person)
    for fields in ({"after": None}, {"by": make_user()}, {"at": AT + dt.timedelta(days=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TariffChange.objects.update(**fields)
    person.delete()
    assert [(one.by, one.after["name"]) for one in TariffChange.objects.all()] == [(None, "City")]


def test_change_that_fails_leaves_no_history(lot):
    create_tariff(lot=lot, values=TariffValues("City", LONG_AGO, None, HOURLY), at=AT)
    make_ticket(lot)
    with pytest.raises(Exception, match="valid on some"):
        create_tariff(lot=lot, values=TariffValues("Other", LONG_AGO, None, HOURLY), at=AT)
    assert len(told(lot)) == 1
