"""A short cache, per process, for figures of many lots. Figures of a few lots are always computed."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from threading import Lock
from typing import TypeAlias, TypeVar

from cachetools import TTLCache
from django.utils.translation import get_language

from analytics.scope import Scope

FEW_LOTS = 20
MOST_CHAINS = 64

T = TypeVar("T")
Question: TypeAlias = Callable[[Scope, datetime], T]


def remembered(*, seconds: float) -> Callable[[Question[T]], Question[T]]:
    """Cache the result per scope and language for `seconds` when it covers more than FEW_LOTS lots."""

    def decorate(ask: Question[T]) -> Question[T]:
        known: TTLCache[tuple[object, ...], T] = TTLCache(maxsize=MOST_CHAINS, ttl=seconds)
        lock = Lock()

        @wraps(ask)
        def answer(scope: Scope, at: datetime) -> T:
            if len(scope.shown) <= FEW_LOTS:
                return ask(scope, at)
            key = (get_language(), scope.operators, *scope.ids)
            with lock:
                found = known.get(key)
            if found is None:
                found = ask(scope, at)
                with lock:
                    known[key] = found
            return found

        return answer

    return decorate
