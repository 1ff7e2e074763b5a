"""The mailed link of an export: for a day it gives the file to who has it, until it is revoked."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from exports.models import Export

LINK_FOLDER = "exports/"
EXPORTS_PAGE = "me/exports/"
LINK_LASTS = timedelta(hours=24)
_signer = TimestampSigner(salt="exports.link")


def mailed_link(export: Export) -> str:
    """Return the whole address that gives the file to who has it."""
    return f"{settings.PUBLIC_URL}/{LINK_FOLDER}{_signer.sign_object([export.pk, export.nonce])}/"


def exports_page() -> str:
    """Return the whole address of the page with a person's exports."""
    return f"{settings.PUBLIC_URL}/{EXPORTS_PAGE}"


def linked_export(signed: str, *, at: datetime) -> Export | None:
    """Return the export whose file a link gives; None for a link that is forged, old or revoked."""
    try:
        pk, nonce = _signer.unsign_object(signed, max_age=LINK_LASTS)
    except (BadSignature, ValueError, TypeError):
        return None
    export = Export.objects.filter(pk=pk, nonce=nonce).exclude(nonce="").first()
    return export if export is not None and export.is_offered(at) else None
