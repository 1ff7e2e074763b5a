"""Invite members: store the invitation and queue its mail."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language

from accounts.invitations import VALID_FOR, new_invitation, renew_invitation, token_of
from accounts.models import Invitation, Merchant, Operator, User
from common.translation import inside
from notifications.services import queue_message

TEMPLATE = "invitation"


@transaction.atomic
def invite_member(  # noqa: PLR0913 - the facts of one row
    *,
    operator: Operator,
    email: str,
    role: str,
    at: datetime,
    by: User,
    merchant: Merchant | None = None,
    lot_ids: Sequence[int] | None = None,
) -> Invitation:
    """Invite a person, a validator to a merchant, anybody else to some lots or all, and queue the mail with the link.

    Raises MemberExistsError, InvalidValueError.
    """
    invitation = new_invitation(
        operator=operator, email=email, role=role, at=at, by=by, merchant=merchant, lot_ids=lot_ids
    )
    _queue_mail(invitation, at)
    return invitation


@transaction.atomic
def invite_again(*, invitation: Invitation, at: datetime) -> Invitation:
    """Renew a waiting invitation and queue its mail. Raises InvitationGoneError."""
    invitation = renew_invitation(invitation=invitation, at=at)
    _queue_mail(invitation, at)
    return invitation


def _queue_mail(invitation: Invitation, at: datetime) -> None:
    queue_message(
        key=f"invitation:{invitation.pk}:{invitation.nonce}",
        operator=invitation.operator,
        recipient=invitation.email,
        template=TEMPLATE,
        context={
            "language": get_language(),
            "operator": (invitation.merchant or invitation.operator).name,
            "role": inside(invitation.get_role_display()),
            "invited_by": str(invitation.invited_by or invitation.operator),
            "days": VALID_FOR.days,
            "link": settings.PUBLIC_URL + reverse("entrance:invitation", args=[token_of(invitation)]),
        },
        at=at,
    )
