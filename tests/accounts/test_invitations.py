"""Invitations: nobody works for an operator before the owner of the invited mailbox has accepted."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.timezone import now

from accounts.invitations import (
    VALID_FOR,
    InvitationGoneError,
    MemberExistsError,
    WrongAccountError,
    accept_invitation,
    copied_token_of,
    find_invitation,
    new_invitation,
    renew_invitation,
    token_of,
    withdraw_invitation,
)
from accounts.models import Invitation, Membership, User
from accounts.ownership import give_account
from common.errors import InvalidValueError
from notifications.delivery import deliver_due
from notifications.inviting import invite_member
from notifications.models import Message
from tests.factories import make_invitation, make_lot, make_operator, make_user

X = "employee@example.com"
GOOD = "correct horse battery"
STRANGERS = "the stranger's own words"
APP = "/_allauth/app/v1"

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return make_operator(name="Acme")


@pytest.fixture
def invited(operator):
    return make_invitation(operator, X, "admin")


def path_of(invitation):
    return f"/invitations/{token_of(invitation)}/"


def accept(client, invitation, password=GOOD):
    return client.post(path_of(invitation), {"password1": password, "password2": password})


def sign_up(email=X, password=STRANGERS):
    """Sign up as a stranger does who can't read the mail of the address."""
    client = Client()
    client.post("/accounts/signup/", {"email": email, "password1": password, "password2": password})
    return client


def sign_in(email=X, password=STRANGERS):
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def is_in(client):
    return client.get("/home/").url == "/manage/"


def test_new_person_accepts_with_a_password_and_is_let_in(client, operator, invited):
    assert "Acme" in client.get(path_of(invited)).content.decode()
    assert not Membership.objects.filter(role="admin", user__email=X).exists()

    assert accept(client, invited).url == "/home/"

    member = Membership.objects.get(user__email=X)
    assert (member.operator, member.role) == (operator, "admin")
    assert is_in(client)
    assert is_in(sign_in(password=GOOD))


@pytest.mark.parametrize(
    ("first", "second"), [("short", "short"), (GOOD, "other words here"), ("password", "password"), (X, X), ("", "")]
)
def test_password_that_will_not_do_accepts_nothing(client, invited, first, second):
    answer = client.post(path_of(invited), {"password1": first, "password2": second})

    assert (answer.status_code, User.objects.filter(email=X).exists()) == (422, False)


def test_link_works_once(client, invited):
    accept(client, invited)

    for answer in (Client().get(path_of(invited)), accept(Client(), invited, "another good phrase")):
        assert answer.status_code == 404
        assert "no longer works" in answer.content.decode()
    assert is_in(sign_in(password=GOOD))
    assert sign_in(password="another good phrase").get("/home/").url.startswith("/accounts/login/")


def test_link_expires(invited):
    token = token_of(invited)
    invited_at = invited.invited_at

    assert find_invitation(token, at=invited_at + VALID_FOR - dt.timedelta(seconds=1)).invitation == invited
    with pytest.raises(InvitationGoneError):
        find_invitation(token, at=invited_at + VALID_FOR)
    with pytest.raises(InvitationGoneError):
        accept_invitation(invitation=invited, at=invited_at + VALID_FOR, password=GOOD)


def test_copied_link_proves_no_address(invited):
    """Else an admin could open an account with the address of anybody, and see what is theirs elsewhere."""
    path = f"/invitations/{copied_token_of(invited)}/"
    page = Client().post(path, {"password1": GOOD, "password2": GOOD})
    assert page.status_code == 200
    assert "There is no account with" in page.content.decode()
    assert not User.objects.filter(email=invited.email).exists()

    owner = make_user(email=invited.email, password=GOOD)
    assert "Sign in to accept." in Client().get(path).content.decode()
    client = Client()
    client.force_login(owner)
    client.post(path)
    assert owner.memberships.get().operator == invited.operator


def test_invitation_to_some_lots_becomes_a_role_there(operator):
    lot = make_lot(operator)
    by = make_user("admin", operator)
    offered = new_invitation(
        operator=operator, email="new@example.com", role="guard", at=now(), by=by, lot_ids=[lot.pk]
    )
    member = accept_invitation(invitation=offered, at=now(), password=GOOD)
    assert (member.role, member.lot_ids) == ("guard", [lot.pk])
    with pytest.raises(InvalidValueError):
        new_invitation(operator=operator, email="b@example.com", role="guard", at=now(), by=by, lot_ids=[])


@pytest.mark.parametrize("change", ["another", "forged", "nonsense"])
def test_link_of_somebody_elses_making_is_unknown(client, invited, change):
    token = token_of(invited)
    wrong = {"another": token[:-1] + ("A" if token[-1] != "A" else "B"), "forged": "WzEsMV0:x", "nonsense": "%00"}

    assert client.get(f"/invitations/{wrong[change]}/").status_code == 404


def test_only_the_last_link_works_and_none_after_withdrawal(client, invited):
    first = path_of(invited)
    second = path_of(renew_invitation(invitation=invited, at=now()))
    assert [client.get(path).status_code for path in (first, second)] == [404, 200]

    withdraw_invitation(invitation=invited, at=now())
    withdraw_invitation(invitation=invited, at=now())
    assert client.get(second).status_code == 404
    with pytest.raises(InvitationGoneError):
        renew_invitation(invitation=invited, at=now())


def test_invitation_of_a_member_is_refused_by_any_of_their_addresses(operator):
    member = make_user("attendant", operator)
    EmailAddress.objects.create(user=member, email="second@example.com", verified=True)

    for email in (member.email.upper(), "second@example.com"):
        with pytest.raises(MemberExistsError):
            new_invitation(operator=operator, email=email, role="admin", at=now(), by=member)


def test_database_keeps_one_waiting_invitation_an_address(operator, invited):
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            operator=operator, email=X, role="admin", nonce="n", invited_at=now(), expires_at=now()
        )


def test_stranger_who_signed_up_first_gets_no_role(client, invited):
    stranger = sign_up()

    assert "password1" in client.get(path_of(invited)).content.decode()
    accept(client, invited)

    assert is_in(client)
    for browser in (stranger, sign_in()):
        assert browser.get("/home/").url.startswith("/accounts/login/")
        assert browser.get("/manage/").status_code == 302
    assert User.objects.get(email=X).check_password(GOOD)


def test_stranger_who_signs_up_while_the_invitation_waits_gets_no_role(client, invited):
    sign_up()
    assert sign_in().get("/home/").url.startswith("/accounts/login/")

    accept(client, invited)

    assert sign_in().get("/home/").url.startswith("/accounts/login/")
    assert is_in(sign_in(password=GOOD))


def test_strangers_headless_sign_up_does_not_wake_up_after_acceptance(client, invited):
    program = Client()
    body = {"email": X, "password": STRANGERS}
    begun = program.post(f"{APP}/auth/signup", body, content_type="application/json").json()
    headers = {"X-Session-Token": begun["meta"]["session_token"]}

    accept(client, invited)

    assert program.get(f"{APP}/auth/session", headers=headers).status_code == 401
    answer = program.post(f"{APP}/auth/login", body, content_type="application/json", headers=headers)
    assert "access_token" not in answer.json().get("meta", {})


def test_link_that_confirms_the_strangers_sign_up_does_not_work_after_acceptance(client, operator):
    invited = make_invitation(operator, "once@example.com")
    sign_up(invited.email)
    confirmation = Message.objects.get(recipient=invited.email, template="raw").context["text"]
    path = confirmation[confirmation.index("/accounts/confirm-email/") :].split()[0]

    accept(client, invited)
    Client().post(path)

    assert User.objects.get(email=invited.email).check_password(GOOD)
    assert EmailAddress.objects.filter(email=invited.email, verified=True).count() == 1


def test_owner_keeps_nothing_that_a_stranger_brought():
    stranger = User.objects.create_user(X, STRANGERS)
    EmailAddress.objects.create(user=stranger, email=X, primary=True)
    EmailAddress.objects.create(user=stranger, email="stranger@example.com")
    Authenticator.objects.create(user=stranger, type="totp", data={})
    session = Client()
    session.force_login(stranger)
    UserSession.objects.create(user=stranger, ip="127.0.0.1", session_key=session.session.session_key, user_agent="")

    owner = give_account(email=X, password=GOOD)

    assert owner == stranger
    assert [(one.email, one.verified) for one in EmailAddress.objects.filter(user=owner)] == [(X, True)]
    assert not Authenticator.objects.exists()
    assert not UserSession.objects.exists()
    assert session.get("/home/").url.startswith("/accounts/login/")


def test_account_that_only_claims_the_address_beside_its_own_keeps_its_own():
    stranger = make_user(password=STRANGERS)
    own = stranger.email
    EmailAddress.objects.create(user=stranger, email=X)
    User.objects.filter(pk=stranger.pk).update(email=X)

    owner = give_account(email=X, password=GOOD)

    stranger.refresh_from_db()
    assert (stranger.email, owner.email, owner != stranger) == (own, X, True)
    assert not EmailAddress.objects.filter(user=stranger, email=X).exists()


def test_person_with_an_account_accepts_signed_in_as_it(client, operator, invited):
    person = make_user(email=X, password=GOOD)

    page = client.get(path_of(invited)).content.decode()
    assert "Sign in to accept" in page
    assert "password1" not in page
    assert client.post(path_of(invited), {"password1": STRANGERS, "password2": STRANGERS}).status_code == 403
    assert not person.memberships.exists()

    client.force_login(person)
    assert client.post(path_of(invited)).url == "/home/"
    assert person.memberships.get().operator == operator
    assert User.objects.get(email=X).check_password(GOOD)


def test_account_that_has_the_address_as_a_second_one_is_the_one(client, operator, invited):
    person = make_user(password=GOOD)
    EmailAddress.objects.create(user=person, email=X, verified=True)
    client.force_login(person)

    assert person.email in client.get(path_of(invited)).content.decode()
    client.post(path_of(invited))

    assert person.memberships.get().operator == operator
    assert not User.objects.filter(email=X).exists()


def test_somebody_else_does_not_accept(client, invited):
    make_user(email=X, password=GOOD)
    other = make_user(password=STRANGERS)
    client.force_login(other)

    assert "Sign out" in client.get(path_of(invited)).content.decode()
    assert client.post(path_of(invited)).status_code == 403
    assert not Membership.objects.filter(role="admin", user=other).exists()


def test_new_person_accepts_in_a_browser_where_somebody_else_is_signed_in(client, invited):
    client.force_login(make_user())

    accept(client, invited)

    assert client.get("/api/v1/me").json()["email"] == X


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_back_office_and_shut_out_accounts_are_never_taken_over(client, invited, fields):
    User.objects.create_user(X, STRANGERS, **fields)

    assert accept(client, invited).status_code == 403
    assert User.objects.get(email=X).check_password(STRANGERS)


def test_member_keeps_the_role_they_have(operator, invited):
    person = make_user("attendant", operator, email="a@example.com", password=GOOD)
    EmailAddress.objects.create(user=person, email=X, verified=True)

    assert accept_invitation(invitation=invited, at=now(), account=person).role == "attendant"


def test_service_takes_no_other_account(invited):
    make_user(email=X, password=GOOD)

    with pytest.raises(WrongAccountError):
        accept_invitation(invitation=invited, at=now(), account=make_user())


@pytest.mark.django_db(transaction=True)
def test_one_of_many_acceptances_at_once_counts(invited):
    start = Barrier(4)

    def take(number):
        start.wait()
        try:
            accept_invitation(invitation=invited, at=now(), password=f"{GOOD} {number}")
        except (InvitationGoneError, WrongAccountError):
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(take, range(4))) == 1
    assert Membership.objects.filter(user__email=X).count() == 1


def test_password_reset_goes_to_no_account_that_only_claims_the_address(client):
    """Its owner would choose the password of a stranger's account, and the stranger would get in by their own address."""
    stranger = make_user(password=STRANGERS)
    EmailAddress.objects.create(user=stranger, email=X)

    for ask in (
        lambda: client.post("/accounts/password/reset/", {"email": X}),
        lambda: client.post(f"{APP}/auth/password/request", {"email": X}, content_type="application/json"),
    ):
        Message.objects.all().delete()
        ask()
        assert "/password/reset/key/" not in Message.objects.get(recipient=X).context["text"]


def test_password_reset_goes_to_the_owner(client):
    person = make_user(password=GOOD)

    client.post("/accounts/password/reset/", {"email": person.email})

    assert "/password/reset/key/" in Message.objects.get(recipient=person.email).context["text"]


def test_link_is_not_kept_once_it_is_sent(operator):
    by = make_user("admin", operator)
    invite_member(operator=operator, email=X, role="attendant", at=now(), by=by)
    assert "/invitations/" in Message.objects.get().context["link"]

    assert deliver_due(at=now()) == 1

    assert Message.objects.get().context == {}


def test_page_is_never_kept_by_a_browser(client, invited):
    for person in (None, make_user(), make_user("attendant", invited.operator)):
        client.logout()
        if person:
            client.force_login(person)
        assert "no-store" in client.get(path_of(invited))["Cache-Control"]
