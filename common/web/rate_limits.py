"""How often somebody may try: GCRA over Redis, or over this process's memory while Redis is away.

Processes that can't count together each let their share of the tries through, and never fewer than one.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import structlog
from django.conf import settings
from django.utils.translation import ngettext
from redis.backoff import NoBackoff
from redis.retry import Retry
from throttled import BaseStore, MemoryStore, RateLimiterType, RateLimitResult, RedisStore, Throttled, rate_limiter
from throttled.exceptions import StoreUnavailableError

from common.breaker import Breaker
from common.errors import DomainError

REDIS_SECONDS = 0.5
LEAVE_ALONE_SECONDS = 10.0
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

logger = structlog.get_logger(__name__)
_processes = 1


def share_tries(processes: int) -> None:
    """Say how many processes answer requests, so that without Redis each lets its share through."""
    global _processes  # noqa: PLW0603 - set once, before requests come
    _processes = processes


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of `limit` tries in a period after one was counted; in `seconds` all of them are there again."""

    limit: int
    remaining: int
    seconds: int


class TooManyRequestsError(DomainError):
    """The caller tries too often; `retry_after` is in whole seconds."""

    code = "too_many_requests"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            ngettext(
                "Too many tries. Please wait %(seconds)s second.",
                "Too many tries. Please wait %(seconds)s seconds.",
                retry_after,
            )
            % {"seconds": retry_after}
        )
        self.retry_after = retry_after


class _Redis:
    """The shared store, skipped for a while after it failed, so that an outage costs one short wait."""

    def __init__(self) -> None:
        self.away = Breaker(LEAVE_ALONE_SECONDS)

    def limit(self, what: str, who: str, tries: int, period: timedelta) -> RateLimitResult | None:
        if self.away.is_open:
            return None
        try:
            return _throttle(what, tries, period, shared=True).limit(who)
        except StoreUnavailableError as error:
            self.away.trip()
            logger.warning("rate_limit_without_redis", error=repr(error))
            return None


_redis = _Redis()


def check_rate(what: str, who: str, *, per_minute: int) -> Allowance:
    """Count one try of `who` at `what`; a minute's tries may come at once. Raises TooManyRequestsError."""
    return _check(what, who, per_minute, MINUTE)


def check_hourly_rate(what: str, who: str, *, per_hour: int) -> Allowance:
    """Count one try of `who` at `what`; an hour's tries may come at once. Raises TooManyRequestsError."""
    return _check(what, who, per_hour, HOUR)


def _check(what: str, who: str, tries: int, period: timedelta) -> Allowance:
    result = _redis.limit(what, who, tries, period)
    if result is None:
        result = _throttle(what, tries, period, shared=False).limit(who)
    if result.limited:
        raise TooManyRequestsError(max(1, math.ceil(result.state.retry_after)))
    return Allowance(tries, result.state.remaining, math.ceil(result.state.reset_after))


@cache
def _throttle(what: str, tries: int, period: timedelta, *, shared: bool) -> Throttled:
    # One try in as many periods as there are processes is the same for all of them as one a period.
    share = 1 if shared else _processes
    return Throttled(
        using=RateLimiterType.GCRA.value,
        quota=rate_limiter.per_duration(period * share, tries, burst=max(1, tries // share)),
        store=_shared_store() if shared else MemoryStore(options={"MAX_SIZE": 100_000}),
        key_prefix=f"rate-{what}",
    )


@cache
def _shared_store() -> BaseStore:
    patience = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}
    return RedisStore(
        server=settings.REDIS_URL, options={"CONNECTION_POOL_KWARGS": patience | {"retry": Retry(NoBackoff(), 0)}}
    )
