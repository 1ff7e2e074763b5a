"""Who works for an operator: other roles, leaving, and the admin that always stays."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import Membership, User
from accounts.permits import end_permit
from accounts.services import LastAdminError, change_role, remove_member
from tests.factories import make_operator, make_permit, make_user

NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.mark.django_db
def test_role_changes_and_stays():
    operator = make_operator()
    make_user("admin", operator)
    member = make_user("attendant", operator).memberships.get()

    assert change_role(membership=member, role="admin", at=NOW).role == "admin"
    assert change_role(membership=member, role="admin", at=NOW).role == "admin"
    assert change_role(membership=member, role="attendant", at=NOW).role == "attendant"


@pytest.mark.django_db
def test_last_admin_stays_admin():
    operator = make_operator()
    make_user("admin")
    make_user("attendant", operator)
    last = make_user("admin", operator).memberships.get()

    with pytest.raises(LastAdminError):
        change_role(membership=last, role="attendant", at=NOW)
    with pytest.raises(LastAdminError):
        remove_member(membership=last, at=NOW)

    assert Membership.objects.get(pk=last.pk).role == "admin"


@pytest.mark.django_db
def test_member_leaves_once():
    operator = make_operator()
    make_user("admin", operator)
    member = make_user("admin", operator).memberships.get()

    remove_member(membership=Membership.objects.get(pk=member.pk), at=NOW)
    remove_member(membership=member, at=NOW)

    assert not Membership.objects.filter(pk=member.pk).exists()
    assert User.objects.filter(pk=member.user_id).exists()


@pytest.mark.django_db(transaction=True)
def test_two_last_admins_never_leave_at_once():
    operator = make_operator()
    members = [make_user("admin", operator).memberships.get() for _ in range(2)]
    start = Barrier(2)

    def leave(member):
        start.wait()
        try:
            remove_member(membership=member, at=NOW)
        except LastAdminError:
            return "stays"
        finally:
            connection.close()
        return "left"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leave, members)) == ["left", "stays"]
    assert operator.memberships.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "last", "ends"), [(-9, None, 0), (-9, 5, 0), (-9, -3, -3), (4, None, 4)], ids=str)
def test_permit_ends_today_or_as_it_was(first, last, ends):
    day = dt.timedelta(days=1)
    permit = make_permit(
        make_operator(), valid_from=TODAY + first * day, valid_until=None if last is None else TODAY + last * day
    )

    end_permit(permit=permit, last_day=TODAY)
    ended = end_permit(permit=permit, last_day=TODAY + 2 * day)

    assert ended.valid_until == TODAY + ends * day
