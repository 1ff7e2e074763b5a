"""Telling people that their account was signed in to on a device that it has not been used on."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.devices_seen import device_words, note_device
from accounts.models import User
from common.translation import moment_said
from common.web.client_address import client_address
from notifications.own_kinds import NEW_DEVICE
from notifications.services import queue_message


@receiver(user_logged_in)
@transaction.atomic
def tell_of_new_device(sender: Any, user: User, request: HttpRequest | None = None, **_more: Any) -> None:  # noqa: ARG001 - Django's call
    """Note the device of a sign-in, and mail the account's owner when it is another than before."""
    if request is None:
        return
    # A program that does not say what it is counts as a device, too.
    agent, at = request.headers.get("User-Agent", ""), now()
    if not note_device(person=user, agent=agent, at=at):
        return
    with override(user.locale or get_language()):
        context = {
            "language": get_language(),
            "device": device_words(agent) or _("an unknown browser"),
            "at": when_said(user, at),
            "place": client_address(request),
            "sessions_link": settings.PUBLIC_URL + reverse("usersessions_list"),
            "password_link": settings.PUBLIC_URL + reverse("account_change_password"),
        }
    queue_message(
        key=f"{NEW_DEVICE}:{user.pk}:{at:%Y%m%d%H%M%S%f}",
        operator=None,
        recipient=user.email,
        template=NEW_DEVICE,
        context=context,
        at=at,
    )


def when_said(user: User, at: datetime) -> str:
    """Return an instant on a person's clock, with its zone."""
    zone = user.timezone or "UTC"
    return f"{moment_said(at.astimezone(ZoneInfo(zone)))} ({zone})"
