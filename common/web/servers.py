"""What every request needs: the database with its migrations, and Redis."""

from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

CONNECT_SECONDS = 1


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
