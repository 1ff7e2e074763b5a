"""Redirect a form's address, opened from the address bar or a bookmark, to the page with the form."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import Resolver404, resolve

FOR_PROGRAMS = ("/api/", "/_allauth/")


def lead_to_form(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: redirect a GET of an address that only accepts POST. Programs keep their 405."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        opened = request.method in {"GET", "HEAD"} and not request.path.startswith(FOR_PROGRAMS)
        if opened and isinstance(response, HttpResponseNotAllowed):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(_page_above(request.path) + (f"?{query}" if query else ""))
        return response

    return answer


def _page_above(path: str) -> str:
    """Return the nearest existing address above `path`: a form is posted to an address below its page."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return "/"
