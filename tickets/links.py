"""The link on a ticket, by which whoever holds it pays for the stay and sees it."""

from django.conf import settings

from tickets.numbers import FOLDER


def ticket_link(token: str) -> str:
    """Return the whole link of the stay with this token."""
    return f"{settings.PUBLIC_URL}/{FOLDER}{token}"
