"""The page of the record of changes: words for people, filters, and only one's own operator's."""

import datetime as dt

import pytest
from django.db import connection
from django.utils.timezone import now

from accounts.services import change_role, remove_member, set_waiver_limits
from audit.acting import Acting
from audit.how import How
from audit.kept_tables import KEPT_TABLES
from audit.models import AuditEntry
from audit.services import chain_entries
from audit.telling import acting_as
from lots.models import Lot
from office.audit.column_words import KINDS, TABLE_WORDS, column_words
from tests.entrance.sessions import client_of
from tests.factories import make_api_key, make_blocked_plate, make_gate, make_lot, make_operator, make_user

pytestmark = pytest.mark.django_db
LIST = "/manage/audit/"


@pytest.fixture
def lot():
    return make_lot(make_operator(slug="city", name="City Parking"), slug="central", name="Central Garage")


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator, name="Anna Keller")


@pytest.fixture
def changed(lot, admin):
    """A month of changes: the admin's three days ago, a task's a week ago, and one by SQL just now."""
    for acting, name in (
        (Acting(How.PAGE, by=admin.pk, page="POST /x/", request="r1", at=now() - dt.timedelta(days=3)), "Central"),
        (Acting(How.TASK, page="billing.tasks.keep_books", at=now() - dt.timedelta(days=7)), "Centre"),
    ):
        with acting_as(acting):
            Lot.objects.filter(pk=lot.pk).update(name=name, early_minutes=45 if name == "Central" else 50)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lots_lot SET published = false")
    return AuditEntry.objects.filter(subject="lots_lot", act="changed")


def text_of(client, path: str = LIST, **query) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_list_says_who_changed_what_from_what_to_what(admin, changed):
    with acting_as(Acting(How.PAGE, by=admin.pk)):
        set_waiver_limits(operator=changed[0].operator, largest=1500, a_day=None)
    page = text_of(client_of(admin))

    for said in ("Lot changed: Central", "Central Garage → Central", "Minutes a booked car may come early", "30 → 45"):
        assert said in page
    for said in ("Anna Keller", "Enter payments into the books", "In the database itself, as", "yes → no"):
        assert said in page
    for said in ("Operator changed: City Parking", "Largest waiver", "none → CHF\xa015.00"):
        assert said in page


def test_entry_tells_all_of_it(admin, changed):
    chain_entries()
    entry = changed.get(how="page")
    page = text_of(client_of(admin), f"{LIST}{entry.pk}/")

    for said in ("Central Garage", "Anna Keller", "POST /x/", "r1", "Place in the record"):
        assert said in page
    assert "given within a minute" not in page


def test_erased_entry_says_so(admin, changed):
    entry = changed.get(how="page")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_auditentry SET erased_at = now(), before = NULL, after = NULL, shown = '', salt = NULL"
            " WHERE id = %s",
            [entry.pk],
        )

    assert "no longer kept" in text_of(client_of(admin), f"{LIST}{entry.pk}/")
    assert "Central Garage → Central" not in text_of(client_of(admin))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"page", "task", "database"}),
        ({"kind": "places"}, {"page", "task", "database"}),
        ({"kind": "people"}, set()),
        ({"who": "task"}, {"task"}),
        ({"who": "admin"}, {"page"}),
        ({"lot": "central"}, {"page", "task", "database"}),
        ({"lot": "north"}, set()),
        ({"from": -4}, {"page", "database"}),
        ({"from": -8, "to": -6}, {"task"}),
        ({"to": -1}, {"page", "task"}),
    ],
)
def test_list_is_filtered(admin, lot, changed, query, found):
    make_lot(lot.operator, slug="north", tariff=None, spots={})
    days = {name: (now() + dt.timedelta(days=value)).date() for name, value in query.items() if isinstance(value, int)}
    wanted = query | days | ({"who": admin.pk} if query.get("who") == "admin" else {})
    answer = client_of(admin).get(LIST, wanted)

    assert {one.entry.how for one in answer.context["told"] if one.entry in changed} == found


def test_filter_that_is_wrong_is_refused(admin):
    for query in ({"from": "yesterday"}, {"kind": "x"}, {"lot": "other"}, {"who": "99999"}):
        assert client_of(admin).get(LIST, query).status_code == 422


def test_others_changes_are_not_there(admin, changed):
    other = make_lot(make_operator(name="Other"), name="Elsewhere")
    theirs = AuditEntry.objects.filter(operator=other.operator).latest("pk")
    client = client_of(admin)

    assert "Elsewhere" not in text_of(client)
    assert client.get(f"{LIST}{theirs.pk}/").status_code == 404
    assert client_of(make_user("attendant", changed[0].operator)).get(LIST).status_code == 403


def test_role_that_was_changed_or_removed_names_its_person(admin, lot):
    person = make_user("attendant", lot.operator, name="Beat Frei")
    member = person.memberships.get()
    change_role(membership=member, role="guard", lot_ids=[lot.pk], at=now())
    page = text_of(client_of(admin))
    assert "Role changed: Beat Frei" in page
    assert "none → Central Garage" in page

    remove_member(membership=member, at=now())
    page = text_of(client_of(admin))
    assert "Role removed: Beat Frei" in page
    assert "Role changed: Beat Frei" in page


def test_pages_follow_one_another_without_gaps_or_repeats(admin, lot):
    with acting_as(Acting(How.PAGE, by=admin.pk, at=now() - dt.timedelta(days=1))):
        for number in range(120):
            Lot.objects.filter(pk=lot.pk).update(name=f"Name {number}")
    client, seen, before = client_of(admin), [], ""
    while True:
        answer = client.get(LIST, {"before": before} if before else {})
        seen += [one.entry.pk for one in answer.context["told"]]
        before = answer.context["page"].older
        if not before:
            break

    everything = AuditEntry.objects.filter(operator=lot.operator).order_by("-at", "-pk")
    assert seen == [*everything.values_list("pk", flat=True)]
    for odd in ("x", "2026-01-01T00:00:00_1", "2026-01-01T00:00:00+00:00_x", "\0", f"{now().isoformat()}_{'9' * 40}"):
        assert client.get(LIST, {"before": odd}).status_code == 200


def test_list_takes_as_many_statements_for_many_rows_as_for_few(admin, lot, django_assert_max_num_queries):
    client = client_of(admin)
    for _ in range(12):
        make_gate(lot)
        make_blocked_plate(lot.operator, f"ZH {_}")
        person = make_user("attendant", lot.operator)
        change_role(membership=person.memberships.get(), role="admin", at=now())
    with django_assert_max_num_queries(13):
        client.get(LIST)


def test_key_is_told_as_a_key_and_its_secret_is_not(admin):
    key = make_api_key(admin, name="Books")
    page = text_of(client_of(admin))

    assert "API key added: Books" in page
    assert "set, and not told" in page
    assert key.key not in page


def test_every_table_and_column_has_words():
    listed = [table for _words, tables in KINDS.values() for table in tables]
    tables = {subject.table for subject in KEPT_TABLES}
    assert set(listed) == tables == set(TABLE_WORDS)
    assert len(listed) == len(tables)

    nameless = [
        (subject.table, column)
        for subject in KEPT_TABLES
        for column in subject.columns
        if column_words(subject.table, column) == column
    ]
    assert nameless == []
