"""The page of tasks: what ran, what comes, and doing it now."""

import datetime as dt

import pytest
from django.utils.timezone import now

from notifications.models import Message
from reports.models import AskedTask, Run, TaskRecord
from reports.services import notice_due, work_runs
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_user
from tests.reports.plans import only_planned, people

pytestmark = pytest.mark.django_db
PAGE = "/manage/tasks/"


@pytest.fixture
def operator():
    return make_lot(timezone="UTC").operator


@pytest.fixture
def admin(operator):
    return client_of(make_user("admin", operator, timezone="UTC"))


def fails(text):
    TaskRecord.objects.create(
        name="reports.tasks.work_on_runs",
        last_began_at=now(),
        runs=3,
        failures=1,
        last_failed_at=now(),
        last_error=text,
    )


def test_errors_are_shown_to_who_runs_the_installation_alone(admin):
    fails("of somebody else's row")
    assert "somebody else" in admin.get(PAGE).content.decode()

    make_operator()
    page = admin.get(PAGE).content.decode()
    assert "somebody else" not in page
    assert "Plan reminders and reports" in page


def test_runs_are_shown_by_day_with_what_was_left_out(admin):
    day = now().date()
    for zone, state, done in (("Asia/Tokyo", "done", 9), ("Europe/Rome", "left_out", 2)):
        Run.objects.create(
            name="daily_reminders",
            zone=zone,
            day=day,
            due_at=now(),
            state=state,
            of=9,
            done=done,
            told=1,
            ended_at=now(),
        )

    page = admin.get(PAGE).content.decode()

    assert "Not told in: Europe/Rome" in page
    assert "11 of 18" in page
    assert "hx-get" not in page.split('id="runs"')[1].split(">")[0]


def test_the_list_asks_for_itself_while_something_is_going_on(admin, operator, monkeypatch):
    only_planned(monkeypatch)
    at = (now() + dt.timedelta(days=1)).replace(hour=12)  # the admin is there by then, whatever time it is
    people("UTC", 3, joined=at - dt.timedelta(days=2))
    monkeypatch.setattr("office.task_pages.now", lambda: at)

    asked = admin.post(f"{PAGE}reminders/")
    assert asked.status_code == 302
    admin.post(f"{PAGE}reminders/")
    part = admin.get(PAGE, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in part.content.decode()
    assert "0 of 4" in part.content.decode()
    assert "<h1>" not in part.content.decode()
    assert admin.get(PAGE, headers={"HX-Request": "true", "If-None-Match": part["ETag"]}).status_code == 304

    work_runs(clock=lambda: at, seconds=60)
    part = admin.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert "4 of 4" in part
    assert "hx-trigger" not in part
    assert Message.objects.filter(template="daily_reminder").count() == 4
    assert AskedTask.objects.get().by.email in part


def test_before_nine_it_is_said_that_reminders_follow(admin, monkeypatch):
    monkeypatch.setattr("office.task_pages.now", lambda: now().replace(hour=3))
    page = admin.post(f"{PAGE}reminders/", follow=True).content.decode()
    assert "it is not 09:00 yet" in page


def test_month_that_is_not_over_is_refused(admin):
    page = admin.post(f"{PAGE}reports/", {"month": "2999-01-01"})
    assert page.status_code == 422
    assert AskedTask.objects.count() == 0


def test_cache_is_cleared(admin):
    page = admin.post(f"{PAGE}cache/", follow=True).content.decode()
    assert "The cache is being emptied." in page
    assert AskedTask.objects.get().name == "cache_clear"


def test_page_takes_as_many_queries_however_much_ran(admin, django_assert_max_num_queries):
    for days in range(20):
        for zone in ("UTC", "Asia/Tokyo"):
            day = now().date() - dt.timedelta(days=days)
            Run.objects.create(name="daily_reminders", zone=zone, day=day, due_at=now(), state="done", ended_at=now())
    with django_assert_max_num_queries(20):
        admin.get(PAGE)


def test_nothing_of_a_quiet_installation_is_left_to_notice():
    assert notice_due(at=now()) == 0
