"""Telling people that their account was signed in to on a device that it has not been used on."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.devices_seen import device_words, note_device
from accounts.models import User
from entrance.telling_owners import tell_owner
from notifications.own_kinds import NEW_DEVICE


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
        device = device_words(agent) or _("an unknown browser")
    tell_owner(user, NEW_DEVICE, request=request, occasion=f"{at:%Y%m%d%H%M%S%f}", at=at, device=device)
