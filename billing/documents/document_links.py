"""The public link of a document: anyone who has it can read the document."""

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

DOCUMENT_FOLDER = "d/"


def document_link(token: str) -> str:
    """Return the link of a document by its token."""
    return f"{settings.PUBLIC_URL}/{DOCUMENT_FOLDER}{token}/"


def document_qr(link: str) -> SafeString:
    """Return the QR code of a document's link as SVG."""
    import segno  # slow to import, and few processes need it

    code = segno.make(link, error="m", micro=False)
    return mark_safe(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S308 - our own link
