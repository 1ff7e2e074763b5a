"""The nightly run that ends what was kept long enough, in batches: idempotent, and it goes on where it was stopped."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from accounts.applications import clear_applications
from accounts.erasure import forget_lifted_blocks
from accounts.models import Operator
from billing.services import forget_debt_plates
from events.services import clear_events, forget_event_plates
from gates.services import forget_images, forget_read_plates
from lots.kept_days import CLOCKS, Purpose, days_kept
from lots.models import Lot
from notifications.phone_codes import delete_old_codes, delete_old_texts
from notifications.services import forget_old_messages
from passes.services import forget_holders, forget_removed_plates
from reservations.booker_phones import ACCOUNTS_STAY_VERIFIED
from reservations.services import forget_bookers
from retention.due import BATCH, BOOKINGS, DEBTS, EVENT_PLATES, IMAGES, PASS_PLATES, PASSES, READS, STAYS
from tickets.services import forget_plates

logger = structlog.get_logger(__name__)


def end_clocks(*, at: datetime) -> dict[str, int]:
    """End everything whose clock has run out by `at`, and return how many rows of each kind."""
    ended = {
        "stays": _ended(STAYS, "ticket.id", _forget_stays, at),
        "debts": _ended(DEBTS, "debt.id", lambda keys: forget_debt_plates(debts=keys), at),
        "bookings": _ended(BOOKINGS, "booking.id", lambda keys: forget_bookers(bookings=keys), at),
        "passes": _ended(PASSES, "held.id", lambda keys: forget_holders(passes=keys), at),
        "pass_plates": _ended(PASS_PLATES, "plate.id", lambda keys: forget_removed_plates(plates=keys), at),
        "event_plates": _ended(EVENT_PLATES, "event.id", lambda keys: forget_event_plates(events=keys), at),
        "reads": _ended(READS, "event.id", lambda keys: forget_read_plates(events=keys), at),
        "images": _ended(IMAGES, "event.id", lambda keys: forget_images(events=keys), at),
        "applications": clear_applications(at=at),
        **_ended_of_operators(at),
    }
    logger.info("clocks_ended", **ended)
    return ended


def _forget_stays(keys: Collection[int]) -> int:
    with transaction.atomic():
        forget_read_plates(tickets=keys)
        return forget_plates(tickets=keys)


def _ended(query: str, key: str, end: Callable[[list[int]], int], at: datetime) -> int:
    """End the rows that a query finds, a batch after the other by their keys, each in a transaction of its own."""
    ended, after = 0, 0
    paged = f"{query} AND {key} > %(after)s ORDER BY {key} LIMIT %(limit)s"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(paged, {"at": at, "after": after, "limit": BATCH})
            keys = [row[0] for row in cursor.fetchall()]
        if not keys:
            return ended
        ended += end(keys)
        after = keys[-1]


def _ended_of_operators(at: datetime) -> dict[str, int]:
    """End what is known of no lot: an operator keeps it as long as the lot of it that says longest."""
    ended = {"events": 0, "texts": 0, "messages": 0}
    longest = CLOCKS[Purpose.TEXTS].days
    for operator in Operator.objects.order_by("pk"):
        lots = list(Lot.objects.filter(operator=operator))
        before = {purpose: at - timedelta(days=longest_days(lots, purpose)) for purpose in Purpose}
        longest = max(longest, longest_days(lots, Purpose.TEXTS))
        while removed := clear_events(
            operator=operator.pk, before=before[Purpose.EVENTS], log_before=before[Purpose.WEBHOOKS]
        ):
            ended["events"] += removed
        ended["texts"] += delete_old_texts(operator=operator, before=before[Purpose.TEXTS])
        ended["messages"] += forget_old_messages(operator=operator, before=before[Purpose.MESSAGES])
    of_nobody = at - timedelta(days=CLOCKS[Purpose.MESSAGES].days)
    ended["messages"] += forget_old_messages(operator=None, before=of_nobody)
    ended["texts"] += delete_old_codes(before=at - timedelta(days=longest), verified_before=at - ACCOUNTS_STAY_VERIFIED)
    ended["blocks"] = _blocks(at)
    return ended


def _blocks(at: datetime) -> int:
    ended = 0
    for operator in Operator.objects.order_by("pk"):
        days = longest_days(list(Lot.objects.filter(operator=operator)), Purpose.UNPAID_PLATES)
        ended += forget_lifted_blocks(operator=operator, before=at - timedelta(days=days))
    return ended


def longest_days(lots: Collection[Lot], purpose: Purpose) -> int:
    """Return how long an operator with these lots keeps what is known of none of them."""
    days = [days_kept(lot.kept_days, purpose, lot.timezone) for lot in lots]
    return max(days, default=CLOCKS[purpose].days)
