"""QR codes of stays."""

from django.utils.safestring import SafeString

from common.web.qr import qr_svg
from tickets.links import ticket_link
from tickets.models import Ticket


def qr_of(ticket: Ticket) -> SafeString:
    """Return the QR code of a stay's link as SVG; anyone who scans it can see and pay the stay."""
    return qr_svg(ticket_link(ticket.token))
