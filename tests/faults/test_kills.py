"""Every process of `up` killed at random moments under full-speed traffic."""

import os
import sys
import time

import pytest

from tests.faults.box import KINDS, Box
from tests.faults.kills import Report, kill_at_moments, schedule, traffic

# One installation serves these and the outages, so one process of a parallel run has to take them all.
MANY = int(os.environ.get("FAULTS_KILLS", "500"))
SEED = int(os.environ.get("FAULTS_SEED", "0")) or int(time.time())


def killed(box: Box, kills: int, *, cars: int) -> Report:
    report = Report(SEED)
    sys.stdout.write(f"\nFAULTS_SEED={SEED}\n")
    with traffic(box, report, cars=cars):
        kill_at_moments(box, report, schedule(kills, SEED))
    sys.stdout.write(f"{report}\n")
    assert report.kills == kills
    assert report.traffic["discrepancies"] == []
    assert report.traffic["reconciles"], report.traffic
    assert report.traffic["cars"] > kills
    assert report.traffic["cars_not_yet_sent"], "the cars must not end before the kills do"
    assert report.traffic["work_goes_on"]
    assert not report.traffic["payments_hang"]
    assert "every invariant holds" in box.manage("verify")
    return report


def test_twenty_kills_lose_and_double_nothing(box: Box) -> None:
    assert set(killed(box, 20, cars=8_000).killed) == set(KINDS)


@pytest.mark.proof
def test_many_kills_lose_and_double_nothing(box: Box) -> None:
    killed(box, MANY, cars=200 * MANY)


def test_schedule_is_the_same_for_the_same_seed() -> None:
    assert schedule(40, 7) == schedule(40, 7) != schedule(40, 8)
