"""Roles: who is let in, who is sent away, and how."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.access import has_role, operators_of, role_required
from accounts.models import User
from tests.factories import make_operator, make_user

pytestmark = pytest.mark.django_db


def visit(rf, user, role):
    request = rf.get("/somewhere/?a=1")
    request.user = user
    return role_required(role)(lambda _: HttpResponse("in"))(request)


@pytest.mark.parametrize("role", ["admin", "attendant"])
def test_visitor_is_sent_to_log_in_and_back(rf, role):
    answer = visit(rf, AnonymousUser(), role)
    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/somewhere/%3Fa%3D1")


@pytest.mark.parametrize(("held", "needed"), [("admin", "admin"), ("admin", "attendant"), ("attendant", "attendant")])
def test_member_with_the_role_is_let_in(rf, held, needed):
    assert visit(rf, make_user(held), needed).status_code == 200


@pytest.mark.parametrize(("held", "needed"), [("attendant", "admin"), (None, "admin"), (None, "attendant")])
def test_known_person_with_too_low_a_role_is_refused(rf, held, needed):
    with pytest.raises(PermissionDenied):
        visit(rf, make_user(held), needed)


def test_superuser_is_no_member(rf):
    with pytest.raises(PermissionDenied):
        visit(rf, User.objects.create_superuser("root@example.com"), "attendant")


def test_role_counts_at_its_own_operator_only():
    mine, other = make_operator(), make_operator()
    person = make_user("attendant", mine)
    assert has_role(person, "attendant", mine)
    assert not has_role(person, "attendant", other)
    assert list(operators_of(person)) == [mine]
    assert not operators_of(person, "admin").exists()
