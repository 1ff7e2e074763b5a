"""Links that turn a kind of mail off for an address, signed by us, and the headers of RFC 8058 that carry them."""

from django.conf import settings
from django.core import signing

from notifications.kinds import Kind, kind_of

FOLDER = "unsubscribe/"
CHOICES_FOLDER = "me/messages/"
_SALT = "notifications.unsubscribing"


class BadUnsubscribeLinkError(Exception):
    """A link was not signed by us, or names a kind that can't be turned off."""


def unsubscribe_link(address: str, kind: Kind) -> str:
    """Return the link that turns off a kind of mail to an address; it works for ever."""
    signed = signing.dumps([address.lower(), kind.name], salt=_SALT)
    return f"{settings.PUBLIC_URL}/{FOLDER}{signed}/"


def unsubscribe_headers(address: str, kind: Kind) -> dict[str, str]:
    """Return the headers by which mail programs offer to unsubscribe with one click."""
    return {
        "List-Unsubscribe": f"<{unsubscribe_link(address, kind)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def read_unsubscribe_link(signed: str) -> tuple[str, Kind]:
    """Return the address and the kind of a link. Raises BadUnsubscribeLinkError."""
    try:
        address, name = signing.loads(signed, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadUnsubscribeLinkError from error
    kind = kind_of(name)
    if kind.essential:
        raise BadUnsubscribeLinkError
    return address, kind


def choices_link() -> str:
    """Return the page where people choose what they are told."""
    return f"{settings.PUBLIC_URL}/{CHOICES_FOLDER}"
