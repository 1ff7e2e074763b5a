"""Sends passages over several connections, in order for each plate."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from queue import Queue
from time import monotonic, sleep
from typing import Any, TypeAlias
from uuid import UUID
from zlib import crc32

from lots.gate_rules import Direction
from traffic.client import KeyedLane, NoAnswerError, Server, Site
from traffic.replay.passages import RecordedPassage

CONNECTIONS = 8
WAITING = 16
"""The length of each connection's queue, which keeps connections from getting far ahead of others."""
MOST_FAILURES = 20

Post: TypeAlias = tuple[RecordedPassage, KeyedLane, dict[str, Any]]


@dataclass(slots=True)
class Mail:
    """Turns a passage into the read that an edge box sends late: a record with its own time and number."""

    run: UUID
    sites: dict[str, Site]
    _numbers: Counter[str] = field(default_factory=Counter)

    def post(self, passage: RecordedPassage) -> Post:
        """Return the passage with its lane and body; a plate always uses the same lane of a lot."""
        site = self.sites[passage.lot]
        lanes = site.entries if passage.way is Direction.ENTRY else site.exits
        lane = lanes[crc32(passage.plate.encode()) % len(lanes)]
        self._numbers[lane.key] += 1
        return (
            passage,
            lane,
            {
                "event_id": str(passage.event_id(self.run)),
                "plate": passage.plate,
                "captured_at": passage.at.isoformat(),
                "seq": self._numbers[lane.key],
                "offline": True,
            },
        )


class Sender:
    """Sends posts to a server; `answered` and `refused` are called from its threads.

    Only the passages of a plate keep their order, so no connection waits for another's lot.
    """

    def __init__(
        self,
        server: Server,
        *,
        answered: Callable[[RecordedPassage, dict[str, Any]], object],
        refused: Callable[[RecordedPassage, str], object],
    ) -> None:
        self._server = server
        self._answered, self._refused = answered, refused
        self._failures = 0
        self._first_failure = ""
        self._queues: list[Queue[Post | None]] = [Queue(WAITING) for _ in range(CONNECTIONS)]

    def send(self, posts: Iterable[Post], *, speed: float | None = None) -> None:
        """Send everything, `speed` times faster than it happened; None is as fast as the server answers.

        Raises NoAnswerError when MOST_FAILURES reads failed.
        """
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            workers = [pool.submit(self._work, queue) for queue in self._queues]
            try:
                self._deal(posts, speed)
            finally:
                for queue in self._queues:
                    queue.put(None)
        _raise_first(workers)
        if self._failures >= MOST_FAILURES:
            raise NoAnswerError(f"{self._first_failure} ({self._failures} reads failed, the rest was not sent)")

    def _deal(self, posts: Iterable[Post], speed: float | None) -> None:
        clock = _Clock(speed)
        for post in posts:
            if self._failures >= MOST_FAILURES:
                return
            passage = post[0]
            clock.wait_for(passage.at)
            self._queues[crc32(f"{passage.lot} {passage.plate}".encode()) % CONNECTIONS].put(post)

    def _work(self, queue: Queue[Post | None]) -> None:
        while (post := queue.get()) is not None:
            passage, lane, body = post
            if self._failures >= MOST_FAILURES:
                continue
            try:
                answer = self._server.read(lane, body)
            except NoAnswerError as error:
                self._first_failure = self._first_failure or str(error)
                self._failures += 1
                self._refused(passage, str(error))
            else:
                self._answered(passage, answer)


def _raise_first(workers: Iterable[Future[None]]) -> None:
    for worker in workers:
        worker.result()


class _Clock:
    """Lets recorded time pass at `speed`."""

    def __init__(self, speed: float | None) -> None:
        self._speed = speed
        self._began: tuple[float, datetime] | None = None

    def wait_for(self, at: datetime) -> None:
        if self._speed is None:
            return
        if self._began is None:
            self._began = monotonic(), at
        began, first = self._began
        sleep(max(0.0, began + (at - first).total_seconds() / self._speed - monotonic()))
