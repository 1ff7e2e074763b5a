"""What is kept in the process and in Redis is found there, never older than its kind allows, and dropped by changes."""

import os
import subprocess
import sys
import time
import uuid
from threading import Event, Thread

import pytest
from django.conf import settings as project
from django.core.cache import caches
from django.db import transaction

from common import shared_cache, two_level_cache
from common.breaker import Breaker
from common.shared_cache import SharedCache
from common.two_level_cache import GENERATION, Generation, Kept, drop_kept, look_ups_today
from lots.known_lots import known_public_lot
from lots.models import Lot
from tests.at_once import at_once
from tests.factories import make_lot
from tests.in_time import assert_in_time

pytestmark = pytest.mark.django_db(transaction=True)
NOWHERE = "redis://127.0.0.1:1/0"
WATCHER = """
import sys, time
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {database!r}
settings.CACHES = {{"default": {{"BACKEND": "common.shared_cache.SharedCache", "LOCATION": {redis!r}, "KEY_PREFIX": {prefix!r}}}}}
django.setup()
from lots.known_lots import known_public_lot
while True:
    print(known_public_lot({slug!r}).name, flush=True)
    time.sleep(0.05)
"""


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(two_level_cache, "_clock", clock)
    return clock


@pytest.fixture(params=["redis", "away"])
def shared(request, monkeypatch):
    """Every process's way to Redis, or to nowhere."""
    monkeypatch.setattr(shared_cache, "_away", Breaker(10))
    url = project.REDIS_URL if request.param == "redis" else NOWHERE
    shared = SharedCache(url, {"KEY_PREFIX": uuid.uuid4().hex})
    shared._memory.clear()
    monkeypatch.setattr(caches._connections, "default", shared, raising=False)
    return shared


class Process:
    """What one process keeps, of values that it loads from a row."""

    def __init__(self, row: dict[str, object]) -> None:
        self.row, self.loads = row, 0
        self.kept = Kept("values", "Values", setting="CACHE_SECONDS", most=100, of=Generation())

    def look(self, key: str = "a"):
        return self.kept.get(key, self._load)

    def _load(self):
        self.loads += 1
        return self.row["value"]

    def change(self, value: object) -> None:
        self.row["value"] = value
        self.kept._generation.renew()


def test_value_is_loaded_once_by_all_who_share_the_second_level(shared, clock):
    row = {"value": [1, {"x": None}]}
    first, second = Process(row), Process(row)
    assert [first.look(), first.look(), second.look(), second.look()] == [[1, {"x": None}]] * 4
    assert (first.loads, second.loads) == (1, 0)


def test_change_is_seen_at_once_here_and_within_a_second_elsewhere(monkeypatch, clock):
    shared = SharedCache(project.REDIS_URL, {"KEY_PREFIX": uuid.uuid4().hex})
    monkeypatch.setattr(caches._connections, "default", shared, raising=False)
    row = {"value": 1}
    first, second = Process(row), Process(row)
    assert (first.look(), second.look()) == (1, 1)
    first.change(2)
    assert first.look() == 2
    assert second.look() == 1
    clock.now += two_level_cache.LOOKED_EVERY
    assert second.look() == 2
    assert second.loads == 0, "the other has loaded it"


def test_change_that_nobody_tells_is_seen_when_the_time_is_over(shared, clock, settings):
    """Raw SQL, and a Redis that was away when a row changed."""
    settings.CACHE_SECONDS = 30
    row = {"value": 1}
    first, second = Process(row), Process(row)
    assert first.look() == 1
    clock.now += 20
    assert second.look() == 1
    row["value"] = 2
    clock.now += 9.9
    assert (first.look(), second.look()) == (1, 1)
    clock.now += 0.2
    assert (first.look(), second.look()) == (2, 2), "what is found in Redis keeps its age"


def test_redis_that_goes_and_comes_back_leaves_nothing_older_than_its_time(monkeypatch, clock, settings):
    settings.CACHE_SECONDS = 30
    breaker = Breaker(0.0)
    monkeypatch.setattr(shared_cache, "_away", breaker)
    shared = SharedCache(project.REDIS_URL, {"KEY_PREFIX": uuid.uuid4().hex})
    away = SharedCache(NOWHERE, {"KEY_PREFIX": uuid.uuid4().hex})
    row = {"value": 1}
    first, second = Process(row), Process(row)
    monkeypatch.setattr(caches._connections, "default", shared, raising=False)
    assert (first.look(), second.look()) == (1, 1)
    caches._connections.default = away
    first.change(2)
    caches._connections.default = shared
    clock.now += 29
    assert first.look() in (1, 2)
    clock.now += 1.1
    assert (first.look(), second.look()) == (2, 2)


def test_zero_seconds_keep_nothing(shared, settings):
    settings.CACHE_SECONDS = 0
    one = Process({"value": 1})
    one.look()
    one.look()
    assert one.loads == 2


def test_near_level_is_bounded_and_forgets_what_was_used_least_lately(shared, clock):
    one = Process({"value": 1})
    for number in range(150):
        one.look(str(number))
    assert len(one.kept._near) == 100


def test_of_many_threads_one_loads(shared):
    began, go_on = Event(), Event()
    loads = []

    def load():
        loads.append(1)
        began.set()
        assert go_on.wait(10)
        return "x"

    kept = Kept("values", "Values", setting="CACHE_SECONDS", most=10, of=Generation())
    first = Thread(target=lambda: kept.get("a", load))
    first.start()
    assert began.wait(10)
    release = Thread(target=lambda: (time.sleep(0.1), go_on.set()))
    release.start()
    assert at_once([lambda: kept.get("a", load) for _ in range(8)]) == ["x"] * 8
    first.join()
    release.join()
    assert len(loads) == 1


def test_error_is_kept_by_nobody(shared):
    one = Process({})
    for _ in range(2):
        with pytest.raises(KeyError):
            one.look()
    one.row["value"] = 5
    assert one.look() == 5


def test_inside_a_transaction_nothing_is_taken_or_kept(shared):
    lot = make_lot(name="Before")
    assert known_public_lot(lot.slug).name == "Before"
    with transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(name="Undone")
        assert known_public_lot(lot.slug).name == "Undone"
        transaction.set_rollback(True)
    assert known_public_lot(lot.slug).name == "Before"


def test_saved_row_drops_what_is_kept_after_its_commit(shared):
    lot = make_lot(name="Before")
    known_public_lot(lot.slug)
    with transaction.atomic():
        lot.name = "After"
        lot.save()
        lot.save()
        generation = caches["default"].get(GENERATION)
        assert generation == two_level_cache.generation.current()
    assert known_public_lot(lot.slug).name == "After"
    assert caches["default"].get(GENERATION) != generation


def test_row_is_read_as_it_was_written(shared):
    lot = Lot.objects.get(pk=make_lot(latitude=47.1, amenities=["covered"]).pk)
    for _ in range(2):
        known = known_public_lot(lot.slug)
        for field in Lot._meta.concrete_fields:
            assert getattr(known, field.attname) == getattr(lot, field.attname), field.attname


def test_look_ups_are_counted_for_all_processes(shared, clock):
    slug = make_lot().slug
    for _ in range(4):
        known_public_lot(slug)
    clock.now += two_level_cache.COUNTED_EVERY
    known_public_lot(slug)
    (lots,) = [one for one in look_ups_today() if one.total]
    assert (lots.loaded, lots.total) == (1, 5)
    assert lots.percent_found == 80
    clock.now += 86_400
    assert sum(one.total for one in look_ups_today()) == 0


def test_change_in_one_process_is_seen_in_another_within_its_stated_time(monkeypatch):
    """Two real processes over one Redis."""
    from django.db import connection

    prefix = uuid.uuid4().hex
    monkeypatch.setattr(
        caches._connections, "default", SharedCache(project.REDIS_URL, {"KEY_PREFIX": prefix}), raising=False
    )
    lot = make_lot(name="Before")
    code = WATCHER.format(
        database=connection.settings_dict["NAME"], redis=project.REDIS_URL, prefix=prefix, slug=lot.slug
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    watcher = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert [watcher.stdout.readline().strip() for _ in range(3)] == ["Before"] * 3
        lot.name = "After"
        lot.save()
        changed = time.monotonic()
        while watcher.stdout.readline().strip() != "After":
            assert_in_time(time.monotonic() - changed, 10)
        assert_in_time(time.monotonic() - changed, two_level_cache.LOOKED_EVERY + 0.5)
    finally:
        watcher.kill()
        watcher.wait()


def test_dropping_reaches_both_levels(shared):
    one = Process({"value": 1})
    one.kept._generation = two_level_cache.generation
    one.look()
    drop_kept()
    one.look()
    assert one.loads == 2
