"""What an admin sees of the people who work here, and how their sessions are ended."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils.timezone import now

from accounts.models import Membership
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_user

pytestmark = pytest.mark.django_db


class Team:
    """An admin and an attendant of one operator, both signed in."""

    def __init__(self):
        self.operator = make_operator()
        self.admin, self.attendant = make_user("admin", self.operator), make_user("attendant", self.operator)
        self.client, self.theirs = client_of(self.admin), client_of(self.attendant)
        session = self.theirs.session
        UserSession.objects.create(user=self.attendant, session_key=session.session_key, ip="127.0.0.1")

    def sign_out(self, client=None):
        member = self.attendant.memberships.get(operator=self.operator)
        return (client or self.client).post(f"/manage/people/{member.pk}/sign-out/", follow=True)

    def is_signed_in(self):
        return self.theirs.get("/desk/").status_code != 302


@pytest.fixture
def team():
    return Team()


def test_list_shows_the_second_factor_and_the_last_sign_in_in_as_few_statements(team, django_assert_max_num_queries):
    def rows():
        return team.client.get("/manage/people/").content.decode().partition("<tbody>")[2].partition("</tbody>")[0]

    page = rows()
    assert (page.count(">off<"), page.count("never")) == (2, 0)
    Authenticator.objects.create(user=team.attendant, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=team.admin, type=Authenticator.Type.RECOVERY_CODES, data={})
    new = make_user("attendant", team.operator)

    page = rows()

    assert (page.count(">on<"), page.count(">off<")) == (1, 2)
    assert new.last_login is None
    assert ">never<" in page
    for _ in range(20):
        make_user("attendant", team.operator)
    with django_assert_max_num_queries(14):
        team.client.get("/manage/people/")


def test_admin_signs_a_member_out_on_all_devices(team):
    assert team.is_signed_in()

    assert "is signed out: 1 session." in team.sign_out().content.decode()
    assert not team.is_signed_in()


@pytest.mark.parametrize("elsewhere", ["admin", "attendant", "back office"])
def test_who_answers_to_others_too_is_signed_out_only_by_those(team, elsewhere):
    if elsewhere == "back office":
        team.attendant.is_staff = True
        team.attendant.save()
    else:
        Membership.objects.create(user=team.attendant, operator=make_operator(), role=elsewhere, since=now())

    response = team.sign_out()

    assert team.is_signed_in() == (elsewhere != "attendant")
    assert response.status_code == (200 if elsewhere == "attendant" else 422)


def test_role_at_an_archived_lot_stays_there_when_it_is_changed(team):
    lot = make_lot(team.operator, slug="old", archived_at=now())
    make_lot(team.operator, slug="other")
    member = team.attendant.memberships.get()
    Membership.objects.filter(pk=member.pk).update(lot_ids=[lot.pk])

    assert "checked" in team.client.get(f"/manage/people/{member.pk}/").content.decode()
    team.client.post(f"/manage/people/{member.pk}/role/", {"role": "guard", "lots": ["old"]})
    member.refresh_from_db()
    assert (member.role, member.lot_ids) == ("guard", [lot.pk])


def test_attendant_and_admin_of_another_operator_sign_nobody_out(team):
    assert team.sign_out(client_of(make_user("admin", make_operator()))).status_code == 404
    assert team.sign_out(client_of(make_user("attendant", team.operator))).status_code == 403
    assert team.is_signed_in()
