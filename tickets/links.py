"""The link on a ticket: anyone who has it can see and pay the stay."""

import re

from django.conf import settings

FOLDER = "t/"
"""The path of links. It must not change: links are printed on paper and in QR codes."""
PAYING_FOLDER = "pay/"
"""The path that a link redirects to."""
LONGEST_LINK = 300
"""The longest text that is searched for a link, in characters."""

_LINK = re.compile(rf"/(?:{FOLDER}|{PAYING_FOLDER})([^/?#\s]+)")


def ticket_link(token: str) -> str:
    """Return the link of a stay by its token."""
    return f"{settings.PUBLIC_URL}/{FOLDER}{token}"


def reference_in(text: str) -> str | None:
    """Return the token or number in a text with a ticket's link; None without a link."""
    found = _LINK.search(text)
    return found[1] if found else None
