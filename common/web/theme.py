"""The light or dark theme that a person chose, kept in a cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

THEMES = ("light", "dark")
YEAR_SECONDS = 365 * 24 * 60 * 60


def chosen_theme(request: HttpRequest) -> str:
    """Return `light` or `dark` as chosen, or an empty string for the system's own."""
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return theme if theme in THEMES else ""


def next_page(request: HttpRequest) -> str:
    """Return the page of ours that was posted as `next`, or the first one."""
    target = request.POST.get("next", "/")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) else "/"


# A forged request could only change colours, and a CSRF token here would put a cookie on every public page.
@csrf_exempt
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme posted (anything unknown means the system's) and go back to the page `next`."""
    response = HttpResponseRedirect(next_page(request))
    theme = request.POST.get("theme", "")
    keep_choice(request, response, settings.THEME_COOKIE_NAME, theme if theme in THEMES else "")
    return response


def keep_choice(request: HttpRequest, response: HttpResponse, name: str, chosen: str) -> None:
    """Keep what somebody chose in a cookie for a year; nothing removes it."""
    if chosen:
        secure = settings.SESSION_COOKIE_SECURE or request.is_secure()
        response.set_cookie(name, chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=secure)
    else:
        response.delete_cookie(name, samesite="Lax")
