"""Many calls let go at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from common.errors import DomainError


def at_once(calls: list[Callable[[], Any]], *, caught: type[Exception] = Exception) -> list[Any]:
    """Run each call in a thread with a connection of its own; return the results, and `caught` errors in their place.

    All threads begin together, once every one has its connection.
    """
    start = Barrier(len(calls), timeout=30)

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait()
            return call()
        except caught as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def codes_at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls as `at_once` does; a refusal's code stands in its place, any other error is raised."""
    results = at_once(calls, caught=DomainError)
    return [result.code if isinstance(result, DomainError) else result for result in results]
