"""Many calls let go at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, local
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


def meeting(call: Callable[..., Any], people: int = 2) -> Callable[..., Any]:
    """Return `call` as it is for threads that wait for each other before each calls it for the first time.

    Put in the place of a lock or of what writes, it lets all of them read before one has written.
    """
    together, thread = Barrier(people, timeout=30), local()

    def after_meeting(*values: Any, **named: Any) -> Any:
        if not hasattr(thread, "has_met"):
            thread.has_met = True
            together.wait()
        return call(*values, **named)

    return after_meeting
