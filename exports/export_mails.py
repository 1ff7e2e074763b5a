"""The mail that says that an export is ready, with its file if it is small and was asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.timezone import now
from django.utils.translation import get_language, override

from accounts.access import verified_address
from common.translation import day_said
from exports.export_kinds import kind_named
from exports.export_links import LINK_LASTS, exports_page, mailed_link
from exports.file_store import store
from exports.models import Export, FileFormat
from exports.queries import check_offered
from notifications.attachments import Attachment, register_attachment
from notifications.services import queue_message

LARGEST_ATTACHED = 1_000_000
"""Bytes of a CSV file that a mail may carry."""
READY, ATTACHED = "export_ready", "export_attached"
"""The templates without and with the file."""


def queue_ready_mail(export: Export, *, at: datetime) -> None:
    """Queue the mail to the person's verified address; nothing without one."""
    address = verified_address(export.owner)
    if not address:
        return
    is_attached = export.attach and fits_in_mail(export)
    with override(export.owner.locale or export.language):
        context = {
            "language": get_language(),
            "export": export.pk,
            "what": str(kind_named(export.kind, export.whose).label),
            "rows": export.rows,
            "link": mailed_link(export),
            "page": exports_page(),
            "hours": int(LINK_LASTS.total_seconds()) // 3600,
            "until": day_said(export.expires_at.date()) if export.expires_at else "",
        }
    template = ATTACHED if is_attached else READY
    key = f"{template}:{export.pk}:{export.attempt}"
    queue_message(key=key, operator=None, recipient=address, template=template, context=context, at=at)


def fits_in_mail(export: Export) -> bool:
    """Return whether the file of a ready export can be attached to a mail."""
    return export.file_format == FileFormat.CSV and (export.size or 0) <= LARGEST_ATTACHED


def file_name(export: Export) -> str:
    """Return the name under which a browser or mail program saves the file."""
    return f"{export.kind}-{export.created_at:%Y-%m-%d}.{export.file_format}"


def _file(context: Mapping[str, Any]) -> Attachment:
    """Return the file for the mail. Raises what `check_offered` does, so that the mail is parked instead."""
    export = Export.objects.get(pk=context["export"])
    check_offered(export, now())
    with store().open(export.file) as file:
        return Attachment(file_name(export), file.read(), "text/csv")


register_attachment(ATTACHED, _file)
