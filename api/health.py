"""Health checks for load balancers and the supervisor: liveness and readiness."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.web.servers import problems


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while this process lives, also when a server that it needs is down."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when requests can be served, else 503 with what is down."""
    down = problems()
    return JsonResponse({"status": "down" if down else "ok", "down": down}, status=503 if down else 200)
