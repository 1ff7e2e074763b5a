"""Links: that on a ticket, by which anyone can see and pay the stay, and that posted in a lot."""

from django.conf import settings

from tickets.numbers import FOLDER, PAYING_FOLDER

LONGEST_LINK = 300
"""The longest text that is searched for a link, in characters."""


def ticket_link(token: str) -> str:
    """Return the link of a stay by its token."""
    return f"{settings.PUBLIC_URL}/{FOLDER}{token}"


def lot_pay_link(slug: str) -> str:
    """Return the link that is posted in a lot: it leads to paying there by plate."""
    return f"{settings.PUBLIC_URL}/{PAYING_FOLDER}{slug}/"
