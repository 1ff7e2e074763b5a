"""The link on a ticket: anyone who has it can see and pay the stay."""

from django.conf import settings

from tickets.numbers import FOLDER

LONGEST_LINK = 300
"""The longest text that is searched for a link, in characters."""


def ticket_link(token: str) -> str:
    """Return the link of a stay by its token."""
    return f"{settings.PUBLIC_URL}/{FOLDER}{token}"
