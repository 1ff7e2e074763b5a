"""The folder of the database on a disk that is filled up while cars come and go."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from parking.embedded.processes import wait_until
from tests.faults.box import Box
from tests.faults.conftest import running_box
from tests.faults.kills import Report, traffic
from tests.faults.test_outages import GATE, ask, read

DISK_MEGABYTES = 400


@pytest.fixture
def disk() -> Iterator[Path]:
    """Give a small disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    folder = Path(tempfile.mkdtemp(prefix="parking-disk-", dir="/tmp"))
    options = f"size={DISK_MEGABYTES}m,mode=755"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "parking", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def fill(disk: Path) -> Path:
    """Write until nothing more fits."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0")
    return filler


def test_full_disk_is_said_and_nothing_breaks(disk: Path, tmp_path: Path) -> None:
    report = Report(seed=int(time.time()))
    with running_box(disk, tmp_path / "log") as box:
        key = json.loads(box.manage("issue_device_key", GATE))["key"]
        with traffic(box, report):
            time.sleep(2)
            filler = fill(disk)
            refused = wait_until(lambda: is_refused(box, key), seconds=60)
            said = [ask(box, key, read()) for _ in range(10)]
            # Even its recovery needs room, so it can't come back before there is some.
            for pid in box.pids("postgres"):  # none when it has given up by itself
                os.kill(pid, signal.SIGKILL)
            time.sleep(3)
            said += [ask(box, key, read()) for _ in range(3)]
            filler.unlink()
            assert refused
            assert {status for status, *_ in said} <= {200, 503}
            assert wait_until(lambda: ask(box, key, read())[0] == 200, seconds=20)
            time.sleep(2)
        assert report.traffic["reconciles"], report
        assert report.traffic["work_goes_on"]
        assert "every invariant holds" in box.manage("verify")


def is_refused(box: Box, key: str) -> bool:
    status, answer, _ = ask(box, key, read())
    assert status in {200, 503}, answer
    return status == 503
