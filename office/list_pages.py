"""The pages of the office's lists."""

from collections.abc import Mapping
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from accounts.access import PersonRequest
from common.web.htmx import wants_part
from common.web.listing import ListPage
from office.saved_views import views_of

ROWS = "components/list_rows.html"


def list_response(
    request: PersonRequest,
    template: str,
    page: ListPage,
    *,
    form: Form,
    context: Mapping[str, Any],
) -> HttpResponse:
    """Render the page of a list, or only its rows where HTMX swaps these; 422 for a filter that does not fit."""
    shown = {"page": page, "form": form, "filter_url": reverse(page.listing.url), "acts": page.listing.acts}
    shown |= {"views": views_of(request, page), "save_url": reverse("office:save_view", args=[page.listing.name])}
    shown |= dict(context)
    file = ROWS if wants_part(request) else template
    response = render(request, file, shown, status=200 if form.is_valid() else 422)
    patch_vary_headers(response, ["HX-Request"])
    return response
