"""The receiver that lets a period begin whose charge was settled."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from billing.models import Charge
from billing.signals import charge_settled
from passes.models import PassPeriod
from passes.services import begin_paid


@receiver(charge_settled)
def note_paid_period(*, charge: Charge, at: datetime, sold: object | None, **_: Any) -> None:
    """Let the period begin after the commit, as a pass is locked before its charges; the task does what is cut off.

    What the sender has `sold` is no pass: nobody locks those when they are paid.
    """
    if sold is None:
        transaction.on_commit(partial(_begin, charge.pk, at), robust=True)


def _begin(charge_id: int, at: datetime) -> None:
    period = PassPeriod.objects.filter(charge=charge_id).select_related("held_pass").first()
    if period is not None:
        begin_paid(period=period, at=at)
