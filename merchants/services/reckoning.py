"""What validations were worth, once their stays are over, and the monthly invoices of merchants."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import structlog
from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from accounts.models import Merchant
from billing.documents.drafting import Recipient
from billing.documents.issuing import issue_invoice
from billing.services import assess_charge, record_debt
from billing.tariffs import rules_of, tariff_on
from common.money import round_half_up
from common.translation import month_said
from lots.calendar import local_day, zone_of
from lots.models import Lot
from merchants.models import MerchantInvoice, Validation
from tickets.fees import price_of, undiscounted_price
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.queries import with_fee_parts

BATCH = 500
OVER = (TicketStatus.CLOSED, TicketStatus.VOID)

logger = structlog.get_logger(__name__)


def reckon_validations(*, at: datetime, limit: int = BATCH) -> int:
    """Write what the validations of stays that are over took off, and return of how many stays. Idempotent.

    What was written for a stay that is not over any more, as its exit was taken back, is written again when it is.
    """
    again = Validation.objects.standing().filter(taken_off__isnull=False, invoice=None)
    again = again.filter(ticket__status__in=(*OPEN, TicketStatus.REVIEW))
    again.update(taken_off=None, share_amount=None, ended_at=None)
    waiting = Validation.objects.standing().filter(taken_off=None, ticket__status__in=OVER)
    stays = list(waiting.order_by("ticket").values_list("ticket", flat=True).distinct()[:limit])
    for key in stays:
        _reckon(key, at)
    return len(stays)


@transaction.atomic
def _reckon(ticket_id: int, at: datetime) -> None:
    ticket = with_fee_parts().get(pk=ticket_id)
    worth = worth_of(ticket, at)
    waiting = Validation.objects.standing().select_for_update(of=("self",)).filter(ticket=ticket_id, taken_off=None)
    for given in waiting.select_related("type").order_by("pk"):
        given.taken_off = worth.get(given.key, 0)
        given.share_amount = round_half_up(Fraction(given.taken_off * given.type.share_percent, 100))
        given.ended_at = ticket.exit_at or ticket.changed_at
        given.save(update_fields=["taken_off", "share_amount", "ended_at"])


def worth_of(ticket: Ticket, at: datetime) -> Counter[str]:
    """Return what each discount took off the fee of a stay, by its key, in minor units with tax.

    Priced as it was charged last; together no more than what the driver was spared by them.
    """
    worth: Counter[str] = Counter()
    if ticket.status == TicketStatus.VOID or not ticket.discounts:
        return worth
    charge, untaxed = ticket.charge, 0
    ended = charge.assessed_at if charge is not None else (ticket.exit_at or at)
    full = undiscounted_price(ticket, ended).total
    if charge is not None:
        untaxed = charge.untaxed_amount
    left = max(0, full - (charge.due_amount - untaxed if charge is not None else 0))
    own, before = ticket.discounts, full
    # In the order in which they count, whatever the order in which they were given.
    for discount in sorted(own, key=lambda one: list(_ORDER).index(next(iter(one["discount"])))):
        ticket.discounts = [*(ticket.discounts if ticket.discounts is not own else []), discount]
        after = price_of(ticket, ended).total
        worth[discount["key"]] = min(max(0, before - after), left)
        left -= worth[discount["key"]]
        before = after
    ticket.discounts = own
    return worth


_ORDER = ("free_minutes", "percent", "amount")


def invoice_merchants(*, at: datetime) -> int:
    """Invoice each merchant for the months that are over, and return how many invoices were made; catches up."""
    owing = Validation.objects.standing().filter(invoice=None, share_amount__gt=0)
    made = 0
    for key in sorted(set(owing.order_by().values_list("type__merchant", flat=True))):
        try:
            made += _invoice_months(Merchant.objects.get(pk=key), at)
        except Exception:
            # The next run tries it again; one merchant keeps no other.
            logger.exception("merchant_not_invoiced", merchant=key)
    for invoice in MerchantInvoice.objects.filter(document=None).select_related("merchant", "charge"):
        _issue(invoice, at)
    return made


def _invoice_months(merchant: Merchant, at: datetime) -> int:
    lot = Lot.objects.select_related("operator").filter(merchant_places__merchant=merchant)
    first = lot.order_by("merchant_places__id").first()
    if first is None:
        return 0
    this, made = local_day(first, at).replace(day=1), 0
    while (month := _next_month(merchant, first, this)) is not None:
        made += _invoice_month(merchant, first, month, at)
    return made


def _next_month(merchant: Merchant, lot: Lot, this: date) -> date | None:
    """Return the earliest month that is over and whose validations have no invoice yet; None when there is none.

    What ended in a month that has been invoiced waits for the invoice of the last month that is over, then the next.
    """
    rows = Validation.objects.standing().filter(type__merchant=merchant, invoice=None, share_amount__gt=0)
    earliest = rows.aggregate(first=Min("ended_at"))["first"]
    if earliest is None:
        return None
    invoiced = set(MerchantInvoice.objects.filter(merchant=merchant).values_list("month", flat=True))
    month = local_day(lot, earliest).replace(day=1)
    while month < this and month in invoiced:
        month = _after(month)
    return month if month < this else None


@transaction.atomic
def _invoice_month(merchant: Merchant, lot: Lot, month: date, at: datetime) -> int:
    Merchant.objects.select_for_update().get(pk=merchant.pk)
    if MerchantInvoice.objects.filter(merchant=merchant, month=month).exists():
        return 0
    until = datetime.combine(_after(month), datetime.min.time(), tzinfo=zone_of(lot))
    rows = Validation.objects.standing().select_for_update(of=("self",)).select_related("type")
    rows = rows.filter(type__merchant=merchant, invoice=None, share_amount__gt=0, ended_at__lt=until)
    given = list(rows.order_by("pk"))
    if not given:
        return 0
    counts, sums = Counter(one.type.name for one in given), Counter[str]()
    for one in given:
        sums[one.type.name] += one.share_amount or 0
    lines = [{"label": f"{counts[name]} × {name}", "amount": sums[name]} for name in sorted(sums)]
    tariff = tariff_on(lot, month)
    charge = assess_charge(
        charge=None,
        lot=lot,
        label=_("Validations of %(month)s") % {"month": month_said(month)},
        due=sum(sums.values()),
        tax_percent=rules_of(tariff).tax_percent if tariff else Decimal(0),
        lines=lines,
        at=at,
    )
    invoice = MerchantInvoice.objects.create(merchant=merchant, month=month, charge=charge, made_at=at)
    rows.filter(pk__in=[one.pk for one in given]).update(invoice=invoice)
    record_debt(charge=charge, plate="", reason=merchant.name, at=at, of_booker=True)
    return 1


def _issue(invoice: MerchantInvoice, at: datetime) -> None:
    """Issue the document of an invoice, in a transaction of its own."""
    merchant = invoice.merchant
    to = Recipient(
        name=merchant.legal_name or merchant.name,
        email=merchant.email,
        address=merchant.address,
        tax_id=merchant.tax_id,
        country=merchant.country,
    )
    document = issue_invoice(invoice.charge.debt, to, at=at) or invoice.charge.debt.invoice
    if document is not None:
        MerchantInvoice.objects.filter(pk=invoice.pk).update(document=document)


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
