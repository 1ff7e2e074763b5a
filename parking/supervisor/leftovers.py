"""Cleans up after a killed run: its processes, found by an inherited mark, and its folder."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from parking.embedded.layout import digest_of
from parking.embedded.processes import all_pids, end_process

MARK = "PARKING_SUPERVISED"
PATIENCE_SECONDS = 10.0


def mark(data: Path) -> dict[str, str]:
    """Return the environment entry that marks the processes of one data folder."""
    return {MARK: str(data)}


def end_leftovers(data: Path) -> int:
    """End every marked process of this data folder and return how many there were.

    The caller holds the folder's lock, so no other supervisor manages them.
    """
    wanted = f"{MARK}={data}".encode()
    left = [pid for pid in all_pids() if pid not in _own_line() and wanted in _environment(pid)]
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for pid in left:
        end_process(pid, (signal.SIGTERM, max(0.0, deadline - time.monotonic())), (signal.SIGKILL, 5))
    return len(left)


@contextmanager
def folder_of_run(data: Path) -> Iterator[Path]:
    """Provide a private folder with a short path for one run on this data folder, and delete those of killed runs.

    The caller holds the data folder's lock.
    """
    prefix = f"parking-up-{digest_of(data)}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        yield Path(name)


def _own_line() -> set[int]:
    return {os.getpid(), os.getppid()}


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
