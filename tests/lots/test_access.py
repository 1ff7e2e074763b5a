"""Lots seen by those who run them, and by nobody else."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from common.errors import ForbiddenError, NotFoundError
from lots.access import load_lot, lots_visible_to
from tests.factories import make_lot, make_operator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(make_operator())


def test_member_sees_the_lots_of_the_operator_and_no_others(lot):
    make_lot()
    assert list(lots_visible_to(make_user("attendant", lot.operator))) == [lot]


def test_driver_visitor_and_superuser_see_none(lot):
    for person in (make_user(), AnonymousUser(), User.objects.create_superuser("root@example.com")):
        assert not lots_visible_to(person).exists()


def test_lot_of_another_operator_is_as_unknown_as_one_that_is_not_there(lot):
    stranger = make_user("admin", make_operator())
    errors = []
    for slug in (lot.slug, "no-such-lot"):
        with pytest.raises(NotFoundError) as caught:
            load_lot(stranger, slug, "admin")
        errors.append(caught.value.message)
    assert errors[0] == errors[1]


def test_attendant_is_refused_what_needs_an_admin(lot):
    attendant = make_user("attendant", lot.operator)
    assert load_lot(attendant, lot.slug, "attendant") == lot
    with pytest.raises(ForbiddenError):
        load_lot(attendant, lot.slug, "admin")


def test_admin_of_one_operator_and_attendant_of_another_has_each_role_at_its_own():
    here, there = make_lot(), make_lot()
    person = make_user("admin", here.operator)
    person.memberships.create(operator=there.operator, role="attendant")
    assert load_lot(person, here.slug, "admin") == here
    with pytest.raises(ForbiddenError):
        load_lot(person, there.slug, "admin")
