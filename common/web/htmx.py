"""Responses of pages whose parts are refreshed over HTMX.

A part of the page `lots/lot.html` is named `lots/lot.html#live` and lives in `lots/lot/_live.html`,
which the page includes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language

from common.web.etags import weak_etag

Context = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


def page_response(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render the part that `template` names after its `#` for an HTMX request, else the whole page.

    Pass `status=422` for a form that was refused: HTMX swaps it in like a success.
    """
    response = render(request, _file(request, template), dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def live_response(request: HttpRequest, template: str, context: Context, *, etag_source: object) -> HttpResponse:
    """Render a page or its live part; answer 304 when the browser already holds the part made from `etag_source`.

    `etag_source` is anything that `json` can write (dates and ids are turned into text) and must change whenever what
    is shown changes. A `context` given as a function is called only when something is rendered. Whole pages are never
    answered with 304, since they also carry messages and the menu of the person.
    """
    file = _file(request, template)
    etag = weak_etag(file, str(getattr(getattr(request, "user", None), "pk", "")), get_language(), etag_source)
    is_part = wants_part(request)
    if is_part and _holds(request, etag):
        response = HttpResponse(status=304)
    else:
        response = render(request, file, dict(context() if callable(context) else context))
    if is_part:
        response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["HX-Request", "Cookie", "Accept-Language"])
    return response


def wants_part(request: HttpRequest) -> bool:
    """Return whether HTMX asks for a part that it swaps in, and not for a whole page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def _file(request: HttpRequest, template: str) -> str:
    page, _, part = template.partition("#")
    if not part or not wants_part(request):
        return page
    return f"{page.removesuffix('.html')}/_{part}.html"


def _holds(request: HttpRequest, etag: str) -> bool:
    held = parse_etags(request.headers.get("If-None-Match", ""))
    return etag in held or etag.removeprefix("W/") in held
