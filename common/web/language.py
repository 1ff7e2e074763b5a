"""The language that a person without an account chose, kept in a cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common.languages import LANGUAGES
from common.web.theme import keep_choice, next_page


# A forged request could only change words, and a CSRF token here would put a cookie on every public page.
@csrf_exempt
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language posted (anything unknown means the browser's) and go back to the page `next`."""
    response = HttpResponseRedirect(next_page(request))
    language = request.POST.get("language", "")
    keep_choice(request, response, settings.LANGUAGE_COOKIE_NAME, language if language in LANGUAGES else "")
    return response
