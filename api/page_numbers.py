"""How programs ask for a page of a list."""

from typing import Annotated, Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from pydantic import Field

DEFAULT_SIZE = 50
PageNumber = Annotated[int, Field(ge=1, le=100_000)]
PageSize = Annotated[int, Field(ge=1, le=200)]


def paged(rows: QuerySet[Any], page: int, page_size: int) -> dict[str, Any]:
    """Return one page of rows; pages past the last are empty."""
    start = (page - 1) * page_size
    total = Paginator(rows, page_size).count
    return {"items": list(rows[start : start + page_size]), "total": total, "page": page, "page_size": page_size}
