"""The language, and the way to write numbers, dates and times, that a person chose."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

PAGES_OF_PROGRAMS, OF_PROGRAMS = ("/api/", "/_allauth/"), "en"
READ_BY_PEOPLE = "/api/v1/docs"


def written_as_chosen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: use a person's locale, and their timezone for times that are no lot's, until the answer is made.

    Who has chosen none reads the language of the cookie, else the browser's. Programs are answered in English.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PAGES_OF_PROGRAMS) and not request.path.startswith(READ_BY_PEOPLE):
            with translation.override(OF_PROGRAMS):
                return get_response(request)
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        locale, zone = (_chosen(request, "locale"), _chosen(request, "timezone")) if signed_in else ("", "")
        with (
            translation.override(locale or translation.get_language_from_request(request)),
            timezone.override(ZoneInfo(zone) if zone else None),
        ):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return answer


def _chosen(request: HttpRequest, name: str) -> str:
    return getattr(request.user, name, "")
