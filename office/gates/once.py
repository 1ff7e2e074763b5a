"""Passes a new key of a device or program from the request that issued it to the page that shows it once."""

import secrets

from django.http import HttpRequest

_SLOT = "issued_keys"
MOST_WAITING = 5


def keep_for_one_look(request: HttpRequest, key: str) -> str:
    """Store a key in the session until it is shown; return the token that its page needs in the URL.

    The session holds the key XORed with the token (a one-time pad), so neither the stored session nor a log of URLs
    reveals it.
    """
    pad = secrets.token_bytes(len(key))
    hidden = bytes(one ^ other for one, other in zip(key.encode("ascii"), pad, strict=True))
    name = secrets.token_hex(8)
    waiting = {**request.session.get(_SLOT, {}), name: hidden.hex()}
    request.session[_SLOT] = dict(list(waiting.items())[-MOST_WAITING:])
    return f"{name}.{pad.hex()}"


def take_for_one_look(request: HttpRequest, token: str) -> str | None:
    """Return and forget the key stored under `token`; None when it was already shown."""
    name, _, pad = token.partition(".")
    waiting = dict(request.session.get(_SLOT, {}))
    hidden = waiting.pop(name, None)
    if hidden is None or len(hidden) != len(pad):
        return None
    try:
        key = bytes(one ^ other for one, other in zip(bytes.fromhex(hidden), bytes.fromhex(pad), strict=True))
        shown = key.decode("ascii")
    except ValueError:
        return None
    request.session[_SLOT] = waiting
    return shown
