"""Paging of long lists."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


def page_of(rows: QuerySet[Any] | list[Any], request: HttpRequest, size: int = PAGE_SIZE) -> Page[Any]:
    """Return the page of a list that the address asks for, or the nearest one; `size` rows each."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
