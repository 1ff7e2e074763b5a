"""How operators' rows are listed and shown: sorted, with some fields only, each with the tag of its state."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils.translation import gettext as _
from ninja import Field, Schema

from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize, paged
from common.errors import DomainError, InvalidValueError
from common.web.etags import etag_of, has_etag

R = TypeVar("R")
SORT = "The field to sort by, with a minus for the largest first"
FIELDS = "The fields to answer with, separated by commas; all without it"


class ChangedMeanwhileError(DomainError):
    """The row is not any more as `If-Match` says."""

    code = "changed_meanwhile"
    status = 412


class RecordsQuery(Schema):
    """Which page of a list, in which order, and which fields of each row."""

    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE
    sort: str = Field("", max_length=60, description=SORT)
    fields_: str = Field("", alias="fields", max_length=500, description=FIELDS)


class FieldsQuery(Schema):
    """Which fields of a row."""

    fields_: str = Field("", alias="fields", max_length=500, description=FIELDS)


def listed(
    rows: QuerySet[Any], asked: RecordsQuery, sorts: Mapping[str, str], tell: Callable[[list[Any]], Sequence[Schema]]
) -> JsonResponse:
    """Answer with a page of rows, told together; `sorts` has the column of each field they can be sorted by.

    The first is the order without one. Raises InvalidValueError for another field.
    """
    name = asked.sort.removeprefix("-") or next(iter(sorts))
    if name not in sorts:
        raise InvalidValueError(_("Sort by one of %(names)s.") % {"names": ", ".join(sorts)}, path="sort")
    direction = "-" if asked.sort.startswith("-") else ""
    page = paged(rows.order_by(f"{direction}{sorts[name]}", f"{direction}pk"), asked.page, asked.page_size)
    return JsonResponse(page | {"items": [_some(_told(row), asked.fields_) for row in tell(page["items"])]})


def shown(request: HttpRequest, row: Schema, fields: str = "", *, status: int = 200) -> HttpResponse:
    """Answer with a row and the tag of its state; with nothing when `If-None-Match` names that."""
    told = _told(row)
    tag = etag_of(told)
    if request.method == "GET" and has_etag(request.headers.get("If-None-Match", ""), tag):
        return HttpResponseNotModified(headers={"ETag": tag})
    return JsonResponse(_some(told, fields), status=status, headers={"ETag": tag})


@contextmanager
def unless_changed(request: HttpRequest, load: Callable[[], R], tell: Callable[[R], Schema]) -> Iterator[R]:
    """Lock a row by loading it, and let the block write it if it still is as `If-Match` says.

    The lock is held to the end of the block, so that no change between the two is lost. Raises ChangedMeanwhileError.
    """
    with transaction.atomic():
        row = load()
        if not has_etag(request.headers.get("If-Match", "*"), etag_of(_told(tell(row)))):
            raise ChangedMeanwhileError(_("Somebody else has changed this. Read it again, then send your change."))
        yield row


def _told(row: Schema) -> dict[str, Any]:
    return row.model_dump(mode="json", by_alias=True)


def _some(told: dict[str, Any], fields: str) -> dict[str, Any]:
    wanted = [name for name in fields.split(",") if name]
    unknown = [name for name in wanted if name not in told]
    if unknown:
        message = _("%(name)s is no field here; there are %(names)s.")
        raise InvalidValueError(message % {"name": unknown[0], "names": ", ".join(told)}, path="fields")
    return {name: told[name] for name in wanted} if wanted else told
