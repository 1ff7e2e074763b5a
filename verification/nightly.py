"""The nightly check of the data, and the message when a rule is broken."""

import hashlib
from datetime import datetime

from django.db import transaction

from accounts.access import addresses_of_installation
from analytics.alert_kinds import VERIFY_FAILED
from common.time import day_words
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
    context = {
        "broken": [f"{proof.invariant.sentence} ({proof.total})" for proof in broken],
        "at": f"{day_words(at)} {at:%H:%M} (UTC)",
    }
    queue_messages(
        [
            new_message(
                key=f"{VERIFY_FAILED}:{at:%Y%m%d}:{hashlib.sha256(address.encode()).hexdigest()[:16]}",
                operator_id=None,
                recipient=address,
                template=VERIFY_FAILED,
                context=context,
                at=at,
            )
            for address in addresses_of_installation()
        ]
    )
