"""The receipt printer and drawer beside a desk, reached through a local endpoint; without it all goes on."""

import structlog
import urllib3
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.models import Payment, PaymentMethod, PaymentState
from common.breaker import Breaker
from common.translation import money_said
from desk.till.slips import SlipRow, drawer_kick, slip, ticket_slip
from lots.calendar import zone_of
from tickets.links import ticket_link
from tickets.models import Ticket

TIMEOUT_SECONDS = 1.0
LEAVE_ALONE_SECONDS = 30.0

logger = structlog.get_logger(__name__)
_pool = urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False)
away = Breaker(LEAVE_ALONE_SECONDS)


def print_sale(payment: Payment | None) -> None:
    """Print what was just taken at a desk, and open the drawer for cash; after the commit, and at most a second."""
    if not settings.TILL_PRINTER_URL or payment is None or payment.state != PaymentState.CAPTURED:
        return
    if payment.method == PaymentMethod.CASH:
        send(drawer_kick() + _slip_of(payment))
    else:
        send(_slip_of(payment))


def print_ticket(ticket: Ticket) -> None:
    """Print the ticket of a car without a plate, to be handed over."""
    if settings.TILL_PRINTER_URL:
        send(_ticket_of(ticket))


def send(data: bytes) -> None:
    """Send bytes to the printer, unless it was away a moment ago."""
    if away.is_open:
        return
    try:
        answer = _pool.request(
            "POST", settings.TILL_PRINTER_URL, body=data, headers={"Content-Type": "application/octet-stream"}
        )
    except urllib3.exceptions.HTTPError as error:
        away.trip()
        logger.warning("till_printer_away", error=repr(error))
    else:
        if answer.status >= 400:  # noqa: PLR2004 - errors begin there
            logger.warning("till_printer_refused", status=answer.status)


def _slip_of(payment: Payment) -> bytes:
    charge = payment.charge
    lot = charge.lot
    at = (payment.finished_at or payment.created_at).astimezone(zone_of(lot))
    money = [SlipRow(payment.get_method_display(), _money(payment, payment.tendered_amount or payment.amount))]
    if payment.change_amount:
        money.append(SlipRow(pgettext("money", "Change"), _money(payment, payment.change_amount)))
    lines = [SlipRow(str(line["label"]), _money(payment, int(line["amount"]))) for line in charge.lines]
    return slip(
        title=str(lot.operator),
        head=[lot.name, lot.address, f"{lot.postal_code} {lot.city}".strip(), charge.label, f"{at:%Y-%m-%d %H:%M}"],
        rows=lines,
        total=SlipRow(_("Paid"), _money(payment, payment.captured_amount)),
        foot=[f"{row.label}: {row.amount}" for row in money],
    )


def _ticket_of(ticket: Ticket) -> bytes:
    lot, spot = ticket.lot, ticket.spot
    entry_at = f"{ticket.entry_at.astimezone(zone_of(lot)):%Y-%m-%d %H:%M}"
    head = [lot.address, f"{lot.postal_code} {lot.city}".strip(), _("In: %(entry_at)s") % {"entry_at": entry_at}]
    if spot and ticket.level:
        head.append(_("Spot %(number)s, %(name)s") % {"number": spot.number, "name": ticket.level.name})
    foot = [_("Keep this ticket. Pay with it on your phone, at the machine or at the desk.")]
    return ticket_slip(title=lot.name, head=head, link=ticket_link(ticket.token), number=ticket.number, foot=foot)


def _money(payment: Payment, amount: int) -> str:
    return money_said(amount, payment.charge.currency)
