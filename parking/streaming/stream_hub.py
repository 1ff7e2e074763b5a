"""Sends server-sent events: what Redis tells about lots goes to the connections that follow them.

A connection costs some kilobytes and no thread. Of each topic at most one event waits for it, the latest, so that many
changes of many lots are few events, and none is missed but what was out of date.
"""

import asyncio
import random
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from wsgiref.types import WSGIEnvironment

import structlog
from granian.rsgi import HTTPProtocol  # type: ignore[attr-defined] # not in its __all__

from common.web.streams import COUNTS, LOT, Followed
from parking.streaming.change_listener import ChangeListener
from parking.streaming.followers import BEAT, Follower
from parking.streaming.stream_events import EventWriter, InThread

BEAT_SECONDS = 15.0
SWEEP_SECONDS = 1.0
CHECK_SECONDS, CHECK_STRANGERS_SECONDS = 60.0, 300.0
"""How often it is checked that a person, or somebody who has not signed in, may still follow."""
CHECKS_AT_ONCE = 50
TOPIC_SECONDS = 0.5
"""How long after an event of a topic its next one comes at the earliest."""
RECENT_SECONDS = 5.0
"""What changed so shortly before somebody began to follow may be missing on the page that was sent before."""
MOST_REMEMBERED = 20_000
REFETCHES_PER_SECOND = 20
"""So many followers of a topic are to ask for their page again in a second, once it has changed."""
LONGEST_SPREAD = 60.0
AWAY_SECONDS = "10"

logger = structlog.get_logger(__name__)
Check = Callable[[WSGIEnvironment], Awaitable[Followed | None]]


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """The most connections in all, of one person, and of one address of which nobody has signed in; 0 is no limit."""

    at_once: int
    per_person: int
    per_address: int


class Streams:
    """The connections of this process."""

    def __init__(self, limits: StreamLimits) -> None:
        self._limits = limits
        self._topics: dict[str, set[Follower]] = {}
        self._of: Counter[str] = Counter()
        self._followers: set[Follower] = set()
        self._changed: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._sent: dict[str, float] = {}
        self._planned: set[str] = set()
        self._seq = 0
        self._boot = f"{time.time_ns() // 1_000_000:x}"
        self._is_live = False
        self._loop: asyncio.AbstractEventLoop
        self._writer: EventWriter
        self._listening: asyncio.Task[None]
        self._check: Check

    def begin(self, loop: asyncio.AbstractEventLoop, *, in_thread: InThread, check: Check) -> None:
        """Begin with the loop of this process; `check` asks again who may follow what."""
        self._loop, self._check = loop, check
        self._writer = EventWriter(in_thread=in_thread, send=self.send, spread=self.spread)
        self._listening = loop.create_task(ChangeListener(changed=self.changed, hears=self.hears).listen())
        loop.call_later(SWEEP_SECONDS, self._sweep)

    async def serve(self, followed: Followed, environ: WSGIEnvironment, proto: HTTPProtocol) -> None:
        """Send events until the client goes away, or may no longer follow."""
        if status := self._refused(followed):
            proto.response_empty(status, [("Retry-After", AWAY_SECONDS), ("Cache-Control", "no-store")])
            return
        follower = Follower(followed, environ)
        self._add(follower)
        try:
            transport = proto.response_stream(200, list(followed.headers))
            gone = asyncio.ensure_future(proto.client_disconnect())
            gone.add_done_callback(lambda _gone: follower.end())
            self._greet(follower)
            await follower.send_all(transport)
            gone.cancel()
        finally:
            self._remove(follower)

    def changed(self, topics: Iterable[str], *, at_least: bool = False) -> None:
        """Send soon that these topics have changed; with `at_least` also where what is told is the same as before."""
        now = self._loop.time()
        for topic in topics:
            self._seq += 1
            self._changed[topic] = (self._seq, now)
            self._changed.move_to_end(topic)
            if at_least:
                self._writer.forget(topic)
            if topic in self._topics and topic not in self._planned:
                self._planned.add(topic)
                self._loop.call_at(max(now, self._sent.get(topic, 0.0) + TOPIC_SECONDS), self._due, topic)
        while len(self._changed) > MOST_REMEMBERED:
            self._changed.popitem(last=False)

    def hears(self, is_live: bool) -> None:  # noqa: FBT001 told by the listener
        """Note whether changes are heard of, and tell everybody; what changed meanwhile is sent once they are again."""
        if is_live == self._is_live:
            return
        self._is_live = is_live
        for follower in self._followers:
            follower.put(BEAT, self._beat())
        if is_live:
            self.changed(list(self._topics), at_least=True)

    def spread(self, topic: str) -> float:
        """Return over how many seconds the followers of a topic are to ask for their pages."""
        return min(LONGEST_SPREAD, len(self._topics.get(topic, ())) / REFETCHES_PER_SECOND)

    def send(self, topic: str, text: str, *, to: Collection[Follower] | None) -> None:
        """Send an event to the followers of a topic, or to some of them; `text` is without its id."""
        whole = f"id: {self._boot}-{self._seq}\n{text}"
        key = topic if topic.startswith(COUNTS) else LOT
        for follower in self._topics.get(topic, ()) if to is None else to:
            follower.put(key, whole)

    def _due(self, topic: str) -> None:
        self._planned.discard(topic)
        self._sent[topic] = self._loop.time()
        self._writer.write(topic)

    def _greet(self, follower: Follower) -> None:
        """Begin with how to come back, and with what a client that comes back, or whose page is older, has missed."""
        retry = f"retry: {round(_between(1000, 5000))}\n"
        follower.put(BEAT, f"{retry}id: {self._boot}-{self._seq}\n{self._beat()}")
        for topic in follower.topics:
            if self._has_missed(topic, follower.last_event_id):
                self._writer.write(topic, to=follower)

    def _has_missed(self, topic: str, last_id: str | None) -> bool:
        seq, at = self._changed.get(topic, (0, 0.0))
        if last_id is None:
            return seq > 0 and at > self._loop.time() - RECENT_SECONDS
        boot, _, number = last_id.partition("-")
        return boot != self._boot or not (number.isascii() and number.isdecimal()) or int(number[:18]) < seq

    def _beat(self) -> str:
        return f"event: beat\ndata: {'on' if self._is_live else 'off'}\n\n"

    def _refused(self, followed: Followed) -> int:
        """Return the status that refuses another connection, or 0."""
        limits = self._limits
        if limits.at_once and len(self._followers) >= limits.at_once:
            return 503
        most = limits.per_person if followed.is_person else limits.per_address
        return 429 if most and self._of[followed.who] >= most else 0

    def _add(self, follower: Follower) -> None:
        now = self._loop.time()
        follower.beat_at = now + _between(0.5, 1.0) * BEAT_SECONDS
        follower.check_at = now + _between(0.5, 1.0) * self._check_seconds(follower)
        self._followers.add(follower)
        self._of[follower.who] += 1
        for topic in follower.topics:
            self._topics.setdefault(topic, set()).add(follower)

    def _remove(self, follower: Follower) -> None:
        self._followers.discard(follower)
        self._of[follower.who] -= 1
        if not self._of[follower.who]:
            del self._of[follower.who]
        for topic in follower.topics:
            followers = self._topics[topic]
            followers.discard(follower)
            if not followers:
                del self._topics[topic]
                self._sent.pop(topic, None)
                self._writer.forget(topic)

    def _sweep(self) -> None:
        """Send what shows that the stream lives, and check who may still follow."""
        now = self._loop.time()
        checks = 0
        for follower in list(self._followers):
            if follower.check_at <= now and checks < CHECKS_AT_ONCE:
                checks += 1
                follower.check_at = now + _between(0.8, 1.2) * self._check_seconds(follower)
                follower.checking = self._loop.create_task(self._checked(follower))
            elif follower.beat_at <= now:
                follower.beat_at = now + BEAT_SECONDS
                follower.put(BEAT, self._beat())
        self._loop.call_later(SWEEP_SECONDS, self._sweep)

    async def _checked(self, follower: Follower) -> None:
        """End a stream whose person may no longer follow exactly that; while nothing can be checked, it goes on."""
        try:
            followed = await self._check(follower.environ)
        except Exception as error:  # noqa: BLE001 the database is away
            logger.warning("stream_not_checked", error=repr(error))
            return
        if followed is None or followed.topics != follower.topics or followed.who != follower.who:
            follower.end()

    def _check_seconds(self, follower: Follower) -> float:
        return CHECK_SECONDS if follower.is_person else CHECK_STRANGERS_SECONDS


def _between(least: float, most: float) -> float:
    """Return any number between two, so that many do not come at once."""
    return random.uniform(least, most)  # noqa: S311 guards nothing
