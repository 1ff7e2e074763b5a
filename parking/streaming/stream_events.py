"""Writes the events of topics: what is free at a lot, or only that something has changed there."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Protocol

import structlog
from django.db import Error, close_old_connections

from common.db.postgresql.patience import WaitAtMost
from common.web.streams import COUNTS
from lots.boards import LotCounts, counts_of_lots
from parking.streaming.followers import Follower

DATABASE_SECONDS = 5.0
AGAIN_SECONDS = 1.0

logger = structlog.get_logger(__name__)
InThread = Callable[[Callable[[], dict[int, tuple[str, LotCounts]]]], Awaitable[dict[int, tuple[str, LotCounts]]]]


class Send(Protocol):
    """Sends an event of a topic to some followers, or to all."""

    def __call__(self, topic: str, text: str, *, to: Collection[Follower] | None) -> None: ...


class EventWriter:
    """Writes events and has them sent. What is free is asked for many lots at once, and only sent where it differs."""

    def __init__(self, *, in_thread: InThread, send: Send, spread: Callable[[str], float]) -> None:
        self._in_thread, self._send, self._spread = in_thread, send, spread
        self._wanted: dict[str, set[Follower] | None] = {}
        self._told: dict[str, str] = {}
        self._asking: asyncio.Task[None] | None = None

    def write(self, topic: str, *, to: Follower | None = None) -> None:
        """Write an event of a topic for all who follow it, or for one."""
        if not topic.startswith(COUNTS):
            self._send(topic, self._event(topic, "lot", {}), to=None if to is None else (to,))
            return
        wanted = self._wanted.setdefault(topic, set())
        if to is None:
            self._wanted[topic] = None
        elif wanted is not None:
            wanted.add(to)
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    def forget(self, topic: str) -> None:
        """Forget what was told of a topic, so that it is told again."""
        self._told.pop(topic, None)

    async def _ask(self) -> None:
        """Ask what is free until nothing is wanted; what changes meanwhile is asked for together."""
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            lots = {int(topic.partition(":")[2]): topic for topic in wanted}
            try:
                found = await self._in_thread(partial(_counted, list(lots)))
            except Error as error:
                logger.warning("counts_not_known", error=repr(error))
                self._wanted = wanted | self._wanted
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            for key, (slug, counts) in found.items():
                self._tell(lots[key], _said(slug, counts), to=wanted[lots[key]])
        self._asking = None

    def _tell(self, topic: str, said: dict[str, object], *, to: set[Follower] | None) -> None:
        told = json.dumps(said)
        if to is None and self._told.get(topic) == told:
            return
        self._told[topic] = told
        self._send(topic, self._event(topic, "counts", said), to=to)

    def _event(self, topic: str, name: str, said: dict[str, object]) -> str:
        data = json.dumps(said | {"spread": round(self._spread(topic), 2)})
        return f"event: {name}\ndata: {data}\n\n"


def _counted(lots: Collection[int]) -> dict[int, tuple[str, LotCounts]]:
    try:
        with WaitAtMost(DATABASE_SECONDS):
            return counts_of_lots(lots)
    except Error:
        close_old_connections()
        raise


def _said(slug: str, counts: LotCounts) -> dict[str, object]:
    levels = {str(level.number): level.main.free for level in counts.levels}
    return {"lot": slug, "free": counts.main.free, "total": counts.main.total, "levels": levels}
