"""File locks that the kernel releases when their holder dies, so no stale lock can remain."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class FileLock:
    """A lock on a file. The holder's pid in the file is for messages only."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        # Not inheritable, so a child never keeps the lock of a dead parent.
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def try_exclusive(self) -> bool:
        """Try to take the exclusive lock."""
        if not self._try(fcntl.LOCK_EX):
            return False
        # The pid is for messages only, so a full disk must not prevent a start.
        with suppress(OSError):
            os.truncate(self._descriptor, 0)
            os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)
        return True

    def try_shared(self) -> bool:
        """Try to take the lock shared."""
        return self._try(fcntl.LOCK_SH)

    def wait_exclusive(self) -> None:
        """Take the exclusive lock, and wait until all others have released theirs."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def holder(self) -> int | None:
        """Return the pid that last took the exclusive lock."""
        try:
            return int(os.pread(self._descriptor, 20, 0))
        except ValueError:
            return None

    def close(self) -> None:
        """Release the lock."""
        os.close(self._descriptor)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def opened(path: Path) -> Iterator[FileLock]:
    """Open a lock file for the block, and release it afterwards."""
    lock = FileLock(path)
    try:
        yield lock
    finally:
        lock.close()
