"""The link on a ticket, by which whoever holds it pays for the stay and sees it."""

import re

from django.conf import settings

FOLDER = "t/"
"""Where the links lie below the site. It stays as it is: links are printed on paper and in codes."""
PAYING_FOLDER = "pay/"
"""Where a link leads to, and what a browser shows then."""

_LINK = re.compile(rf"/(?:{FOLDER}|{PAYING_FOLDER})([^/?#\s]+)")


def ticket_link(token: str) -> str:
    """Return the whole link of the stay with this token."""
    return f"{settings.PUBLIC_URL}/{FOLDER}{token}"


def reference_in(text: str) -> str | None:
    """Return the token (or number) in a text with a ticket's link, None without one."""
    found = _LINK.search(text)
    return found[1] if found else None
