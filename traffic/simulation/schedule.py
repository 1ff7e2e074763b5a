"""Runs a day of cars: many at once, at a chosen speed, the steps of each car in their order."""

import heapq
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

CONNECTIONS = 8


class Scheduled(Protocol):
    """A car that `arrives` so long after the day's start. Between two of its steps it waits for what it yields."""

    @property
    def arrives(self) -> timedelta: ...

    def steps(self, speed: float | None) -> Iterator[timedelta]:
        """Take the car's steps; `speed` is the day's."""


@dataclass(order=True, slots=True)
class _Step:
    due: timedelta
    serial: int
    rest: Iterator[timedelta] = field(compare=False)


class Day:
    """The steps of a simulated day, run by several threads in order of its clock.

    `speed` is a factor of real time; None is as fast as the server answers. When the server is slower than the clock,
    cars that are under way go first and others arrive later. `stepped` is called after each step.
    """

    def __init__(self, cars: Iterable[Scheduled], *, speed: float | None, stepped: Callable[[], object]) -> None:
        self._arrivals = [_Step(car.arrives, serial, car.steps(speed)) for serial, car in enumerate(cars)]
        heapq.heapify(self._arrivals)
        self._steps: list[_Step] = []
        self._changed = threading.Condition()
        self._under_way = 0
        self._speed = speed
        self._stepped = stepped
        self._began = time.monotonic()
        self._stopped = False

    def run(self, *, connections: int = CONNECTIONS) -> None:
        """Run every step; an interruption ends the day after the running steps."""
        self._began = time.monotonic()
        with ThreadPoolExecutor(connections) as pool:
            workers = [pool.submit(self._work) for _ in range(connections)]
            try:
                for worker in workers:
                    worker.result()
            finally:
                self._stopped = True

    def stop(self) -> None:
        """End the day after the running steps."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (step := self._next()) is not None:
            try:
                self._take(step)
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()

    def _next(self) -> _Step | None:
        """Wait for the next step that is due; None when the day is over."""
        with self._changed:
            while not self._stopped:
                steps = self._first()
                if steps:
                    wait = self._seconds_until(steps[0].due)
                    if wait <= 0:
                        self._under_way += 1
                        return heapq.heappop(steps)
                    self._changed.wait(min(wait, 1.0))
                elif self._under_way:
                    self._changed.wait(1.0)
                else:
                    return None
        return None

    def _first(self) -> list[_Step]:
        """Return the heap with the next step."""
        if not (self._steps and self._arrivals):
            return self._steps or self._arrivals
        if self._speed is not None and self._seconds_until(self._steps[0].due) <= 0:
            return self._steps
        return min(self._steps, self._arrivals, key=lambda steps: steps[0])

    def _take(self, step: _Step) -> None:
        pause = next(step.rest, None)
        if pause is not None:
            with self._changed:
                heapq.heappush(self._steps, _Step(max(step.due, self._now()) + pause, step.serial, step.rest))
        self._stepped()

    def _now(self) -> timedelta:
        """Return the time of the day's clock, which stands still when nothing waits for it."""
        return timedelta(seconds=(time.monotonic() - self._began) * (self._speed or 0.0))

    def _seconds_until(self, due: timedelta) -> float:
        if self._speed is None:
            return 0.0
        return self._began + due.total_seconds() / self._speed - time.monotonic()
