"""How long a session lasts: it ends when it is not used, and after a longest time however it is used.

People at work (members of an operator or merchant, and of the back office) see what is others', so theirs end sooner.
"""

from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.models import User

KEPT_AS = "lifetime"
NOTED_EVERY_SECONDS = 300
_HOUR, _DAY = 3600, 86400


def begin_lifetime(session: MutableMapping[str, Any], *, person: User, at: datetime) -> None:
    """Let a session begin now."""
    session[KEPT_AS] = {"since": int(at.timestamp()), "seen": int(at.timestamp()), "at_work": is_at_work(person)}


def note_lifetime(session: MutableMapping[str, Any], *, person: User, at: datetime) -> None:
    """Note that a session is used, at most once in a few minutes: each note is a write."""
    life = session[KEPT_AS]
    if int(at.timestamp()) - life["seen"] >= NOTED_EVERY_SECONDS:
        session[KEPT_AS] = life | {"seen": int(at.timestamp()), "at_work": is_at_work(person)}


def has_ended(session: Mapping[str, Any], *, at: datetime) -> bool:
    """Return whether a session was not used for too long, or has lasted too long; one without a beginning goes on."""
    life = session.get(KEPT_AS)
    if life is None:
        return False
    idle, longest = lifetimes(at_work=life["at_work"])
    seconds = int(at.timestamp())
    return bool(seconds - life["seen"] > idle or seconds - life["since"] > longest)


def lifetimes(*, at_work: bool) -> tuple[int, int]:
    """Return the seconds after which an unused session ends, and any session."""
    if at_work:
        return settings.WORK_SESSION_IDLE_HOURS * _HOUR, settings.WORK_SESSION_LONGEST_DAYS * _DAY
    return settings.SESSION_IDLE_DAYS * _DAY, settings.SESSION_LONGEST_DAYS * _DAY


def is_at_work(person: User) -> bool:
    """Return whether somebody has a role anywhere."""
    return person.is_staff or person.is_superuser or person.memberships.exists()
