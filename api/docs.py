"""Pages that explain the API: a guide to read, and every call with a form, drawn from the OpenAPI document.

The tool that draws sets styles from its script. The policy is loosened for its page alone, and for styles alone.
"""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from ninja import Swagger

from api.root import api

STYLES_FROM_SCRIPTS = {"style-src": ["'self'", "'unsafe-inline'"]}


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Explain the API in one page, with examples for this server's address."""
    root = request.build_absolute_uri(reverse("api:api-root")).rstrip("/")
    site = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/guide.html", {"site": site, "root": root})


@require_safe
@csp_update(STYLES_FROM_SCRIPTS)
def swagger(request: HttpRequest) -> HttpResponse:
    """Show the API with forms to try it."""
    return Swagger({"tryItOutEnabled": True}).render_page(request, api)
