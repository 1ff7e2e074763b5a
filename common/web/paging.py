"""Paging of long lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


def page_of(rows: QuerySet[Any] | list[Any], request: HttpRequest, size: int = PAGE_SIZE) -> Page[Any]:
    """Return the page of a list that the address asks for, or the nearest one; `size` rows each."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


@dataclass(frozen=True, slots=True)
class OlderPage:
    """Rows of a list that ends nowhere soon, the latest first: `older` begins the next page, empty at the end."""

    object_list: list[Any]
    older: str
    is_first: bool

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows."""
        return iter(self.object_list)


def page_by_time(rows: QuerySet[Any], request: HttpRequest, size: int = PAGE_SIZE) -> OlderPage:
    """Return the rows from where the address says, by their `at` and key; none are skipped or counted before."""
    reached = request.GET.get("before", "")
    try:
        moment, _stroke, key = reached.partition("_")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is not None:
            rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=int(key)))
    except (ValueError, OverflowError):
        reached = ""
    found = list(rows.order_by("-at", "-pk")[: size + 1])
    shown = found[:size]
    older = f"{shown[-1].at.isoformat()}_{shown[-1].pk}" if len(found) > size else ""
    return OlderPage(shown, older, not reached)
