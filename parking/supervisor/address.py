"""The address of a running `up`, stored in its data folder so that other commands find it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from parking.embedded import locks

LOCK = "up.lock"
_KEPT = "up.address"


@contextmanager
def kept_address(data: Path, address: str) -> Iterator[None]:
    """Store the address of `up` while it runs."""
    kept = data / _KEPT
    kept.write_text(address, encoding="utf-8")
    try:
        yield
    finally:
        kept.unlink(missing_ok=True)


def running_address(data: Path) -> str | None:
    """Return the address of the `up` that runs on a data folder, or None.

    The file of a killed run is ignored, because its lock is free.
    """
    lock_file, kept = data / LOCK, data / _KEPT
    if not lock_file.exists() or not kept.exists():
        return None
    with locks.opened(lock_file) as lock:
        if lock.try_shared():
            return None
    try:
        return kept.read_text(encoding="utf-8").strip() or None
    except OSError:
        return None
