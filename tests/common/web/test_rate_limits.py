"""Rate limits hold over Redis, and also without it."""

import time
import uuid

import pytest

from common.web import rate_limits
from common.web.rate_limits import TooManyRequestsError, check_hourly_rate, check_rate
from tests.in_time import assert_in_time


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(rate_limits, "_redis", rate_limits._Redis())
    rate_limits._throttle.cache_clear()
    rate_limits._shared_store.cache_clear()
    yield
    rate_limits._throttle.cache_clear()
    rate_limits._shared_store.cache_clear()


def use_up(who):
    for _ in range(5):
        check_rate("test", who, per_minute=5)


def test_the_sixth_try_of_five_waits_for_its_turn():
    who = uuid.uuid4().hex
    use_up(who)

    with pytest.raises(TooManyRequestsError) as refused:
        check_rate("test", who, per_minute=5)
    assert refused.value.status == 429
    assert 1 <= refused.value.retry_after <= 12
    check_rate("test", "someone else", per_minute=5)


def test_an_hours_tries_come_back_one_by_one():
    who = uuid.uuid4().hex
    for _ in range(5):
        check_hourly_rate("test", who, per_hour=5)

    with pytest.raises(TooManyRequestsError) as refused:
        check_hourly_rate("test", who, per_hour=5)
    assert 11 * 60 < refused.value.retry_after <= 12 * 60


def test_the_limit_is_shared_through_redis():
    who = uuid.uuid4().hex
    use_up(who)
    rate_limits._throttle.cache_clear()
    rate_limits._shared_store.cache_clear()

    with pytest.raises(TooManyRequestsError):
        check_rate("test", who, per_minute=5)


def test_without_redis_the_limit_holds_and_nobody_waits(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    started = time.monotonic()
    use_up("someone")

    with pytest.raises(TooManyRequestsError):
        check_rate("test", "someone", per_minute=5)
    assert_in_time(time.monotonic() - started, 3)
