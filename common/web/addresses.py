"""Middleware for malformed requests, and for sessions where programs log in."""

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse

UNREADABLE = "\ufffd"


def without_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: read a NUL in an address or a cookie as Django reads broken UTF-8, as U+FFFD.

    PostgreSQL's text can't hold one, so every query with it would fail. In forms and JSON the fields refuse it.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        request.path, request.path_info = (path.replace("\0", UNREADABLE) for path in (request.path, request.path_info))
        query: str = request.META.get("QUERY_STRING", "")
        if "%00" in query:
            request.META["QUERY_STRING"] = query.replace("%00", quote(UNREADABLE))
        for name, value in request.COOKIES.items():  # a quoted cookie writes it as \000
            request.COOKIES[name] = value.replace("\0", UNREADABLE)
        return get_response(request)

    return answer


def without_page_session(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: ignore the pages' session cookie where programs log in; their session comes in a header.

    With a session cookie the package answers an unknown token with an error of its own.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/_allauth/app/"):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    return answer
