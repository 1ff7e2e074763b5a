"""Runs a scenario in a process of its own that is killed at one of its steps."""

import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from billing.providers.simulated import SimulatedProvider

CALLS = ("prepare", "charge", "status", "conclude", "capture", "void", "refund")
_parents: list[Any] = []
_PROCESSES = get_context("fork")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    """Kills this process when the last step before it has been counted down."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            die()


def killed_at_step(scenario: Callable[[], object], step: int) -> bool:
    """Run a scenario and kill it at its n-th step; return False when it ended before that.

    A step is each side of a commit and of a call of the provider: whatever happens elsewhere leaves no other traces.
    """
    return _run(scenario, lambda: _count_steps(Countdown(step)))


def killed_at_line(scenario: Callable[[], object], line: int) -> bool:
    """Run a scenario and kill it at the n-th line that it executes in billing; return False when it ended before."""
    return _run(scenario, lambda: _count_lines(Countdown(line)))


def lines_of(scenario: Callable[[], object]) -> int:
    """Return how many lines of billing a scenario executes, by running it here."""
    count = 0

    def counted() -> None:
        nonlocal count
        count += 1

    _count_lines(counted)
    try:
        scenario()
    finally:
        sys.settrace(None)
    return count


def _run(scenario: Callable[[], object], prepare: Callable[[], None]) -> bool:
    child = _PROCESSES.Process(target=_scene, args=(scenario, prepare))
    child.start()
    child.join(60)
    assert child.exitcode in {0, -signal.SIGKILL}, child.exitcode
    return child.exitcode == -signal.SIGKILL


def _scene(scenario: Callable[[], object], prepare: Callable[[], None]) -> None:
    # The parent's connection must not be used, and not be closed either.
    _parents.append(connections["default"].connection)
    connections["default"].connection = None
    connections["default"].ensure_connection()
    prepare()
    scenario()
    sys.settrace(None)
    os._exit(0)


def _count_steps(step: Callable[[], None]) -> None:
    for owner, names in ((SimulatedProvider, CALLS), (BaseDatabaseWrapper, ("_commit",))):
        for name in names:
            setattr(owner, name, _between(getattr(owner, name), step))


def _between(call: Callable[..., Any], step: Callable[[], None]) -> Callable[..., Any]:
    def counted(*args: Any, **kwargs: Any) -> Any:
        step()
        answer = call(*args, **kwargs)
        step()
        return answer

    return counted


def _count_lines(step: Callable[[], None]) -> None:
    def trace(frame: Any, event: str, _: object) -> Any:
        if not frame.f_globals.get("__name__", "").startswith("billing."):
            return None
        if event == "line":
            step()
        return trace

    sys.settrace(trace)
