"""Removing the files of exports that are over."""

from datetime import datetime, timedelta

from django.conf import settings

from exports.file_store import remove_file, remove_left_over
from exports.models import Export, ExportState
from exports.services.asking import ENDED

AT_ONCE = 500


def clear_exports(*, at: datetime) -> int:
    """Let the exports expire whose time has come, remove the files of all that are over; return how many files.

    The rows go a while after their files, so that a person sees for some time what became of an export.
    """
    due = Export.objects.filter(state=ExportState.READY, expires_at__lte=at)
    due.update(state=ExportState.EXPIRED, nonce="")
    over = Export.objects.filter(state__in=ENDED).exclude(file="")
    removed = 0
    for export in over.order_by("pk")[:AT_ONCE]:
        remove_file(export.file)
        removed += Export.objects.filter(pk=export.pk, file=export.file).update(file="")
    remove_left_over()
    long_ago = at - 5 * timedelta(days=settings.EXPORTS_KEPT_DAYS)
    Export.objects.filter(state__in=ENDED, file="", created_at__lt=long_ago).delete()
    return removed
