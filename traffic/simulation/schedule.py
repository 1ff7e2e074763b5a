"""Runs a day of visits: many cars at once, at a chosen speed, each car's entry before its exit."""

import heapq
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from traffic.simulation.journey import Journey

CONNECTIONS = 8


@dataclass(order=True, slots=True)
class _Step:
    due: timedelta
    serial: int
    journey: Journey = field(compare=False)


class Day:
    """The steps of a simulated day, run by several threads in order of its clock.

    `speed` is a factor of real time; None is as fast as the server answers.
    """

    def __init__(self, journeys: Iterable[Journey], *, speed: float | None, stepped: Callable[[], object]) -> None:
        self._steps = [_Step(journey.visit.arrives, journey.visit.serial, journey) for journey in journeys]
        heapq.heapify(self._steps)
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
                if self._steps:
                    wait = self._seconds_until(self._steps[0].due)
                    if wait <= 0:
                        self._under_way += 1
                        return heapq.heappop(self._steps)
                    self._changed.wait(min(wait, 1.0))
                elif self._under_way:
                    self._changed.wait(1.0)
                else:
                    return None
        return None

    def _take(self, step: _Step) -> None:
        if step.journey.is_inside:
            step.journey.leave()
        else:
            self._arrive(step)
        self._stepped()

    def _arrive(self, step: _Step) -> None:
        journey, visit = step.journey, step.journey.visit
        passes = visit.stay / self._speed if self._speed else timedelta(0)
        journey.enter(stays_on=max(timedelta(0), visit.stay - passes))
        if journey.is_inside and visit.leaves:
            with self._changed:
                heapq.heappush(self._steps, _Step(step.due + visit.stay, step.serial, journey))

    def _seconds_until(self, due: timedelta) -> float:
        if self._speed is None:
            return 0.0
        return self._began + due.total_seconds() / self._speed - time.monotonic()
