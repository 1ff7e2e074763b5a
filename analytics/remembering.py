"""What takes long to count of a chain is remembered for a moment by each process; few lots are always counted anew."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from threading import Lock
from typing import TypeAlias, TypeVar

from cachetools import TTLCache

from analytics.scope import Scope

FEW_LOTS = 20
MOST_CHAINS = 64

T = TypeVar("T")
Question: TypeAlias = Callable[[Scope, datetime], T]


def remembered(*, seconds: float) -> Callable[[Question[T]], Question[T]]:
    """Let a question about more than FEW_LOTS be asked once in so many seconds, whoever wants to know meanwhile."""

    def decorate(ask: Question[T]) -> Question[T]:
        known: TTLCache[tuple[int, ...], T] = TTLCache(maxsize=MOST_CHAINS, ttl=seconds)
        lock = Lock()

        @wraps(ask)
        def answer(scope: Scope, at: datetime) -> T:
            if len(scope.shown) <= FEW_LOTS:
                return ask(scope, at)
            key = tuple(scope.ids)
            with lock:
                found = known.get(key)
            if found is None:
                found = ask(scope, at)
                with lock:
                    known[key] = found
            return found

        return answer

    return decorate
