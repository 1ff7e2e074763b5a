"""The pages of the office's lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField, Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from accounts.access import PersonRequest
from common.web.htmx import wants_part
from common.web.listing import ListPage
from office.saved_views import views_of

ROWS = "components/list_rows.html"
TEXT = "q"


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """The filter of a list on its page: the `text` to search for, and the `others`, which are folded on a phone.

    `set` is how many of these narrow the list; where one `is_wrong` they are shown.
    """

    text: BoundField | None
    others: list[BoundField]
    set: int
    is_wrong: bool

    @classmethod
    def of(cls, form: Form) -> "ShownFilter":
        """Return how a page shows a bound form."""
        others = [field for field in form if field.name != TEXT]
        seen = [field for field in others if not field.is_hidden]
        is_wrong = any(field.errors for field in seen)
        chosen = sum(bool(field.errors or form.cleaned_data.get(field.name)) for field in seen)
        return cls(form[TEXT] if TEXT in form.fields else None, others, chosen, is_wrong)


def list_response(  # noqa: PLR0913 - what a page is about
    request: PersonRequest,
    template: str,
    page: ListPage,
    *,
    form: Form,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render the page of a list, or only its rows where HTMX swaps these; 422 for a filter that does not fit."""
    shown = {"page": page, "form": form, "filter_url": reverse(page.listing.url), "acts": page.listing.acts}
    shown |= {"filter": ShownFilter.of(form)}
    shown |= {"views": views_of(request, page), "save_url": reverse("office:save_view", args=[page.listing.name])}
    shown |= dict(context)
    file = ROWS if wants_part(request) else template
    response = render(request, file, shown, status=status if form.is_valid() else 422)
    patch_vary_headers(response, ["HX-Request"])
    return response
