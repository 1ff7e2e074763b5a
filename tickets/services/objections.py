"""What a person decides about an automatic payment that its driver says was not theirs."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from billing.models import Objection, Refund, RefundRequest
from billing.services import decide_objection
from tickets.charge_notice import queue_objection_answer


@transaction.atomic
def answer_objection(
    *, objection: Objection, outcome: str, word: str, by: User, at: datetime
) -> tuple[Objection, Refund | RefundRequest | None]:
    """Decide an objection and tell its driver by mail; returns and raises what `decide_objection` does."""
    decided, refund = decide_objection(objection=objection, outcome=outcome, word=word, by=by, at=at)
    if decided.decided_at is not None:
        queue_objection_answer(objection=decided, at=at)
    return decided, refund
