"""How often one address may try: GCRA over Redis, or over this process's memory while Redis is away."""

import math
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

logger = structlog.get_logger(__name__)


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

    def limit(self, what: str, who: str, per_minute: int) -> RateLimitResult | None:
        if self.away.is_open:
            return None
        try:
            return _throttle(what, per_minute, shared=True).limit(who)
        except StoreUnavailableError as error:
            self.away.trip()
            logger.warning("rate_limit_without_redis", error=repr(error))
            return None


_redis = _Redis()


def check_rate(what: str, who: str, *, per_minute: int) -> None:
    """Count one try of `who` at `what`; a minute's tries may come at once. Raises TooManyRequestsError."""
    result = _redis.limit(what, who, per_minute)
    if result is None:
        result = _throttle(what, per_minute, shared=False).limit(who)
    if result.limited:
        raise TooManyRequestsError(max(1, math.ceil(result.state.retry_after)))


@cache
def _throttle(what: str, per_minute: int, *, shared: bool) -> Throttled:
    return Throttled(
        using=RateLimiterType.GCRA.value,
        quota=rate_limiter.per_min(per_minute),
        store=_shared_store() if shared else MemoryStore(options={"MAX_SIZE": 100_000}),
        key_prefix=f"rate-{what}",
    )


@cache
def _shared_store() -> BaseStore:
    patience = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}
    return RedisStore(
        server=settings.REDIS_URL, options={"CONNECTION_POOL_KWARGS": patience | {"retry": Retry(NoBackoff(), 0)}}
    )
