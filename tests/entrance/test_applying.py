"""Companies apply as operators where they may: the address is confirmed, and who runs the installation decides."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.test import Client
from django.utils.timezone import now

from accounts.applications import (
    CONFIRMED_WITHIN,
    KEPT_FOR,
    ApplicationGoneError,
    accept_application,
    application_token,
    clear_applications,
    confirm_application,
    decline_application,
)
from accounts.models import Invitation, Membership, Operator, OperatorApplication, Role, User
from accounts.services import create_operator
from common.web import rate_limits
from notifications.models import Message
from parking.menus import site
from tests.at_once import codes_at_once, meeting
from tests.entrance.sessions import client_of
from tests.factories import make_application, make_operator, make_user

ACME = {"company": "Acme Parking", "name": "Ada", "email": "Ada@acme.example", "country": "JP", "wishes": "Two lots."}
LIST = "/installation/applications/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def allowed(settings, db):
    settings.OPERATORS_MAY_APPLY = True
    rate_limits._shared_store.cache_clear()
    rate_limits._throttle.cache_clear()


@pytest.fixture
def operator():
    return make_operator("first")


@pytest.fixture
def root():
    return User.objects.create_superuser("root@example.com", "green-tower-5")


def send(address="192.0.2.1", **fields):
    return Client().post("/apply/", ACME | fields, REMOTE_ADDR=address)


def link_sent():
    return Message.objects.filter(template="application_confirm").latest("pk").context["link"].partition("8000")[2]


def page_of(application):
    return f"{LIST}{application.pk}/"


def test_a_company_applies_confirms_is_accepted_and_its_first_admin_let_in(operator, root):
    make_user("admin", make_operator())
    assert send().headers["Location"] == "/apply/sent/"
    application, link = OperatorApplication.objects.get(), link_sent()
    assert (application.email, application.country, application.wishes) == ("ada@acme.example", "JP", "Two lots.")
    assert b"Acme Parking" not in client_of(root).get(LIST).content

    stranger = Client()
    assert stranger.get(link).status_code == 200
    application.refresh_from_db()
    assert application.confirmed_at is None
    for _twice in range(2):
        assert b"is waiting" in stranger.post(link, follow=True).content
    told = Message.objects.get(template="application_came")
    assert (told.recipient, told.context["link"].partition("8000")[2]) == (root.email, page_of(application))

    staff = client_of(root)
    assert b"1 company waits" in staff.get(LIST).content
    assert b"Two lots." in staff.get(page_of(application)).content
    answer = staff.post(page_of(application), {"act": "accept", "name": "Acme Tokyo", "country": "JP"}, follow=True)
    assert "Acme Tokyo is an operator now" in answer.content.decode()
    made = Operator.objects.get(slug="acme-tokyo")
    assert (made.name, made.currency, made.timezone) == ("Acme Tokyo", "JPY", "Asia/Tokyo")

    invitation = Message.objects.get(template="invitation").context["link"].partition("8000")[2]
    ada = Client()
    ada.post(invitation, {"password1": "blue-garage-71", "password2": "blue-garage-71"})
    membership = Membership.objects.get(operator=made)
    assert (membership.role, membership.user.email) == (Role.ADMIN, "ada@acme.example")
    assert ada.get("/manage/").status_code == 200
    assert ada.get(LIST).status_code == 403


def test_who_applied_is_told_by_mail_what_was_declined(operator, root):
    application = make_application()
    answer = client_of(root).post(page_of(application), {"act": "decline", "answer": "Only lots\nin Spain."})
    assert answer.status_code == 302
    application.refresh_from_db()
    assert (application.decided_by, application.answer) == (root, "Only lots\nin Spain.")
    message = Message.objects.get(template="application_declined")
    assert (message.recipient, message.context["answer"]) == (application.email, application.answer)
    assert not Invitation.objects.exists()
    page = client_of(root).get(page_of(application)).content.decode()
    assert "Declined" in page
    assert not re.search(r'name="act"', page)
    assert (
        client_of(root).post(page_of(application), {"act": "accept", "name": "A", "country": "CH"}).status_code == 404
    )
    assert Operator.objects.count() == 1


def test_nobody_applies_where_it_is_not_allowed_or_before_the_first_operator(settings):
    assert Client().get("/apply/").headers["Location"] == "/first-run/"
    settings.OPERATORS_MAY_APPLY = False
    make_operator()
    assert Client().get("/apply/").status_code == Client().get("/apply/sent/").status_code == send().status_code == 404
    assert not OperatorApplication.objects.exists()


def test_the_foot_of_public_pages_leads_to_it_only_where_it_is_allowed(operator, settings, rf):
    assert 'href="/apply/"' in Client().get("/accounts/login/").content.decode()
    settings.OPERATORS_MAY_APPLY = False
    assert 'href="/apply/"' not in Client().get("/accounts/login/").content.decode()
    request = rf.get("/")
    request.user, request.resolver_match = AnonymousUser(), None
    assert not site(request)["may_apply"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"email": "nobody"}, "email"), ({"company": ""}, "required"), ({"country": "XX"}, "valid choice")],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(operator, wrong, said):
    answer = send(**wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not OperatorApplication.objects.exists()


def test_tries_are_limited_by_address_and_mails_by_who_gets_them(operator):
    assert [send(email=f"{number}@acme.example").status_code for number in range(6)] == [302] * 5 + [429]
    assert [send(f"198.51.100.{number}").status_code for number in range(4)] == [302] * 3 + [429]


def test_a_repeated_application_replaces_one_that_waits_for_its_link_and_none_that_waits_for_an_answer(operator):
    send(company="First try")
    first = link_sent()
    send()
    assert OperatorApplication.objects.get().company == "Acme Parking"
    assert Client().get(first).status_code == 404
    Client().post(link_sent())
    mails = Message.objects.count()
    assert send("198.51.100.7", company="Somebody else").headers["Location"] == "/apply/sent/"
    assert OperatorApplication.objects.get().company == "Acme Parking"
    assert Message.objects.count() == mails


def test_a_link_works_for_some_days_and_none_of_somebody_s_own_making(operator):
    application = make_application(confirmed=False)
    token = application_token(application)
    assert Client().get(f"/apply/confirm/{token}/").status_code == 200
    assert Client().get(f"/apply/confirm/x{token}/").status_code == 404
    OperatorApplication.objects.update(applied_at=now() - CONFIRMED_WITHIN - dt.timedelta(minutes=1))
    assert Client().post(f"/apply/confirm/{token}/").status_code == 404
    assert clear_applications(at=now()) == 1


def test_only_who_runs_the_installation_decides(operator, root):
    admin, attendant = client_of(make_user("admin", operator)), client_of(make_user("attendant", operator))
    application = make_application()
    assert admin.get(LIST).status_code == 200
    assert b"only superusers" in admin.get(page_of(application)).content
    assert b"only superusers" not in client_of(root).get(page_of(application)).content
    assert attendant.get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 302
    make_operator()
    answers = [admin.get(LIST), admin.get(page_of(application)), admin.post(page_of(application), {"act": "decline"})]
    assert [one.status_code for one in answers] == [403] * 3
    assert client_of(root).get(page_of(application)).status_code == 200


def test_the_admin_of_the_only_operator_hands_the_installation_over(operator):
    admin, application = client_of(make_user("admin", operator)), make_application()
    assert 'href="/installation/applications/"' in admin.get("/manage/tasks/").content.decode()
    answer = admin.post(page_of(application), {"act": "accept", "name": "Acme", "country": "CH"}, follow=True)
    assert answer.redirect_chain[-1] == ("/manage/", 302)
    assert "Acme is an operator now" in answer.content.decode()
    assert 'href="/installation/applications/"' not in admin.get("/manage/tasks/").content.decode()


def test_an_application_whose_address_is_not_confirmed_is_nobody_s_to_decide(operator, root):
    application = make_application(confirmed=False)
    assert client_of(root).get(page_of(application)).status_code == 404
    with pytest.raises(ApplicationGoneError):
        decline_application(application=application, answer="", by=root, at=now())


def test_decided_applications_are_deleted_after_some_time(operator, root):
    old, waiting = make_application("a@old.example"), make_application("b@old.example")
    decline_application(application=old, answer="", by=root, at=now() - KEPT_FOR - dt.timedelta(days=1))
    assert clear_applications(at=now()) == 1
    assert OperatorApplication.objects.get() == waiting


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [False, True], ids=["without the lock", "with it"])
def test_two_who_accept_at_once_make_one_operator(monkeypatch, locked):
    make_operator("first")
    root, application = User.objects.create_superuser("root@example.com", "x"), make_application()
    if not locked:
        # Both have read that it waits before either makes the operator.
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *_names, **_options: rows)
        monkeypatch.setattr("accounts.applications.create_operator", meeting(create_operator))

    def accept(name):
        values = {"name": name, "currency": "CHF", "timezone": "Europe/Zurich"}
        return accept_application(application=application, values=values, by=root, at=now()).operator.name

    ends = codes_at_once([lambda: accept("Acme"), lambda: accept("Other")])
    assert Operator.objects.count() == (2 if locked else 3)
    assert ("application_gone" in ends) == locked


@pytest.mark.django_db(transaction=True)
def test_an_application_is_confirmed_once(operator):
    application = make_application(confirmed=False)
    results = codes_at_once([lambda: confirm_application(application=application, at=now())] * 2)
    assert sorted(results) == [False, True]
