"""API endpoints for exports: ask, follow, download, cancel."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.models import User
from api.auth import people_auth, person_of
from api.export_examples import ASK_EXPORT, CANCEL_EXPORT, EXPORT, EXPORT_FILE, EXPORTS
from api.export_schemas import ExportIn, ExportOut, ExportsOut, ExportsQuery
from api.idempotency import IdempotencyKey
from api.page_numbers import paged
from common.errors import InvalidValueError
from exports.export_kinds import ExportKind, kind_named, kinds_for
from exports.given_files import file_of
from exports.models import Export, WhoseRows
from exports.queries import exports_of, load_export
from exports.services import ExportOrder, ask_export, cancel_export

router = Router(tags=["People"], auth=people_auth)


@router.post("/exports", response={202: ExportOut}, summary="Ask for rows as a file", openapi_extra=ASK_EXPORT)
def post_export(
    request: HttpRequest,
    body: ExportIn,
    idempotency_key: IdempotencyKey = "",
) -> Status[dict[str, Any]]:
    """Ask for the rows of a list as a file; follow it with GET until it is `ready`.

    Answers 429 `too_many_exports` while too many of yours are not finished. The same `Idempotency-Key` with the same
    body asks once.
    """
    person = person_of(request)
    kind = _kind(person, body)
    order = ExportOrder(
        kind=kind.name,
        whose=kind.whose,
        asked=urlencode(list(_asked(kind, body))),
        file_format=body.format,
        delimiter=body.delimiter,
        bom=body.bom,
        words=body.words,
        mail=body.mail,
        attach=body.attach,
        key=idempotency_key,
    )
    return Status(202, _export_json(request, ask_export(owner=person, order=order, at=now())))


@router.get("/exports", response=ExportsOut, summary="List your exports", openapi_extra=EXPORTS)
def get_exports(request: HttpRequest, query: Query[ExportsQuery]) -> dict[str, Any]:
    """List your exports, the latest first."""
    answer = paged(exports_of(person_of(request)), query.page, query.page_size)
    return answer | {"items": [_export_json(request, export) for export in answer["items"]]}


@router.get("/exports/{int:export_id}", response=ExportOut, summary="How far an export is", openapi_extra=EXPORT)
def get_export(request: HttpRequest, export_id: int) -> dict[str, Any]:
    """Describe one of your exports."""
    return _export_json(request, load_export(person_of(request), export_id))


@router.get("/exports/{int:export_id}/file", summary="Download an export", openapi_extra=EXPORT_FILE)
def get_export_file(request: HttpRequest, export_id: int) -> FileResponse:
    """Send the file of one of your exports. Answers 409 `export_not_ready` unless it is ready."""
    name, file = file_of(load_export(person_of(request), export_id), at=now())
    return FileResponse(file, as_attachment=True, filename=name)


@router.delete("/exports/{int:export_id}", response=ExportOut, summary="Cancel an export", openapi_extra=CANCEL_EXPORT)
def delete_export(request: HttpRequest, export_id: int) -> dict[str, Any]:
    """Stop an export, or remove its file. Idempotent."""
    return _export_json(request, cancel_export(export=load_export(person_of(request), export_id), at=now()))


def _kind(person: User, body: ExportIn) -> ExportKind:
    """Return the kind that is meant: that of the lots where the person may have it, else the own one."""
    if body.whose is not None and body.whose not in WhoseRows.values:
        raise InvalidValueError(_("This must be own or lots."), path="whose")
    if body.whose is not None:
        return kind_named(body.kind, body.whose)
    mine = [kind for whose in (WhoseRows.LOTS, WhoseRows.OWN) for kind in kinds_for(person, whose)]
    return next((kind for kind in mine if kind.name == body.kind), None) or kind_named(body.kind, WhoseRows.LOTS)


def _asked(kind: ExportKind, body: ExportIn) -> Iterator[tuple[str, str]]:
    """Yield the parameters of the kind's list."""
    for name, value in (("from", body.since), ("to", body.until), ("lot", body.lot)):
        if value:
            yield name, value
    for name, given in body.filters.items():
        if name not in kind.filters:
            known = ", ".join(sorted(kind.filters)) or "–"
            raise InvalidValueError(
                _("This kind has these filters: %(known)s.") % {"known": known}, path=f"filters.{name}"
            )
        for each in given if isinstance(given, list) else [given]:
            if each is not None and each is not False:
                yield name, "on" if each is True else str(each)


def _export_json(request: HttpRequest, export: Export) -> dict[str, Any]:
    path = reverse("api:get_export_file", args=[export.pk])
    return {
        "id": export.pk,
        "kind": export.kind,
        "whose": export.whose,
        "format": export.file_format,
        "status": export.state,
        "rows": export.rows,
        "total": export.total,
        "progress": export.percent,
        "size": export.size,
        "url": request.build_absolute_uri(path) if export.is_offered(now()) else None,
        "failure": export.get_failure_display() or None,
        "created_at": export.created_at,
        "expires_at": export.expires_at,
    }
