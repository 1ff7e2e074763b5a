"""Every URL the product answers, as routes."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.urls import URLPattern, URLResolver, get_resolver

T = TypeVar("T")


def shares(items: Sequence[T], number: int) -> list[Sequence[T]]:
    """Deal items out into so many shares: tests of a share make their world once, and shares run side by side."""
    return [items[start::number] for start in range(number)]


def routes() -> list[str]:
    """Every route, the arguments as they stand in it."""
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def _walk(patterns: list[Any], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route
