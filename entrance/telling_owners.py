"""Mail to the owner of an account about what others may have done with it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, override

from accounts.models import User
from common.translation import moment_said
from common.web.client_address import client_address
from notifications.services import queue_message


def tell_owner(owner: User, kind: str, *, request: HttpRequest, occasion: str, at: datetime, **facts: str) -> None:
    """Queue a message of a kind about a request, once for each occasion: when and from where, and what to do."""
    with override(owner.locale or get_language()):
        context = {
            "language": get_language(),
            "at": _said(owner, at),
            "place": client_address(request),
            "sessions_link": settings.PUBLIC_URL + reverse("usersessions_list"),
            "password_link": settings.PUBLIC_URL + reverse("account_change_password"),
        }
    queue_message(
        key=f"{kind}:{owner.pk}:{occasion}",
        operator=None,
        recipient=owner.email,
        template=kind,
        context=context | facts,
        at=at,
    )


def _said(person: User, at: datetime) -> str:
    zone = person.timezone or "UTC"
    return f"{moment_said(at.astimezone(ZoneInfo(zone)))} ({zone})"
