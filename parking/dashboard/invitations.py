"""Invites people to work for an operator: a membership, and a mail with the way in."""

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import Membership, Operator, User
from accounts.services import add_member
from notifications.services import queue_message

TEMPLATE = "invitation"


@transaction.atomic
def invite_member(*, operator: Operator, email: str, role: str, at: datetime, by: User) -> Membership:
    """Make somebody a member and queue the mail that tells them; a new person chooses a password by its link.

    Their address counts as verified, as nobody gets in without the link that is sent there. Raises MemberExistsError.
    """
    membership = add_member(operator=operator, email=email, role=role, at=at)
    person = membership.user
    is_new = not person.has_usable_password()
    if is_new:
        EmailAddress.objects.update_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
    queue_message(
        key=f"invitation:{membership.pk}",
        operator=operator,
        recipient=person.email,
        template=TEMPLATE,
        context={
            "operator": operator.name,
            "role": membership.get_role_display().lower(),
            "invited_by": str(by),
            "is_new": is_new,
            "link": settings.PUBLIC_URL + (_password_path(person) if is_new else reverse("account_login")),
        },
        at=at,
    )
    return membership


def _password_path(person: User) -> str:
    """Return the path on which the person chooses a password, as in a mail after a forgotten one."""
    key = default_token_generator.make_token(person)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
