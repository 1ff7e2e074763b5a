"""Links that keep the page's query string and change one thing in it."""

from typing import Any, NamedTuple

from django import template
from django.template.context import Context

register = template.Library()


class SortLink(NamedTuple):
    """The link of a column head; `direction` is how the list is sorted by it now, or empty."""

    href: str
    direction: str


@register.simple_tag(takes_context=True)
def sort_link(context: Context, key: str, sort: str | None = "") -> SortLink:
    """Return the link to the first page sorted by `key`, or in reverse order when the list is sorted by it already."""
    query: Any = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = f"-{key}" if sort == key else key
    direction = {key: "ascending", f"-{key}": "descending"}.get(sort or "", "")
    return SortLink(f"?{query.urlencode()}", direction)
