"""Health checks for load balancers and the supervisor: liveness and readiness."""

from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

CONNECT_SECONDS = 1


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


def problems() -> dict[str, str]:
    """Return what is down, by name, with a reason that reveals no internals."""
    return {name: reason for name, check in CHECKS.items() if (reason := check())}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "does not answer"
    return ""


def _migrations() -> str:
    try:
        return "" if _migrated() else "not applied"
    except Error:
        return "unknown"


@cache
def _fully_migrated_once() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _NotMigratedError
    return True


class _NotMigratedError(Exception):
    """Raised so that only a positive answer is cached: applied migrations stay applied while a process lives."""


def _migrated() -> bool:
    try:
        return _fully_migrated_once()
    except _NotMigratedError:
        return False


def _redis() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError:
        return "does not answer"
    finally:
        client.close()
    return ""


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "migrations": _migrations, "redis": _redis}
