"""Finds what an earlier run left behind when it was killed, by a mark in the environment that children inherit."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from parking.embedded.processes import all_pids, end_process

MARK = "PARKING_SUPERVISED"
PATIENCE_SECONDS = 10.0


def mark(data: Path) -> dict[str, str]:
    """Return the environment entry that marks the processes of one data folder."""
    return {MARK: str(data)}


def end_leftovers(data: Path) -> int:
    """End every marked process of this data folder and return how many there were.

    The caller holds the folder's lock, so no living supervisor looks after them.
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


def _own_line() -> set[int]:
    return {os.getpid(), os.getppid()}


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
