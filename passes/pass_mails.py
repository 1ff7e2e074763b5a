"""Mails about passes: what begins, ends, is billed and stays unpaid."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import get_language, override

from common.translation import day_said, money_said
from lots.displays import language_for
from notifications.services import new_message, queue_messages
from passes.models import Pass
from passes.pass_rules import PassRenewal

ENDS_SOON, BILLED, ENDS_TODAY = "pass_ends_soon", "pass_billed", "pass_ends_today"
STILL_UNPAID, BEGUN, CANCELLED = "pass_still_unpaid", "pass_begun", "pass_cancelled"
PASSES_FOLDER = "me/passes/"
"""Where the holder of a pass finds it, by its code."""


def pass_link(held: Pass) -> str:
    """Return the whole address of a pass's page; only who has or manages it can see it."""
    return f"{settings.PUBLIC_URL}/{PASSES_FOLDER}{held.code}/"


def address_of(held: Pass) -> str:
    """Return the address to which is written about a pass; empty where none is known."""
    if held.company is not None:
        return str(held.company.email)
    return str(held.holder.email if held.holder is not None else held.email)


def mail_holder(held: Pass, template: str, *, at: datetime, amount: int | None = None) -> bool:
    """Queue a mail about a pass to its holder, once for each last day; return whether an address is known."""
    recipient = address_of(held)
    if not recipient:
        return False
    with override(language_for(None if held.company_id else held.holder, held.lot)):
        context = _context(held, held.price_amount if amount is None else amount)
    message = new_message(
        key=f"{template}:{held.code}:{held.valid_until:%Y%m%d}",
        operator_id=held.lot.operator_id,
        recipient=recipient,
        template=template,
        context=context,
        at=at,
    )
    queue_messages([message])
    return True


def _context(held: Pass, amount: int) -> dict[str, str | bool]:
    return {
        "language": get_language() or settings.LANGUAGE_CODE,
        "operator": held.lot.operator.name,
        "lot": held.lot.name,
        "name": held.name,
        "code": held.code,
        "first_day": day_said(held.valid_from),
        "last_day": day_said(held.valid_until),
        "grace_until": day_said(held.valid_until + timedelta(days=held.grace_days)),
        "price": money_said(amount, held.lot.currency),
        "renews": held.renews,
        "by_card": held.renewal == PassRenewal.CHARGE and held.saved_method_id is not None,
        "by_invoice": held.renewal == PassRenewal.INVOICE,
        "link": pass_link(held),
    }
