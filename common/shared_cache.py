"""A cache in Redis, with the process's memory as a fallback while Redis is away.

allauth counts tries and used codes in it. During an outage the limits count per process; a log-in never fails.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from common.breaker import Breaker

REDIS_SECONDS = 0.5
LEAVE_ALONE_SECONDS = 10.0
KEYS_AT_ONCE = 500
KEPT = (b"allauth", b":kept:")
"""In the keys of counted tries, of used codes, and of `common.two_level_cache`, which drops by itself."""

logger = structlog.get_logger(__name__)
# Django creates a cache per thread; the breaker is shared by all of them.
_away = Breaker(LEAVE_ALONE_SECONDS)


class JsonSerializer:
    """Serializes values as JSON: unlike a pickle it can't run code when it is read."""

    def dumps(self, value: Any) -> bytes | int:
        """Return what is stored; whole numbers stay numbers, so that Redis can count."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, stored: bytes) -> Any:
        """Return what was stored."""
        return json.loads(stored)


class SharedCache(BaseCache):
    """Django's cache over Redis at `LOCATION`, or over memory."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        patience = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}
        options = patience | {"retry": Retry(NoBackoff(), 0), "serializer": JsonSerializer()}
        self._redis = RedisCache(location, params | {"OPTIONS": options})
        self._memory = LocMemCache(location, params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._asked("add", key, value, timeout=timeout, version=version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._asked("get", key, default, version=version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._asked("set", key, value, timeout=timeout, version=version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._asked("touch", key, timeout=timeout, version=version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._asked("delete", key, version=version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._asked("incr", key, delta, version=version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._asked("has_key", key, version=version))

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        found: dict[Any, Any] = self._asked("get_many", list(keys), version=version)
        return found

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        return list(self._asked("set_many", data, timeout=timeout, version=version) or [])

    def clear(self) -> None:
        """Delete all that the cache keeps; other rooms of the same Redis, such as waiting tasks, stay as they are."""
        self._memory.clear()
        with suppress(RedisError):
            while keys := list(islice(self._keys(), KEYS_AT_ONCE)):
                self._client().unlink(*keys)

    def count_keys(self) -> int:
        """Count the keys that can be forgotten. Raises RedisError."""
        return sum(1 for _ in self._forgettable())

    def forget_some(self, most: int) -> int:
        """Delete some keys and return how many; 0 once none is left. Raises RedisError.

        Counted tries and codes that were used stay until they are worth nothing: nobody is to try more often, or to use
        a code twice, by emptying the cache. What two levels keep is never found again after `drop_kept`, and expires.
        """
        keys = list(islice(self._forgettable(), most))
        if keys:
            self._client().unlink(*keys)
        return len(keys)

    def _forgettable(self) -> Iterator[bytes]:
        return (key for key in self._keys() if not any(part in key for part in KEPT))

    def _keys(self) -> Iterator[bytes]:
        found: Iterator[bytes] = self._client().scan_iter(match=self.make_key("*"), count=KEYS_AT_ONCE)
        return found

    def _client(self) -> Any:
        return self._redis._cache.get_client(None, write=True)  # noqa: SLF001 - the way to Redis that Django has

    def _asked(self, what: str, *values: Any, **named: Any) -> Any:
        if not _away.is_open:
            try:
                return getattr(self._redis, what)(*values, **named)
            except RedisError as error:
                _away.trip()
                logger.warning("cache_without_redis", error=repr(error))
        return getattr(self._memory, what)(*values, **named)
