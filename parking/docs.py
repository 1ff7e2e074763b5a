"""Pages that explain the API, drawn from its OpenAPI document by files of our own server.

Both tools set styles from their scripts. The policy is loosened for these two pages alone, and for styles alone.
"""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja import Redoc, Swagger

from parking.api import api

STYLES_FROM_SCRIPTS = {"style-src": ["'self'", "'unsafe-inline'"]}
SEARCH_WORKER = {"worker-src": ["'self'", "blob:"]}


@require_safe
@csp_update(STYLES_FROM_SCRIPTS)
def swagger(request: HttpRequest) -> HttpResponse:
    """Show the API with forms to try it."""
    return Swagger({"tryItOutEnabled": True}).render_page(request, api)


@require_safe
@csp_update({**STYLES_FROM_SCRIPTS, **SEARCH_WORKER})
def redoc(request: HttpRequest) -> HttpResponse:
    """Show the API as a page to read."""
    return Redoc({"hideDownloadButtons": False, "nativeScrollbars": True}).render_page(request, api)
