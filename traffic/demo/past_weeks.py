"""The demo's weeks before its day of history: stays that ended and were paid, of which a few got money back."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4
from zoneinfo import ZoneInfo

from accounts.models import Operator, User
from billing.documents.issuing import issue_credit_notes
from billing.models import Credit, CreditKind, Payment, Refund
from traffic.demo.planning import Bay, PlannedStay
from traffic.demo.rhythm import CITY, LEISURE, MONDAY_TO_FRIDAY, TRAVEL, Character, draw_car, draw_stay

DAYS = 66
"""Enough to compare a month with the one before."""
STAYS_A_DAY = {CITY: 14, LEISURE: 6, TRAVEL: 20}
"""Of long stays about as many as there are, of short ones a few."""
ONE_IN = 60
GIVEN_BACK_AFTER = timedelta(hours=3)


def past_stays(  # noqa: PLR0913 - the facts of a lot's past
    character: Character, bays: Sequence[Bay], zone: ZoneInfo, until: datetime, random: Random, *, taken: set[str]
) -> Iterator[PlannedStay]:
    """Yield a sample of the stays of a lot in the weeks that end at `until`, of cars that come once.

    No plate is one of those `taken`, to which they are added.
    """
    midnight = until.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(DAYS, 0, -1):
        day = midnight - timedelta(days=number)
        hours = character.day if day.weekday() in MONDAY_TO_FRIDAY else character.weekend
        for hour in random.choices(range(len(hours)), hours, k=STAYS_A_DAY[character]):
            entry_at = day.replace(hour=hour, minute=random.randrange(60), second=random.randrange(60))
            exit_at = entry_at + draw_stay(character, entry_at, random)
            if exit_at >= until:
                continue
            car, bay = draw_car(random), random.choice(bays)
            if car.plate not in taken:
                taken.add(car.plate)
                yield PlannedStay(car, bay, entry_at, exit_at)


def give_back(operator: Operator, by: User, *, until: datetime) -> None:
    """Give a part of some card payments back as goodwill, a few hours after they were made."""
    paid = Payment.objects.filter(
        charge__lot__operator=operator, method="card", state="captured", finished_at__lt=until - GIVEN_BACK_AFTER
    )
    chosen = [payment for payment in paid.order_by("id") if payment.pk % ONE_IN == 0]
    refunds = [
        Refund(
            payment=payment,
            amount=-(-payment.captured_amount // 2),
            reason="The lift was out of order",
            goodwill=True,
            idempotency_key=f"demo-{uuid4()}",
            refunded_by=by,
            created_at=payment.finished_at + GIVEN_BACK_AFTER,
            returned_at=payment.finished_at + GIVEN_BACK_AFTER,
        )
        for payment in chosen
        if payment.finished_at
    ]
    Refund.objects.bulk_create(refunds)
    Credit.objects.bulk_create(
        Credit(
            charge_id=refund.payment.charge_id,
            amount=refund.amount,
            kind=CreditKind.GOODWILL,
            reason=refund.reason,
            granted_by=by,
            created_at=refund.created_at,
        )
        for refund in refunds
    )
    for refund in refunds:
        issue_credit_notes([refund], at=refund.created_at)
