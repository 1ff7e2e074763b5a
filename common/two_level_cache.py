"""What changes rarely and is read often: kept in each process, and behind it in Redis for all of them.

A value is as old as its kind allows at most, whatever fails. Its rows' changes drop all that is kept: the process that
changed them forgets at once, others within LOOKED_EVERY seconds, as they look for a new generation that often. Nothing
that decides about money or a place is kept here, and inside a transaction nothing is taken from here or put here.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from threading import Condition, Lock
from typing import Any
from uuid import uuid4

from cachetools import TLRUCache
from django.conf import settings
from django.core.cache import caches
from django.db import connection, transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.utils.functional import Promise

LOOKED_EVERY = 1.0
"""After so many seconds a process looks for a new generation."""
COUNTED_EVERY = 10.0
LOADED_WITHIN = 5.0
"""So long threads wait for the one that loads what they need."""
COUNTS_KEPT_SECONDS = 172_800
PREFIX = "kept:"
GENERATION = f"{PREFIX}generation"
OUTCOMES = ("near", "shared", "loaded")


def _clock() -> float:
    return time.time()


@dataclass(frozen=True, slots=True)
class _KeptValue:
    loaded_at: float
    value: Any


@dataclass(frozen=True, slots=True)
class LookUps:
    """How often values of a kind were looked up today: found in the process, found in Redis, loaded."""

    label: str | Promise
    near: int
    shared: int
    loaded: int

    @property
    def total(self) -> int:
        """Return how many there were."""
        return self.near + self.shared + self.loaded

    @property
    def percent_found(self) -> float:
        """Return how many of 100 needed no loading."""
        return 100 * (self.near + self.shared) / self.total if self.total else 0.0


class Kept:
    """Values of one kind, which JSON can write; the setting says for how many seconds at most, 0: not at all."""

    def __init__(
        self, name: str, label: str | Promise, *, setting: str, most: int, of: "Generation | None" = None
    ) -> None:
        self.name, self.label, self._setting = name, label, setting
        self._generation = of or generation
        self._near: TLRUCache[tuple[str, str], _KeptValue] = TLRUCache(most, ttu=self._ends, timer=lambda: _clock())  # noqa: PLW0108 tests set the clock
        self._loading: set[tuple[str, str]] = set()
        self._changed = Condition()
        self._counts = dict.fromkeys(OUTCOMES, 0)
        self._counted_at = _clock()
        if of is None:
            KINDS.append(self)

    def get(self, key: str, load: Callable[[], Any]) -> Any:
        """Return the value of a key, loaded if it is not known."""
        return self.get_all([key], lambda _keys: {key: load()})[key]

    def get_all(self, keys: Collection[str], load: Callable[[list[str]], Mapping[str, Any]]) -> dict[str, Any]:
        """Return the values of keys; what is not known is loaded at once, by one thread of the process alone.

        `load` returns a value for each key that it gets. What it raises is raised, and nothing kept.
        """
        if self._seconds <= 0 or connection.in_atomic_block or not keys:
            return dict(load(list(keys)))
        current = self._generation.current()
        found = self._found_near(current, keys)
        self._count("near", len(found))
        if missing := [key for key in keys if key not in found]:
            found |= self._fetched(current, missing, load)
        self._tell_counts()
        return {key: found[key] for key in keys}

    def forget_near(self) -> None:
        """Empty the process's own level."""
        with self._changed:
            self._near.clear()

    @property
    def _seconds(self) -> float:
        return float(getattr(settings, self._setting))

    def _ends(self, _key: tuple[str, str], kept: _KeptValue, _now: float) -> float:
        return kept.loaded_at + self._seconds

    def _found_near(self, current: str, keys: Collection[str]) -> dict[str, Any]:
        with self._changed:
            known = {key: self._near.get((current, key)) for key in keys}
        return {key: kept.value for key, kept in known.items() if kept is not None}

    def _fetched(self, current: str, keys: list[str], load: Callable[[list[str]], Mapping[str, Any]]) -> dict[str, Any]:
        """Return what is missing near: what no other thread is loading by loading it, the rest when that is done."""
        with self._changed:
            mine = [key for key in keys if (current, key) not in self._loading]
            self._loading.update((current, key) for key in mine)
        try:
            found = self._found_or_loaded(current, mine, load) if mine else {}
        finally:
            with self._changed:
                self._loading.difference_update((current, key) for key in mine)
                self._changed.notify_all()
        if theirs := [key for key in keys if key not in found]:
            with self._changed:
                awaited = [(current, key) for key in theirs]
                self._changed.wait_for(lambda: self._loading.isdisjoint(awaited), LOADED_WITHIN)
            waited = self._found_near(current, theirs)
            self._count("near", len(waited))
            found |= waited
            if late := [key for key in theirs if key not in found]:
                found |= self._found_or_loaded(current, late, load)
        return found

    def _found_or_loaded(
        self, current: str, keys: list[str], load: Callable[[list[str]], Mapping[str, Any]]
    ) -> dict[str, Any]:
        names = {key: self._shared_name(current, key) for key in keys}
        shared, since = caches["default"].get_many(list(names.values())), _clock() - self._seconds
        values = {
            key: _KeptValue(*shared[name]) for key, name in names.items() if name in shared and shared[name][0] > since
        }
        self._count("shared", len(values))
        if missing := [key for key in keys if key not in values]:
            loaded_at, loaded = _clock(), load(missing)
            new = {key: _KeptValue(loaded_at, loaded[key]) for key in missing}
            stored: dict[str, Any] = {names[key]: [kept.loaded_at, kept.value] for key, kept in new.items()}
            caches["default"].set_many(stored, timeout=ceil(self._seconds))
            self._count("loaded", len(new))
            values |= new
        with self._changed:
            for key, kept in values.items():
                self._near[current, key] = kept
        return {key: kept.value for key, kept in values.items()}

    def _shared_name(self, current: str, key: str) -> str:
        return f"{PREFIX}{self.name}:{current}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"

    def _count(self, outcome: str, number: int) -> None:
        with self._changed:
            self._counts[outcome] += number

    def _tell_counts(self) -> None:
        now = _clock()
        with self._changed:
            if now - self._counted_at < COUNTED_EVERY:
                return
            counts, self._counted_at = self._counts, now
            self._counts = dict.fromkeys(OUTCOMES, 0)
        for outcome, number in counts.items():
            name = _count_name(self.name, outcome)
            if number and not caches["default"].add(name, number, timeout=COUNTS_KEPT_SECONDS):
                caches["default"].incr(name, number)


class Generation:
    """What all processes call the present state of the rows; what was kept under another one is not found any more."""

    def __init__(self) -> None:
        self._lock, self._known, self._looked_at = Lock(), "", float("-inf")

    def current(self) -> str:
        """Return the generation, as it was LOOKED_EVERY seconds ago at most."""
        with self._lock:
            if 0 <= _clock() - self._looked_at < LOOKED_EVERY:
                return self._known
        return self._looked_up()

    def renew(self) -> None:
        """Begin another generation, here at once."""
        new = uuid4().hex
        caches["default"].set(GENERATION, new, timeout=None)
        self._set(new)

    def _looked_up(self) -> str:
        found = caches["default"].get(GENERATION)
        if found is None:
            new = uuid4().hex
            found = new if caches["default"].add(GENERATION, new, timeout=None) else caches["default"].get(GENERATION)
        return self._set(str(found))

    def _set(self, known: str) -> str:
        with self._lock:
            self._known, self._looked_at = known, _clock()
        return known


generation = Generation()
KINDS: list[Kept] = []


def drop_kept() -> None:
    """Let nothing that was kept before be found any more, in any process."""
    generation.renew()
    for kind in KINDS:
        kind.forget_near()


def dropped_by_changes_of(*models: type[Model]) -> None:
    """Drop what is kept after the commit of each change of a row; changes past the models wait for the kinds' time."""
    for model in models:
        for signal in (post_save, post_delete):
            signal.connect(_drop_after_commit, sender=model, dispatch_uid=f"{PREFIX}{model.__name__}")


def look_ups_today() -> list[LookUps]:
    """Return how often values of each kind were looked up since midnight (UTC), some seconds late."""
    names = {(kind.name, outcome): _count_name(kind.name, outcome) for kind in KINDS for outcome in OUTCOMES}
    counts = caches["default"].get_many(list(names.values()))
    return [
        LookUps(kind.label, *(int(counts.get(names[kind.name, outcome], 0)) for outcome in OUTCOMES)) for kind in KINDS
    ]


def _count_name(kind: str, outcome: str) -> str:
    return f"{PREFIX}counts:{datetime.fromtimestamp(_clock(), UTC):%Y%m%d}:{kind}:{outcome}"


def _drop_after_commit(**_signal: Any) -> None:
    if not any(waiting[1] is drop_kept for waiting in connection.run_on_commit):
        transaction.on_commit(drop_kept, robust=True)
