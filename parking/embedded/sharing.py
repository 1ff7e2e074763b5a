"""One set of servers per data folder, shared by all commands.

The command that runs the servers holds `servers.lock` exclusively; commands that use them share `guests.lock`. The
first waits for the others before it stops the servers.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from parking.embedded import locks, processes, server_user
from parking.embedded.errors import EmbeddedServerError
from parking.embedded.layout import Layout
from parking.embedded.postgres import Postgres
from parking.embedded.redis import Redis
from parking.environment import is_given

JOIN_SECONDS = 60


class Runnable(Protocol):
    """A process that can be started, probed and stopped."""

    @property
    def name(self) -> str: ...
    @property
    def stop_signal(self) -> int: ...
    def start(self) -> subprocess.Popen[bytes]: ...
    def answers(self) -> bool: ...


class EmbeddedServer(Runnable, Protocol):
    """What PostgreSQL and Redis have in common."""

    @property
    def log(self) -> Path: ...
    def end_leftovers(self) -> None: ...


def wanted_servers(
    layout: Layout, *, durable: bool = True, environ: Mapping[str, str] = os.environ
) -> list[EmbeddedServer]:
    """Return the servers for which the environment gives no address."""
    owner = server_user.server_owner()
    wanted: list[EmbeddedServer] = []
    if not is_given(environ, "DATABASE_URL"):
        wanted.append(Postgres(layout, owner, durable))
    if not is_given(environ, "REDIS_URL"):
        wanted.append(Redis(layout, owner))
    return wanted


@contextmanager
def servers(data: Path, *, durable: bool = True, environ: Mapping[str, str] = os.environ) -> Iterator[Layout]:
    """Keep the embedded servers of a data folder running during the block: use running ones or start them.

    Raises EmbeddedServerError when they can't run here or don't answer.
    """
    layout = Layout(data.resolve())
    if is_given(environ, "DATABASE_URL") and is_given(environ, "REDIS_URL"):
        yield layout
        return
    server_user.prepare_folders(layout, server_user.server_owner())
    wanted = wanted_servers(layout, durable=durable, environ=environ)
    with locks.opened(layout.data / "servers.lock") as own, locks.opened(layout.data / "guests.lock") as guests:
        if _take_or_join(own, guests, wanted):
            with _running(wanted), ExitStack() as leaving:
                leaving.callback(guests.wait_exclusive)
                yield layout
        else:
            yield layout


def start_and_wait(server: EmbeddedServer) -> subprocess.Popen[bytes]:
    """Start one server and return when it answers."""
    process = server.start()
    try:
        processes.wait_for_answer(server.name, process, server.answers, log=server.log)
    except BaseException:
        stop(server, process)
        raise
    return process


def stop(server: EmbeddedServer, process: subprocess.Popen[bytes]) -> None:
    """Stop one server cleanly, or by force when it takes too long."""
    process.send_signal(server.stop_signal)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _running(wanted: list[EmbeddedServer]) -> Iterator[None]:
    with ExitStack() as started:
        for server in wanted:
            started.callback(stop, server, start_and_wait(server))
        yield


def _take_or_join(own: locks.FileLock, guests: locks.FileLock, wanted: list[EmbeddedServer]) -> bool:
    """Return True when this process is to run the servers, False when another process runs them."""
    deadline = time.monotonic() + JOIN_SECONDS
    while time.monotonic() < deadline:
        if own.try_exclusive():
            return True
        if guests.try_shared() and all(server.answers() for server in wanted):
            return False
        time.sleep(0.1)
    raise EmbeddedServerError(
        f"Process {own.holder()} holds {own.path} but its servers do not answer; end it and try again."
    )
