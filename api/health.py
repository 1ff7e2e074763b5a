"""Answers what load balancers and the supervisor ask: whether the process lives, and whether it can serve."""

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
    """Answer that this process lives, whatever became of the servers it needs."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer whether requests can be served: 503 with what is down when they can't."""
    down = problems()
    return JsonResponse({"status": "down" if down else "ok", "down": down}, status=503 if down else 200)


def problems() -> dict[str, str]:
    """Return what is down, by name, with a reason that tells nothing about the inside."""
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
    """Raised so that only the good answer is cached: applied migrations stay applied while a process lives."""


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
