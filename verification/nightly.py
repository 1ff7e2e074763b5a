"""The nightly check of the data, and the message when a rule is broken."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from accounts.access import people_of_installation
from analytics.alert_kinds import VERIFY_FAILED
from common.translation import moment_said
from notifications.models import Message
from notifications.services import new_message, queue_messages
from verification.proof import Proof, prove, snapshot
from verification.register import INVARIANTS


def check_and_tell(*, at: datetime) -> int:
    """Check all invariants, tell those who run the installation about broken ones, and return how many these are."""
    with snapshot():
        broken = [proof for proof in prove(INVARIANTS, rows_listed=1) if not proof.holds]
    if broken:
        _tell(broken, at)
    return len(broken)


@transaction.atomic
def _tell(broken: list[Proof], at: datetime) -> None:
    queue_messages([_message(address, locale, broken, at) for address, locale in people_of_installation()])


def _message(address: str, locale: str, broken: list[Proof], at: datetime) -> Message:
    language = locale or settings.LANGUAGE_CODE
    with override(language):
        context = {
            "language": language,
            "broken": [f"{proof.invariant.sentence} ({proof.total})" for proof in broken],
            "at": f"{moment_said(at)} (UTC)",
        }
    return new_message(
        key=f"{VERIFY_FAILED}:{at:%Y%m%d}:{hashlib.sha256(address.encode()).hexdigest()[:16]}",
        operator_id=None,
        recipient=address,
        template=VERIFY_FAILED,
        context=context,
        at=at,
    )
