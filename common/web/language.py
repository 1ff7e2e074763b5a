"""The language that a person without an account chose, kept in a cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common.languages import LANGUAGES
from common.web.theme import YEAR_SECONDS, next_page


# A forged request could only change words, and a CSRF token here would put a cookie on every public page.
@csrf_exempt
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language posted (anything unknown means the browser's) and go back to the page `next`."""
    response = HttpResponseRedirect(next_page(request))
    language, cookie = request.POST.get("language", ""), settings.LANGUAGE_COOKIE_NAME
    if language in LANGUAGES:
        response.set_cookie(cookie, language, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(cookie, samesite="Lax")
    return response
