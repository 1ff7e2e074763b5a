"""The receipt of a paid stay, and its emails."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from billing.models import Charge, Payment, PaymentState
from billing.pricing import tax_within
from common.errors import NotFoundError
from common.money import format_money
from common.plates import mask
from common.time import day_words
from lots.calendar import zone_of
from notifications.attachments import Attachment, register_attachment
from notifications.services import queue_message
from tickets.links import ticket_link
from tickets.models import Ticket

TEMPLATE = "receipt"


def _as_pdf(receipt: Mapping[str, Any]) -> Attachment:
    # The PDF library is slow to import, and most processes never need it.
    from tickets.documents.pdf import receipt_pdf

    return receipt_pdf(receipt)


register_attachment(TEMPLATE, _as_pdf)


class NoReceiptError(NotFoundError):
    """Nothing has been paid for this stay."""

    code = "no_receipt"


def receipt_of(ticket: Ticket, *, masked: bool = False, payments: Sequence[Payment] = ()) -> dict[str, Any]:
    """Return the contents of a receipt as JSON texts in the lot's time and currency.

    `masked` hides most of the plate and the link, for those who only know the number. `payments` are those of one
    payer, who may not see others; without any, all are listed. Raises NoReceiptError.
    """
    charge = ticket.charge
    captured = captured_of(charge) if charge else []
    prefetch_related_objects(captured, "refunds")
    if charge is None or not captured:
        raise NoReceiptError(_("Nothing has been paid for this stay yet."))
    told = [payment for payment in captured if payment in payments] or captured
    last = told[-1]
    return {
        "operator": ticket.lot.operator.name,
        "lot": ticket.lot.name,
        "address": ", ".join(filter(None, [ticket.lot.address, _town(ticket)])),
        "number": last.receipt.number,
        "receipt": str(last.receipt),
        "ticket": ticket.number,
        "plate": mask(ticket.plate) if masked else ticket.plate or "",
        "entry": _when(ticket, ticket.entry_at),
        "until": _when(ticket, ticket.exit_at or last.finished_at or charge.assessed_at),
        "until_label": _("Left") if ticket.exit_at else _("Paid at"),
        **(_whole(charge) if told == captured else _part(charge, captured, told)),
        "payments": [_payment_line(ticket, payment) for payment in told],
        "link": "" if masked else ticket_link(ticket.token),
    }


def queue_receipts(*, ticket: Ticket, captured: Sequence[Payment], at: datetime) -> None:
    """Queue the receipts of a settled stay, once per settling: drivers who have proven the stay get the whole one.

    Other addresses get a receipt of their own payments, with plate and link only when they held the ticket. `captured`
    are all payments of the stay. Call it in the transaction that settles the charge.
    """
    drivers = {proof.driver.email.lower() for proof in ticket.proofs.select_related("driver")}
    for address in sorted(drivers):
        _queue(ticket, address, receipt_of(ticket), captured[-1], at)
    for address in sorted({payment.receipt_email.lower() for payment in captured} - {"", *drivers}):
        own = [payment for payment in captured if payment.receipt_email.lower() == address]
        receipt = receipt_of(ticket, masked=not any(map(_had_ticket, own)), payments=own)
        _queue(ticket, address, receipt, own[-1], at)


def captured_of(charge: Charge) -> list[Payment]:
    """Return the payments that brought money, each with its receipt, in the order of these."""
    captured = charge.payments.filter(state=PaymentState.CAPTURED).select_related("receipt")
    return list(captured.order_by("receipt__number"))


def _queue(ticket: Ticket, address: str, receipt: Mapping[str, Any], last: Payment, at: datetime) -> None:
    digest = hashlib.sha256(address.encode()).hexdigest()[:16]
    queue_message(
        key=f"receipt:{last.receipt.pk}:{digest}",
        operator=ticket.lot.operator,
        recipient=address,
        template=TEMPLATE,
        context=receipt,
        at=at,
    )


def _had_ticket(payment: Payment) -> bool:
    """Return whether the payer held the ticket; at a desk the attendant only heard the address."""
    return not payment.by_number and payment.taken_by_id is None


def _whole(charge: Charge) -> dict[str, Any]:
    tax = charge.charged_tax_amount
    return {
        "lines": [{"label": label, "amount": _money(charge, amount)} for label, amount in _lines(charge)],
        "total": _money(charge, charge.charged_amount),
        "tax": _money(charge, tax) if tax else "",
        "refunded": _money(charge, -charge.refunded_amount) if charge.refunded_amount else "",
        "owed": _money(charge, charge.balance_amount) if charge.balance_amount else "",
    }


def _part(charge: Charge, captured: Sequence[Payment], told: Sequence[Payment]) -> dict[str, Any]:
    """Return the sum of some payments, with their share of the tax."""
    paid, tax, before = 0, 0, 0
    for payment in captured:
        after = before + payment.captured_amount - payment.refunded_amount
        if payment in told:
            paid += after - before
            tax += tax_within(after, charge.tax_percent) - tax_within(before, charge.tax_percent)
        before = after
    refunded = sum(payment.refunded_amount for payment in told)
    return {
        "lines": [{"label": _("Part of the parking fee"), "amount": _money(charge, paid)}],
        "total": _money(charge, paid),
        "tax": _money(charge, tax) if tax else "",
        "refunded": _money(charge, -refunded) if refunded else "",
        "owed": "",
    }


def _lines(charge: Charge) -> list[tuple[str, int]]:
    """Return the lines of the price, and what makes them add up to the total."""
    lines = [(str(line["label"]), int(line["amount"])) for line in charge.lines]
    beyond = charge.due_amount - sum(amount for _label, amount in lines)
    lines += [(_("Paid before at a higher price"), beyond)] if beyond else []
    return lines + [(credit.reason, -credit.amount) for credit in charge.credits.standing().order_by("created_at")]


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
