"""Processes killed at seeded moments while cars come and go, and a report of how everything came back."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from parking.embedded.processes import is_alive, wait_until
from tests.faults.box import KINDS, PROJECT, Box, environment

LONGEST_PAUSE = 0.6
RUSHED_SHARE = 0.25
START_SECONDS = 4.0
BACK_SECONDS = 60


@dataclass
class Report:
    """How often what was killed, the seconds until it was back where that was waited for, and what the cars say."""

    seed: int
    killed: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    traffic: dict[str, Any] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        return self.killed.total()

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.kills} kills, {self.traffic}"]
        for kind, times in self.killed.items():
            taken = sorted(self.seconds[kind]) or [0.0]
            middle, longest = taken[len(taken) // 2], taken[-1]
            lines.append(f"  {kind:<17} {times:>4} times, back in {middle:.1f} s (at most {longest:.1f} s)")
        return "\n".join(lines)


@dataclass(frozen=True)
class Moment:
    """What to kill, after how many seconds, which one of several, and whether the next follows before it is back."""

    kind: str
    pause: float
    which: float
    rushed: bool


def schedule(kills: int, seed: int) -> list[Moment]:
    """Draw the moments of a run: every kind about equally often, in any order."""
    random = Random(seed)
    kinds: list[str] = []
    while len(kinds) < kills:
        kinds += random.sample(KINDS, len(KINDS))
    return [
        Moment(kind, random.uniform(0, LONGEST_PAUSE), random.random(), random.random() < RUSHED_SHARE)
        for kind in kinds[:kills]
    ]


@contextmanager
def traffic(box: Box, report: Report, *, cars: int = 8_000, skew: float = 0.0) -> Iterator[None]:
    """Have cars come and go during the block; their reckoning is in the report afterwards."""
    line = [sys.executable, "-m", "tests.faults.traffic", box.url, box.gates_url, str(report.seed)]
    line += ["--cars", str(cars), "--skew", str(skew)]
    process = subprocess.Popen(
        line,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        env=environment() | {"PARKING_DATA": str(box.data)},
        text=True,
    )
    try:
        assert process.stdout.readline() == "driving\n"
        yield
        printed, _ = process.communicate(timeout=240)
        assert process.returncode == 0
        report.traffic.update(json.loads(printed))
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def kill_at_moments(box: Box, report: Report, moments: list[Moment]) -> None:
    """Kill at each moment with SIGKILL, mostly wait until the victim's like runs again, and at the end until all do."""
    for moment in moments:
        time.sleep(moment.pause)
        report.killed[moment.kind] += 1
        _kill_and_wait(box, moment, _victims(box, moment.kind), report)
    assert wait_until(lambda: all(map(box.pids, KINDS)) and box.is_ready(), seconds=BACK_SECONDS), box.tail()


def _victims(box: Box, kind: str) -> list[int]:
    """Return the processes of a kind, as soon as there are some after an earlier kill."""
    deadline = time.monotonic() + BACK_SECONDS
    while not (found := box.pids(kind)):
        assert time.monotonic() < deadline, f"{kind} did not come back\n{box.tail()}"
        time.sleep(0.1)
    return found


def _kill_and_wait(box: Box, moment: Moment, victims: list[int], report: Report) -> None:
    victim = victims[int(moment.which * len(victims))]
    began = time.monotonic()
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    if moment.kind == "supervisor":
        box.up.wait()
        if moment.rushed:
            _kill_while_it_starts(box, moment)
        box.start()
    elif moment.rushed:
        return

    def back() -> bool:
        time.sleep(0.15)
        there = box.pids(moment.kind)
        # Connections to the database come back with the next request that needs one.
        enough = moment.kind == "postgres backend" or len(there) >= len(victims)
        return not is_alive(victim) and enough and box.is_ready()

    assert wait_until(back, seconds=BACK_SECONDS), f"{moment.kind} did not come back\n{box.tail()}"
    report.seconds[moment.kind].append(time.monotonic() - began)


def _kill_while_it_starts(box: Box, moment: Moment) -> None:
    box.launch()
    time.sleep(moment.which * START_SECONDS)
    box.up.kill()
    box.up.wait()
