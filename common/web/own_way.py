"""Numbers, dates and times as the signed-in person chose to have them written."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

PAGES_OF_PROGRAMS = ("/api/", "/_allauth/")


def written_as_chosen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: use a person's locale, and their timezone for times that are no lot's, until the answer is made."""

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith(PAGES_OF_PROGRAMS):
            return get_response(request)
        zone = getattr(request.user, "timezone", "")
        with (
            translation.override(getattr(request.user, "locale", "") or settings.LANGUAGE_CODE),
            timezone.override(ZoneInfo(zone) if zone else None),
        ):
            return get_response(request)

    return answer
