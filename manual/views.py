"""The manual's first page with its search, its chapters, and how the installation is doing."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import runs_installation, signed_in
from manual.chapter_texts import ENGLISH, search, written
from manual.chapters import CHAPTERS, Readers, parts_for
from manual.installation import parts, version

LONGEST_QUERY = 100


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the chapters, the reader's own first, or what a search finds in them."""
    query, language = request.GET.get("q", "").strip()[:LONGEST_QUERY], _language()
    shown = parts_for(_menu_role(request))
    context = {
        "query": query,
        "parts": [(readers.label, [written(one.slug, language) for one in chapters]) for readers, chapters in shown],
        "found": search(query, (one for _readers, chapters in shown for one in chapters), language),
    }
    return render(request, "manual/index.html", context)


@require_safe
def chapter(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show a chapter; those that are not for drivers to people who are signed in."""
    found = CHAPTERS.get(slug)
    if found is None:
        raise Http404
    if found.readers != Readers.DRIVERS and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    language = _language()
    beside = next(chapters for readers, chapters in parts_for(_menu_role(request)) if readers == found.readers)
    context = {
        "chapter": written(slug, language),
        "is_in_english": written(slug, language).language != language,
        "label": found.readers.label,
        "beside": [written(one.slug, language) for one in beside],
    }
    return render(request, "manual/chapter.html", context)


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """Show whether all works; to those who run the installation, what does not."""
    at = now()
    found = parts(at)
    context = {
        "at": at,
        "parts": found,
        "is_well": all(part.is_well for part in found),
        "sees_why": runs_installation(request.user),
        "has_applications": settings.OPERATORS_MAY_APPLY,
        "version": version() if request.user.is_authenticated else "",
    }
    return render(request, "manual/status.html", context)


def _language() -> str:
    return (get_language() or ENGLISH).partition("-")[0]


def _menu_role(request: HttpRequest) -> str:
    person = signed_in(request)
    return person.menu_role if person else "anonymous"
