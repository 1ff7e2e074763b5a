"""The receipt of a paid stay: what it says, and telling it by e-mail."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from billing.models import Charge, Payment, PaymentState
from common.errors import NotFoundError
from common.money import format_money
from common.plates import mask
from common.time import day_words
from lots.calendar import zone_of
from notifications.attachments import Attachment, register_attachment
from notifications.services import queue_message
from tickets.models import Ticket

TEMPLATE = "receipt"


def _as_pdf(receipt: Mapping[str, Any]) -> Attachment:
    # What draws it takes long to import, and most processes never draw.
    from tickets.receipt_pdf import receipt_pdf

    return receipt_pdf(receipt)


register_attachment(TEMPLATE, _as_pdf)


class NoReceiptError(NotFoundError):
    """Nothing was paid for this stay yet."""

    code = "no_receipt"


def receipt_of(ticket: Ticket, *, masked: bool = False) -> dict[str, Any]:
    """Return everything a receipt says, as text in the lot's own time and currency; JSON can hold it.

    `masked` hides most of the plate and leaves out the link, for those who only know the number. Raises NoReceiptError.
    """
    charge = ticket.charge
    payments = _captured(charge) if charge else []
    if charge is None or not payments:
        raise NoReceiptError("Nothing was paid for this stay yet.")
    return {
        "operator": ticket.lot.operator.name,
        "lot": ticket.lot.name,
        "address": ", ".join(filter(None, [ticket.lot.address, _town(ticket)])),
        "number": payments[-1].receipt.number,
        "receipt": str(payments[-1].receipt),
        "ticket": ticket.number,
        "plate": mask(ticket.plate) if masked else ticket.plate or "",
        "entry": _when(ticket, ticket.entry_at),
        "until": _when(ticket, ticket.exit_at or payments[-1].finished_at or charge.assessed_at),
        "until_label": "Left" if ticket.exit_at else "Paid at",
        "lines": [{"label": label, "amount": _money(charge, amount)} for label, amount in _lines(charge)],
        "total": _money(charge, charge.due_amount - charge.credited_amount),
        "tax": _money(charge, charge.tax_amount) if charge.tax_amount else "",
        "payments": [_payment_line(ticket, payment) for payment in payments],
        "refunded": _money(charge, -charge.refunded_amount) if charge.refunded_amount else "",
        "owed": _money(charge, charge.balance_amount) if charge.balance_amount else "",
        "link": "" if masked else f"{settings.PUBLIC_URL}/t/{ticket.token}",
    }


def queue_receipts(*, charge: Charge, at: datetime) -> None:
    """Queue the receipt of a settled charge to whoever asked for it and to the stay's driver, once per settling.

    Belongs into the transaction that settled the charge. A charge of something else than a stay is left alone.
    """
    ticket = Ticket.objects.select_related("lot__operator", "charge", "driver").filter(charge=charge).first()
    payments = _captured(charge)
    if ticket is None or not payments:
        return
    addresses = {payment.receipt_email for payment in payments} | {ticket.driver.email if ticket.driver else ""}
    for address in sorted(filter(None, addresses)):
        digest = hashlib.sha256(address.lower().encode()).hexdigest()[:16]
        queue_message(
            key=f"receipt:{payments[-1].receipt.pk}:{digest}",
            recipient=address,
            template=TEMPLATE,
            context=receipt_of(ticket),
            at=at,
        )


def _captured(charge: Charge) -> list[Payment]:
    captured = charge.payments.filter(state=PaymentState.CAPTURED).select_related("receipt")
    return list(captured.order_by("receipt__number"))


def _lines(charge: Charge) -> list[tuple[str, int]]:
    """Return the lines of the price, and what makes them add up to the total."""
    lines = [(str(line["label"]), int(line["amount"])) for line in charge.lines]
    beyond = charge.due_amount - sum(amount for _, amount in lines)
    lines += [("Paid before at a higher price", beyond)] if beyond else []
    return lines + [(credit.reason, -credit.amount) for credit in charge.credits.order_by("created_at")]


def _payment_line(ticket: Ticket, payment: Payment) -> dict[str, str]:
    return {
        "method": payment.get_method_display(),
        "amount": _money(payment.charge, payment.captured_amount),
        "receipt": str(payment.receipt),
        "at": _when(ticket, payment.finished_at or payment.created_at),
        "change": _money(payment.charge, payment.change_amount) if payment.change_amount else "",
    }


def _money(charge: Charge, amount: int) -> str:
    return format_money(amount, charge.currency)


def _when(ticket: Ticket, at: datetime) -> str:
    local = at.astimezone(zone_of(ticket.lot))
    return f"{day_words(local)} {local:%H:%M}"


def _town(ticket: Ticket) -> str:
    return f"{ticket.lot.postal_code} {ticket.lot.city}".strip()
