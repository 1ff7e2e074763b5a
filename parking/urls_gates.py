"""The URLs of processes that serve only gates, so that no lane waits behind a slow page."""

from django.urls import URLPattern, URLResolver, include, path

from api import health
from api.root import api

handler404 = "api.errors.not_offered"
handler500 = "common.web.outages.failed"

OF_GATES = ("gates/", "stream/gates/", "entry", "exit", "status")


def _of_gates(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return the URL patterns of the API for devices."""
    return [pattern for pattern in patterns if str(pattern.pattern).startswith(OF_GATES)]


_patterns, _app, _namespace = api.urls

urlpatterns = [
    path("api/v1/", include((_of_gates(_patterns), _app), namespace=_namespace)),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
