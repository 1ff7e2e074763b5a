"""The public link of a document: anyone who has it can read the document."""

from django.conf import settings
from django.utils.safestring import SafeString

from common.web.qr import qr_svg

DOCUMENT_FOLDER = "d/"


def document_link(token: str) -> str:
    """Return the link of a document by its token."""
    return f"{settings.PUBLIC_URL}/{DOCUMENT_FOLDER}{token}/"


def document_qr(link: str) -> SafeString:
    """Return the QR code of a document's link as SVG."""
    return qr_svg(link)
