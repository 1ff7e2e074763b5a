"""Limits of each test's own: what others ask for at the same time does not count."""

import pytest

from common import rate_limits


@pytest.fixture(autouse=True)
def _own_limits(monkeypatch):
    """Count in this process's memory, from nothing, as while Redis is away."""
    monkeypatch.setattr(rate_limits, "_redis", rate_limits._Redis())
    rate_limits._redis.away.seconds = float("inf")
    rate_limits._redis.away.trip()
    rate_limits._throttle.cache_clear()
