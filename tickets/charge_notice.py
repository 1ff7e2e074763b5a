"""The mail about each automatic payment: what was charged for which stay, and how to say that it was not you."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.access import verified_address
from billing.models import Objection, ObjectionOutcome, Payment
from billing.objecting import AGREEMENTS_FOLDER, VALID_FOR, objection_link
from common.translation import day_said, moment_said, money_said
from lots.calendar import zone_of
from lots.displays import language_for
from lots.models import Lot
from notifications.services import queue_message
from tickets.models import Ticket

CHARGED, ANSWERED = "automatic_payment", "objection_answered"


def queue_charge_notice(*, payment: Payment, at: datetime) -> None:
    """Queue the mail about an automatic payment in the transaction that records what it took. Idempotent."""
    ticket = Ticket.objects.select_related("lot__operator").filter(charge=payment.charge_id).first()
    agreed = payment.automatic
    if ticket is None or agreed is None or agreed.driver is None:
        return
    with override(language_for(agreed.driver, ticket.lot)):
        context = _notice(ticket, payment, at)
    queue_message(
        key=f"{CHARGED}:{payment.pk}",
        operator=ticket.lot.operator,
        recipient=verified_address(agreed.driver) or agreed.driver.email,
        template=CHARGED,
        context=context,
        at=at,
    )


def queue_objection_answer(*, objection: Objection, at: datetime) -> None:
    """Queue the mail that tells a driver what was decided about their objection. Idempotent."""
    payment = objection.payment
    agreed, lot = payment.automatic, payment.charge.lot
    if agreed is None or agreed.driver is None:
        return
    with override(language_for(agreed.driver, lot)):
        context = {
            "language": get_language(),
            "operator": lot.operator.name,
            "lot": lot.name,
            "plate": agreed.plate,
            "amount": money_said(payment.captured_amount, payment.charge.currency),
            "charged_at": _when(lot, payment.finished_at or payment.created_at),
            "is_refunded": objection.outcome == ObjectionOutcome.REFUNDED,
            "word": objection.word,
        }
    queue_message(
        key=f"{ANSWERED}:{objection.pk}",
        operator=lot.operator,
        recipient=verified_address(agreed.driver) or agreed.driver.email,
        template=ANSWERED,
        context=context,
        at=at,
    )


def _notice(ticket: Ticket, payment: Payment, at: datetime) -> dict[str, Any]:
    lot, charge, currency = ticket.lot, payment.charge, payment.charge.currency
    town = f"{lot.postal_code} {lot.city}".strip()
    returned = payment.refunded_amount
    return {
        "language": get_language(),
        "operator": lot.operator.name,
        "lot": lot.name,
        "address": ", ".join(filter(None, [lot.address, town])),
        "ticket": ticket.number,
        "plate": payment.automatic.plate if payment.automatic else "",
        "entry": _when(lot, ticket.entry_at),
        "until": _when(lot, ticket.exit_at or charge.assessed_at),
        "lines": [
            {"label": str(line["label"]), "amount": money_said(int(line["amount"]), currency)} for line in charge.lines
        ],
        "tax": money_said(charge.charged_tax_amount, currency) if charge.charged_tax_amount else "",
        "amount": money_said(payment.captured_amount, currency),
        "card": str(payment.saved_method or _("your card")),
        "returned": money_said(returned, currency) if returned else "",
        "not_me": objection_link(payment),
        "not_me_until": day_said(_local(lot, at + VALID_FOR - timedelta(days=1))),
        "page": f"{settings.PUBLIC_URL}/{AGREEMENTS_FOLDER}",
    }


def _when(lot: Lot, at: datetime) -> str:
    return moment_said(_local(lot, at))


def _local(lot: Lot, at: datetime) -> datetime:
    return at.astimezone(zone_of(lot))
