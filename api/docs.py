"""Pages that document the API: a guide to it and one to the classic API, and Swagger UI.

Swagger UI sets inline styles, so the content security policy allows them on its page only.
"""

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from ninja import Swagger

from api.classic.access import require_classic
from api.root import api

STYLES_FROM_SCRIPTS = {"style-src": ["'self'", "'unsafe-inline'"]}


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Show the guide, with examples for this server's address."""
    root = request.build_absolute_uri(reverse("api:api-root")).rstrip("/")
    site = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/guide.html", {"site": site, "root": root})


@require_safe
def classic_guide(request: HttpRequest) -> HttpResponse:
    """Show the calls of the classic API, with examples for this server's address. Raises Http404 while it is off."""
    require_classic()
    root = request.build_absolute_uri(reverse("classic:api-root")).rstrip("/")
    return render(request, "api/classic.html", {"root": root, "needs_key": not settings.PARKING_DEMO})


@require_safe
@csp_update(STYLES_FROM_SCRIPTS)
def swagger(request: HttpRequest) -> HttpResponse:
    """Show every call with a form to try it."""
    return Swagger({"tryItOutEnabled": True}).render_page(request, api)
