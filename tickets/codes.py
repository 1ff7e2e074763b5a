"""Codes that lead a phone to a stay."""

from django.utils.safestring import SafeString, mark_safe

from tickets.links import ticket_link
from tickets.models import Ticket


def qr_of(ticket: Ticket) -> SafeString:
    """Draw the link of a stay as a code, in SVG; whoever scans it can pay for the stay and see it."""
    import segno  # takes long to import, and few processes draw

    code = segno.make(ticket_link(ticket.token), error="m", micro=False)
    return mark_safe(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S308 - our own link
