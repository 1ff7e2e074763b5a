"""Each change names who made it: by a page, the API, a key, the back office, a task, a command, or bare SQL."""

import json

import pytest
from celery import shared_task
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Operator, User
from audit.acting import Acting, acting_now
from audit.how import How
from audit.models import AuditEntry
from audit.telling import acting_as
from lots.models import Lot
from tests.factories import make_api_key, make_lot, make_operator, make_user

PASSWORD = "a-long-enough-password"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lot():
    return make_lot(make_operator(slug="city"), slug="central", name="Central")


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator, password=PASSWORD)


def last() -> AuditEntry:
    return AuditEntry.objects.order_by("id").last()


def of_last() -> tuple[object, ...]:
    entry = last()
    return entry.subject, entry.how, entry.by_id, entry.page


def log_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def set_limits(client) -> None:
    answer = client.post(reverse("office:waiver_limits", args=["city"]), {"largest": "12", "a_day": "40"})
    assert answer.status_code == 302, answer.content.decode()


def rename(client) -> None:
    answer = client.patch("/api/v1/lots/central", {"name": "Centre"}, content_type="application/json")
    assert answer.status_code == 200, answer.content


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@shared_task
def rename_by_task() -> None:
    Lot.objects.update(name="Renamed by a task")


def test_page_names_the_person_and_the_request(admin):
    set_limits(log_in(admin))

    entry = last()
    assert (entry.subject, entry.act, entry.how, entry.by) == ("accounts_operator", "changed", How.PAGE, admin)
    assert entry.page == "POST /manage/waivers/<slug:operator>/limits/"
    assert len(entry.request) == 36
    assert (entry.before, entry.after) == (
        {"waiver_limit": None, "waiver_day_limit": None},
        {"waiver_limit": 1200, "waiver_day_limit": 4000},
    )


def test_api_with_a_token_names_the_person(lot, admin):
    body = {"email": admin.email, "password": PASSWORD}
    meta = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json").json()["meta"]
    rename(Client(headers={"authorization": f"Bearer {meta['access_token']}"}))

    entry = last()
    assert (entry.how, entry.by, entry.lot, entry.operator) == (How.API, admin, lot.pk, lot.operator)
    assert (entry.before, entry.after) == ({"name": "Central"}, {"name": "Centre"})
    assert entry.page.startswith("PATCH /api/v1/lots/")


def test_api_key_names_its_account(admin):
    key = make_api_key(admin, "lots:read", "lots:write")
    rename(Client(headers={"authorization": f"Bearer {key.key}"}))

    assert of_last()[:3] == ("lots_lot", How.PROGRAM, key.row.acts_as_id)


def test_back_office_names_its_person(lot):
    root = User.objects.create_superuser("root@example.com")
    other = make_user("attendant", lot.operator)
    answer = log_in(root).post(
        reverse("admin:accounts_user_changelist"),
        {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"},
    )
    assert answer.status_code in {200, 302}
    removed = AuditEntry.objects.filter(subject="accounts_membership", act="removed").last()
    assert removed is not None
    assert (removed.how, removed.by, removed.operator) == (How.BACK_OFFICE, root, lot.operator)


def test_task_names_itself(lot):
    rename_by_task.apply()

    assert of_last() == ("lots_lot", How.TASK, None, rename_by_task.name)
    assert acting_now() is None


def test_bare_sql_names_the_databases_user(lot):
    sql("UPDATE lots_lot SET name = 'Edited'")

    entry = last()
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        (role,) = cursor.fetchone()
    assert (entry.how, entry.by, entry.page, entry.role) == (How.DATABASE, None, "", role)


def test_a_connection_forgets_who_was_there_before(lot, admin):
    """The request, the task and the SQL share this thread's connection."""
    backend = connection.connection and connection.connection.info.backend_pid
    set_limits(log_in(admin))
    sql("UPDATE lots_lot SET name = 'One'")
    assert of_last()[1:3] == (How.DATABASE, None)
    with transaction.atomic():
        with acting_as(Acting(How.PAGE, by=admin.pk)):
            Lot.objects.update(name="Two")
        assert of_last()[1:3] == (How.PAGE, admin.pk)
        Lot.objects.update(name="Nobody's")
        assert of_last()[1:3] == (How.DATABASE, None)
    sql("UPDATE lots_lot SET name = 'Three'")
    assert of_last()[1:3] == (How.DATABASE, None)
    if backend and connection.connection:
        assert connection.connection.info.backend_pid == backend


def test_one_write_outside_a_transaction_is_named(lot, admin):
    with acting_as(Acting(How.PAGE, by=admin.pk)):
        assert not connection.in_atomic_block
        assert Lot.objects.filter(pk=lot.pk).update(name="Named") == 1

    assert of_last()[1:3] == (How.PAGE, admin.pk)


def rename_and_fail() -> None:
    Lot.objects.update(name="Undone")
    raise ZeroDivisionError


def test_what_is_rolled_back_leaves_nothing(lot, admin):
    before = AuditEntry.objects.count()
    with acting_as(Acting(How.PAGE, by=admin.pk)):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            rename_and_fail()
        assert AuditEntry.objects.count() == before
        with transaction.atomic():
            Lot.objects.update(name="Kept")
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                rename_and_fail()
            Operator.objects.update(name="Kept, too")

    made = AuditEntry.objects.order_by("id")[before:]
    assert [(one.subject, one.after, one.by_id) for one in made] == [
        ("lots_lot", {"name": "Kept"}, admin.pk),
        ("accounts_operator", {"name": "Kept, too"}, admin.pk),
    ]


def test_nobody_chooses_the_id_of_a_request(lot, admin):
    client = log_in(admin)
    client.defaults["HTTP_X_REQUEST_ID"] = "chosen"
    set_limits(client)

    assert last().request not in {"", "chosen"}


def test_a_read_asks_nothing_about_who_acts(lot, admin, django_assert_num_queries):
    with acting_as(Acting(How.PAGE, by=admin.pk)):
        with django_assert_num_queries(1):
            Lot.objects.get(pk=lot.pk)
        with django_assert_num_queries(1):
            User.objects.filter(pk=admin.pk).update(last_login=now())


def test_no_more_is_said_than_how_by_whom_and_where(lot, admin):
    with acting_as(Acting(How.PAGE, by=admin.pk, page="GET /x")), transaction.atomic():
        Lot.objects.update(name="Said")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('parking.acting')")
            (said,) = cursor.fetchone()
    assert json.loads(said) == {"how": "page", "by": admin.pk, "page": "GET /x", "request": "", "at": None}
