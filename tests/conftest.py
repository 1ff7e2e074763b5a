"""One embedded PostgreSQL and Redis for the whole test run."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from parking import embedded

TESTS = Path(__file__).parent
LONG = {"faults", "runtime", "test_adversary.py", "test_every_page.py"}
"""Folders and files of the longest tests."""
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables of what migrations make for every installation."""
LARGE = 1_000_000
"""Bytes from which on a table is emptied whole."""
TOGETHER = {
    "tests/browser/test_every_page.py": "demo in the browser",
    "tests/faults/test_kills.py": "installation",
    "tests/faults/test_outages.py": "installation",
    "tests/traffic/test_demo.py": "demo",
}
"""Files whose tests run in one process, as they share what takes long to set up."""
_servers = ExitStack()

# How long an example takes to draw says how busy the machine is, and nothing about the rule.
settings.register_profile("any machine", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in the run's first process; its parallel workers use them with a database each."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = Path(os.environ["PARKING_TEST_DATA"])
    # Servers that run as another user must be able to enter the folder.
    folder.chmod(0o755)
    _servers.enter_context(embedded.servers(folder, durable=False))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove their folder, unless it was given from outside."""
    if hasattr(config, "workerinput"):
        return
    _servers.close()
    if os.environ.get("PARKING_TEST_DATA_IS_OURS"):
        shutil.rmtree(os.environ["PARKING_TEST_DATA"], ignore_errors=True)


class SharedSetups(LoadScopeScheduling):  # type: ignore[misc]
    """Give each process of a parallel run one test after another, and those of one set-up to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SharedSetups:
    """Return how tests are given to the processes, in their order."""
    config.option.loadscopereorder = False
    return SharedSetups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that no process of a parallel run is left alone with one at the end."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.relative_to(TESTS).parts))


def _empty_tables(_test: TransactionTestCase) -> None:
    """Delete what a test has committed, once nobody writes any more.

    To truncate all tables, as Django does, takes thirty times as long: it makes new files for each and its indexes.
    """
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        names = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
        has_rows = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names]  # noqa: S608 our own tables
        cursor.execute(" UNION ALL ".join(has_rows))
        used = [name for (name,) in cursor.fetchall()]
        # Without triggers, which refuse to delete what is only ever added, and without looking for what refers to it.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in used:
            cursor.execute("SELECT pg_relation_size(%s) > %s", [name, LARGE])
            is_large = cursor.fetchone() == (True,)
            cursor.execute(f"TRUNCATE {name} CASCADE" if is_large else f"DELETE FROM {name}")  # noqa: S608 our own tables


TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def no_tries_counted() -> None:
    """Forget what the cache counts: all tests of a process come from one address, whose log-ins are limited."""
    from django.core.cache import cache

    from common import two_level_cache

    cache.clear()
    two_level_cache.generation.__init__()
    for kind in two_level_cache.KINDS:
        kind.forget_near()
        kind._counts, kind._counted_at = dict.fromkeys(two_level_cache.OUTCOMES, 0), two_level_cache._clock()


@pytest.fixture(autouse=True)
def own_waiting_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no provider have been silent before."""
    from billing.providers import waiting_places

    monkeypatch.setattr(waiting_places, "_shared", waiting_places.WaitingPlaces())


@pytest.fixture(autouse=True)
def own_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count in this process's memory, from nothing, as while Redis is away: what others ask for does not count."""
    from common.web import rate_limits

    monkeypatch.setattr(rate_limits, "_redis", rate_limits._Redis())
    rate_limits._redis.away.seconds = float("inf")
    rate_limits._redis.away.trip()
    rate_limits._throttle.cache_clear()
