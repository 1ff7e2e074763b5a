"""Opens the file of an export for who may have it."""

from datetime import datetime
from typing import IO, Any

from django.utils.translation import gettext as _

from exports.export_mails import file_name
from exports.file_store import store
from exports.models import Export
from exports.queries import ExportNotReadyError, check_offered


def file_of(export: Export, *, at: datetime) -> tuple[str, IO[Any]]:
    """Return the name and the opened file. Raises ExportNotReadyError, or NotFoundError once the role is lost."""
    check_offered(export, at)
    try:
        return file_name(export), store().open(export.file)
    except FileNotFoundError as error:
        raise ExportNotReadyError(_("The file is not there any more. Ask for it again.")) from error
