"""Exports that a person may see and have."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import ConflictError, NotFoundError
from exports.export_kinds import kind_named
from exports.models import Export, ExportQuerySet, WhoseRows


class ExportNotReadyError(ConflictError):
    """The file is not written yet, or not there any more."""

    code = "export_not_ready"


def exports_of(person: User) -> ExportQuerySet:
    """Return a person's exports, the latest first."""
    return Export.objects.filter(owner=person)


def load_export(person: User, pk: int) -> Export:
    """Return an export of a person. Raises NotFoundError for any other."""
    export = exports_of(person).filter(pk=pk).first()
    if export is None:
        raise NotFoundError(_("There is no such export."))
    return export


def may_have(export: Export) -> bool:
    """Return whether its person still has an account and the role that it needs at every operator with rows in it."""
    if not export.owner.is_active:
        return False
    if export.whose == WhoseRows.OWN:
        return True
    return {*export.operators} <= {*kind_named(export.kind, export.whose).operators(export.owner)}


def check_offered(export: Export, at: datetime) -> None:
    """Refuse a file that can't be had. Raises ExportNotReadyError, or NotFoundError without the role or account."""
    if not may_have(export):
        raise NotFoundError(_("There is no such export."))
    if not export.is_offered(at):
        raise ExportNotReadyError(
            _("The file is not there: the export is %(state)s.") % {"state": export.get_state_display().lower()}
        )
