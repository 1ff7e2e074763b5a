"""Starts, finds and stops server processes."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

from parking.embedded.errors import EmbeddedServerError
from parking.embedded.server_user import Owner

PR_SET_PDEATHSIG = 1
LONGEST_LOG_BYTES = 5_000_000
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` that makes the kernel signal the child when its parent dies.

    It runs after the change of user, which would clear the setting. The parent must start children from a thread that
    lives as long as the process.
    """
    parent = os.getpid()

    def arrange() -> None:
        if sys.platform != "linux":
            return
        _libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            os.kill(os.getpid(), death_signal)

    return arrange


def start_server(
    command: list[str], *, owner: Owner, log: Path, death_signal: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start a server as its owner in a new session, writing to `log`."""
    if log.exists() and log.stat().st_size > LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=server_environment(),
            start_new_session=True,
            preexec_fn=die_with_parent(death_signal),  # noqa: PLW1509 - started before any thread
            user=owner.switch_uid,
            group=owner.switch_gid,
            extra_groups=owner.switch_groups,
        )


def server_environment() -> dict[str, str]:
    """Return an environment without the caller's PG*, locale and proxy settings."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def running_in(folder: Path, programs: Collection[str]) -> list[int]:
    """Return the processes with these program names whose working directory is `folder`.

    PostgreSQL and Redis change to their data folder, so this finds them without relying on a pid file.
    """
    wanted = str(folder.resolve())
    return [pid for pid in all_pids() if _program(pid) in programs and _working_folder(pid) == wanted]


def end_process(pid: int, *signals: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn, and wait its seconds for the process to end."""
    for number, seconds in signals:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_until(lambda: not is_alive(pid), seconds=seconds):
            return


def is_alive(pid: int) -> bool:
    """Return whether the process exists and is not a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll until the condition holds; return False when it didn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def wait_for_answer(
    name: str, process: subprocess.Popen[bytes], answers: Callable[[], bool], *, log: Path, seconds: float = 60
) -> None:
    """Wait until a server answers; raises EmbeddedServerError with the end of its log when it doesn't."""
    wait_until(lambda: process.poll() is not None or answers(), seconds=seconds)
    if process.poll() is not None or not answers():
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        raise EmbeddedServerError(f"{name} did not start. The end of {log}:\n{tail}")


def all_pids() -> list[int]:
    """Return every process of the machine, or none without /proc."""
    if not Path("/proc/self").exists():
        return []
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _working_folder(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return ""
