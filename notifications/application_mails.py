"""Applications of operators with their mails: the link that confirms, the word to who decides, the answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language, override

from accounts.access import people_of_installation
from accounts.applications import (
    CONFIRMED_WITHIN,
    ApplicationWish,
    accept_application,
    application_token,
    confirm_application,
    decline_application,
    new_application,
)
from accounts.models import OperatorApplication, Role, User
from notifications.inviting import invite_member
from notifications.own_kinds import APPLICATION_CAME, APPLICATION_CONFIRM, APPLICATION_DECLINED
from notifications.services import new_message, queue_message, queue_messages


@transaction.atomic
def apply_as_operator(*, wish: ApplicationWish, at: datetime) -> None:
    """Keep an application and queue the mail with the link that confirms its address.

    Nothing is queued where one from this address waits already: who asks can't tell the two apart.
    """
    application = new_application(wish=wish, at=at)
    if application is None:
        return
    queue_message(
        key=f"application:{application.pk}:{application.nonce}",
        operator=None,
        recipient=application.email,
        template=APPLICATION_CONFIRM,
        context={
            "language": application.language,
            "company": application.company,
            "days": CONFIRMED_WITHIN.days,
            "link": settings.PUBLIC_URL + reverse("entrance:apply_confirm", args=[application_token(application)]),
        },
        at=at,
    )


@transaction.atomic
def hand_in_application(*, application: OperatorApplication, at: datetime) -> None:
    """Confirm the address of an application, and tell those who decide about it. Idempotent."""
    if not confirm_application(application=application, at=at):
        return
    link = settings.PUBLIC_URL + reverse("entrance:application", args=[application.pk])
    told = [
        new_message(
            key=f"application-came:{application.pk}:{address}",
            operator_id=None,
            recipient=address,
            template=APPLICATION_CAME,
            context={
                "language": locale,
                "company": application.company,
                "name": application.name,
                "email": application.email,
                "link": link,
            },
            at=at,
        )
        for address, locale in people_of_installation()
    ]
    queue_messages(told)


@transaction.atomic
def take_on_operator(
    *, application: OperatorApplication, values: Mapping[str, Any], by: User, at: datetime
) -> OperatorApplication:
    """Make an operator of an application, and invite who applied as its first admin. Raises ApplicationGoneError."""
    accepted = accept_application(application=application, values=values, by=by, at=at)
    assert accepted.operator is not None  # noqa: S101 for the type
    with override(accepted.language or get_language()):
        invite_member(operator=accepted.operator, email=accepted.email, role=Role.ADMIN, at=at, by=by)
    return accepted


@transaction.atomic
def turn_down_operator(*, application: OperatorApplication, answer: str, by: User, at: datetime) -> None:
    """Decline an application and queue the mail that says so. Raises ApplicationGoneError."""
    declined = decline_application(application=application, answer=answer, by=by, at=at)
    queue_message(
        key=f"application-declined:{declined.pk}",
        operator=None,
        recipient=declined.email,
        template=APPLICATION_DECLINED,
        context={"language": declined.language, "company": declined.company, "answer": answer},
        at=at,
    )
