"""Ending the sessions of somebody who works for an operator, on all devices."""

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import operators_of
from accounts.models import Membership, Role, User
from common.errors import ForbiddenError


class NotTheirAdminError(ForbiddenError):
    """The person answers to others too: they run another operator or the installation."""

    code = "not_their_admin"


@transaction.atomic
def sign_out_member(*, membership: Membership, by: User) -> int:
    """End all sessions of a member, and return how many there were; the person may sign in again.

    Raises NotTheirAdminError for who is an admin of an operator that `by` is no admin of, or works in the back office.
    """
    if not may_sign_out(membership, by):
        raise NotTheirAdminError(_("%(user)s also runs something else: ask there.") % {"user": membership.user})
    sessions = list(UserSession.objects.filter(user=membership.user_id))
    for session in sessions:
        session.end()
    return len(sessions)


def may_sign_out(membership: Membership, by: User) -> bool:
    """Return whether an admin may end the sessions of a member."""
    own, person = operators_of(by, Role.ADMIN), membership.user
    if person.is_superuser or person.is_staff or not own.filter(pk=membership.operator_id).exists():
        return False
    elsewhere = Membership.objects.filter(user=person, role=Role.ADMIN).exclude(operator__in=own)
    return not elsewhere.exists()
