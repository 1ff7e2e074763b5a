"""Services that know the devices on which an account was used."""

import hashlib
import re
from datetime import datetime

from django.db import transaction

from accounts.models import SignedInDevice, User

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@transaction.atomic
def note_device(*, person: User, agent: str, at: datetime) -> bool:
    """Note that a person signed in with a browser; return whether they have used others, but never this one.

    Its version does not count: browsers are updated every few weeks.
    """
    digest = hashlib.sha256(re.sub(r"[\d.]+", "", agent).encode()).hexdigest()
    has_others = SignedInDevice.objects.filter(person=person).exists()
    _device, is_new = SignedInDevice.objects.update_or_create(
        person=person,
        digest=digest,
        defaults={"last_seen_at": at},
        create_defaults={"first_seen_at": at, "last_seen_at": at},
    )
    return is_new and has_others


def device_words(agent: str) -> str:
    """Return what a browser says of itself in a few words, such as `Firefox / Linux`; empty when it is unknown."""
    browser, system = (next((name for sign, name in known if sign in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return " / ".join(filter(None, (browser, system)))
