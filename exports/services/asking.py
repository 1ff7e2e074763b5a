"""Asking for exports, and taking them back."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.crypto import get_random_string
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError, ForbiddenError, InvalidValueError, NotFoundError
from exports.export_kinds import kind_named
from exports.file_store import remove_file
from exports.models import LONGEST_ASKED, Export, ExportState, FileFormat

MOST_WAITING = 10
"""Exports of one person that may wait or be written at a time."""
ENDED = (ExportState.CANCELLED, ExportState.EXPIRED, ExportState.FAILED)
_KEY_KEPT = timedelta(days=1)


class TooManyExportsError(DomainError):
    """The person has as many unfinished exports as there may be; `retry_after` is in whole seconds."""

    code = "too_many_exports"
    status = 429
    retry_after = 30


class ExportConflictError(DomainError):
    """The same idempotency key came with another order."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What a person asks for; `asked` is the query string of the list, `key` makes a repetition the same export."""

    kind: str
    whose: str
    asked: str = ""
    file_format: str = FileFormat.CSV
    delimiter: str = ","
    bom: bool = False
    words: bool = False
    mail: bool = False
    attach: bool = False
    key: str = ""


@transaction.atomic
def ask_export(*, owner: User, order: ExportOrder, at: datetime) -> Export:
    """Queue an export, or return the one that was asked for with the same key.

    Raises InvalidValueError for a kind or filter that does not fit, ForbiddenError without the kind's role,
    NotFoundError for a lot of somebody else, TooManyExportsError (429), and ExportConflictError for the key of another
    order.
    """
    _check(owner, order)
    # One person's requests come one after another, so that the limit holds.
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    fields = {name: getattr(order, name) for name in ExportOrder.__slots__ if name != "key"}
    key = hashlib.sha256(order.key.encode()).hexdigest() if order.key else ""
    known = Export.objects.filter(owner=owner, key=key).first() if key else None
    if known is not None and at - known.created_at < _KEY_KEPT:
        if any(getattr(known, name) != value for name, value in fields.items()):
            raise ExportConflictError(_("This key was sent before, with another order."))
        return known
    if known is not None:
        Export.objects.filter(pk=known.pk).update(key="")
    if Export.objects.unfinished().filter(owner=owner).count() >= MOST_WAITING:
        text = ngettext(
            "%(count)s export of yours is not finished yet. Wait for it, or cancel it.",
            "%(count)s exports of yours are not finished yet. Wait for one of them, or cancel one.",
            MOST_WAITING,
        )
        raise TooManyExportsError(text % {"count": MOST_WAITING})
    return Export.objects.create(
        owner=owner, key=key, language=get_language() or "en", nonce=get_random_string(32), created_at=at, **fields
    )


def cancel_export(*, export: Export, at: datetime) -> Export:
    """Stop an export that is not finished, or remove the file of one that is. Idempotent."""
    with transaction.atomic():
        export = Export.objects.select_for_update().get(pk=export.pk)
        if export.state not in ENDED:
            export.state, export.finished_at, export.nonce = ExportState.CANCELLED, at, ""
            export.save(update_fields=["state", "finished_at", "nonce"])
            # The worker that is writing it sees that at its next step, and removes what it has.
            transaction.on_commit(lambda: remove_file(export.file), robust=True)
    return export


def revoke_link(*, export: Export) -> Export:
    """Let the mailed link of an export lead nowhere from now on; its person can still get the file. Idempotent."""
    Export.objects.filter(pk=export.pk).update(nonce="")
    export.nonce = ""
    return export


def erase_exports(*, person: User) -> None:
    """Remove the exports of a person whose account is deleted, with their files."""
    names = list(Export.objects.filter(owner=person).exclude(file="").values_list("file", flat=True))
    Export.objects.filter(owner=person).delete()
    for name in names:
        transaction.on_commit(partial(remove_file, name), robust=True)


def _check(owner: User, order: ExportOrder) -> None:
    """Refuse what could not be written either."""
    kind = kind_named(order.kind, order.whose)
    if len(order.asked) > LONGEST_ASKED or "\0" in order.asked:
        raise InvalidValueError(_("This filter is too long."), path="filters")
    if order.file_format not in FileFormat.values:
        raise InvalidValueError(_("The format must be csv or xlsx."), path="format")
    if order.delimiter not in {",", ";"}:
        raise InvalidValueError(_("The delimiter must be a comma or a semicolon."), path="delimiter")
    try:
        kind.rows_for(owner, order.asked)
    except PermissionDenied as error:
        raise ForbiddenError(_("Your role does not allow this export.")) from error
    except Http404 as error:
        raise NotFoundError(_("There is nothing here, or you may not see it.")) from error
