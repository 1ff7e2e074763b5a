"""The cache is one for all processes, and each process has its own while Redis is away."""

import time
import uuid

import pytest
from django.conf import settings as project

from common import shared_cache
from common.breaker import Breaker
from common.shared_cache import SharedCache
from tests.in_time import assert_in_time

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _redis_unknown(monkeypatch):
    monkeypatch.setattr(shared_cache, "_away", Breaker(10))


def a_cache(url: str = project.REDIS_URL) -> SharedCache:
    return SharedCache(url, {"KEY_PREFIX": "test"})


@pytest.mark.parametrize("url", [project.REDIS_URL, NOWHERE])
def test_it_keeps_what_a_cache_keeps(url):
    cache, key = a_cache(url), uuid.uuid4().hex
    assert cache.get(key, "none") == "none"
    assert cache.add(key, [1.5, 2.25], timeout=30)
    assert not cache.add(key, "other", timeout=30)
    assert cache.get(key) == [1.5, 2.25]
    cache.set(key, 4, timeout=30)
    assert cache.incr(key) == 5
    assert cache.has_key(key)
    assert cache.touch(key, 60)
    assert cache.delete(key)
    assert not cache.has_key(key)


def test_processes_share_it():
    key = uuid.uuid4().hex
    a_cache().set(key, "seen", timeout=30)
    assert a_cache().get(key) == "seen"


def test_without_redis_nobody_fails_and_nobody_waits():
    cache, began = a_cache(NOWHERE), time.monotonic()
    for number in range(50):
        cache.set(f"key-{number}", number)
        assert cache.get(f"key-{number}") == number
    assert_in_time(time.monotonic() - began, 2)


def test_a_stranger_who_writes_to_redis_runs_no_code():
    cache, key = a_cache(), uuid.uuid4().hex
    cache._redis._cache.get_client(None, write=True).set(cache._redis.make_key(key), b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ValueError, match="Expecting"):
        cache.get(key)
