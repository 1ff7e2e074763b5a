"""QR codes of stays."""

from django.utils.safestring import SafeString, mark_safe

from tickets.links import ticket_link
from tickets.models import Ticket


def qr_of(ticket: Ticket) -> SafeString:
    """Return the QR code of a stay's link as SVG; anyone who scans it can see and pay the stay."""
    import segno  # slow to import, and few processes need it

    code = segno.make(ticket_link(ticket.token), error="m", micro=False)
    return mark_safe(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S308 - our own link
