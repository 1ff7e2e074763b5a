"""Run the whole product on this machine."""

import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils.timezone import now

from accounts.setting_up import renew_setup_code
from entrance.first_run import first_run_link
from parking import embedded
from parking.embedded import locks, server_user, sharing
from parking.environment import is_given
from parking.schema import UnknownMigrationsError, refuse_unknown_migrations
from parking.static_files import collect_if_changed
from parking.supervisor import address, leftovers, process_plan
from parking.supervisor.output import say
from parking.supervisor.supervisor import Supervisor
from traffic.demo import load_demo

LOCK_SECONDS = 60
READY_SECONDS = 60
NEAR_PORTS = 50
HIGHEST_PORT = 65_535
PORTS = ("port", "gates_port", "stream_port")
PRIVATE_FILES = 0o077
"""The umask of all processes: their files are private."""
STOP_AGAIN_SECONDS = 2.0
"""After how long a stop that nobody heard is asked for again."""


class StopRequested(BaseException):
    """Ctrl-C or a signal asked to stop. Not an Exception, so that no handler on the way catches it."""


class Command(BaseCommand):
    help = "Start PostgreSQL, Redis, web, stream, worker and beat, with the demo site, and keep them running."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the ports, the data folder and `--no-demo`."""
        parser.add_argument("--port", type=int, default=8000, help="the port on 127.0.0.1 that serves everything")
        parser.add_argument(
            "--gates-port",
            type=int,
            help="the port that serves only gates, by separate processes (default: the next free port)",
        )
        parser.add_argument(
            "--stream-port", type=int, help="the port of the process that streams (default: the next free port)"
        )
        parser.add_argument("--no-demo", action="store_true", help="leave out the demo site and its live cars")
        parser.add_argument("--data", type=Path, help="the folder of the embedded servers (default: PARKING_DATA)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM, then stop everything."""
        if options["data"]:
            _start_over_with(options["data"].resolve())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _request_stop)
        try:
            with ExitStack() as held:
                try:
                    self._run(
                        held, _Ports(*(options[name] for name in PORTS)), demo=has_demo(no_demo=options["no_demo"])
                    )
                finally:
                    _stop_is_heard()
        except StopRequested:
            say("stopped")
        except Exception as error:
            if _comes_of_a_stop(error):
                say("stopped")
            elif isinstance(error, embedded.EmbeddedServerError | UnknownMigrationsError):
                raise CommandError(str(error)) from error
            else:
                raise

    def _run(self, held: ExitStack, asked: "_Ports", *, demo: bool) -> None:
        data: Path = settings.PARKING_DATA
        layout = embedded.Layout(data)
        os.umask(PRIVATE_FILES)
        server_user.prepare_data_folder(data, server_user.server_owner())
        _lock_out_a_second(held, data)
        if count := leftovers.end_leftovers(data):
            say(f"ended {count} processes of an earlier, killed run")
        ports = asked.chosen()
        wanted = _locked_servers(held, layout)
        # A stop in the middle of a start leaves a process that the supervisor does not hold yet.
        for server in wanted:
            held.callback(server.end_leftovers)
        held.callback(leftovers.end_leftovers, data)
        supervisor = Supervisor()
        held.callback(_stop, supervisor)
        for server in wanted:
            supervisor.adopt(server, sharing.start_and_wait(server))
        collect_if_changed()
        _migrate(data)
        logins = load_demo() if demo else []
        setup_code = renew_setup_code(at=now())
        connections.close_all()
        notify = held.enter_context(leftovers.folder_of_run(data))
        box = process_plan.Box(settings.BASE_DIR, data, *ports, _served_host(settings.ALLOWED_HOSTS))
        held.enter_context(address.kept_address(data, f"http://{process_plan.LOOPBACK}:{box.port}"))
        planned = process_plan.commands(box, notify=notify, live=demo)
        supervisor.add([command for command in planned if command.must_answer])
        self._announce(
            supervisor, box, [*logins, *_setting_up(setup_code, f"http://{process_plan.LOOPBACK}:{box.port}")]
        )
        # Processes that nobody waits for must not slow down the start of the others.
        supervisor.add([command for command in planned if not command.must_answer])
        while True:
            supervisor.turn()

    def _announce(self, supervisor: Supervisor, box: process_plan.Box, logins: list[str]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not supervisor.all_answer():
            supervisor.turn()
            if time.monotonic() > deadline:
                say(f"not every process answers yet: {', '.join(supervisor.silent())}")
                deadline += READY_SECONDS
        here, docs = f"http://{process_plan.LOOPBACK}:{box.port}", reverse("api_docs")
        gates = f"http://{process_plan.LOOPBACK}:{box.gates_port}{reverse('api:api-root')}"
        self.stdout.write(f"\nParking runs at {here}/ (API {here}{docs})")
        self.stdout.write(f"gates also at {gates}, where no page slows them down")
        self.stdout.write("\n".join([*logins, "Ctrl-C stops it.", "ready"]))
        self.stdout.flush()


def has_demo(*, no_demo: bool) -> bool:
    """Return whether to load the demo: never in production, because its passwords are public."""
    return not (no_demo or settings.PRODUCTION)


def _setting_up(code: str | None, here: str) -> list[str]:
    """Return the lines that lead to the first operator; in production the site has a public address."""
    site = "" if settings.PRODUCTION else here
    return [f"set it up at {first_run_link(code, site=site)} (setup code {code})"] if code else []


def _start_over_with(data: Path) -> None:
    """Run this command again with another data folder, because settings read it from the environment."""
    os.environ["PARKING_DATA"] = str(data)
    words = iter(sys.argv)
    kept = []
    for word in words:
        if word == "--data":
            next(words)
        elif not word.startswith("--data="):
            kept.append(word)
    os.execv(sys.executable, [sys.executable, *kept])  # noqa: S606 - no shell is wanted


def _request_stop(_number: int, _frame: object) -> None:
    # Only the first counts: a second Ctrl-C must not interrupt the clean stop.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Python swallows what is raised while it runs a finalizer or a callback of C, so ask again until it is heard.
    signal.signal(signal.SIGALRM, _raise_stop)
    signal.setitimer(signal.ITIMER_REAL, STOP_AGAIN_SECONDS, STOP_AGAIN_SECONDS)
    raise StopRequested


def _raise_stop(_number: int, _frame: object) -> None:
    raise StopRequested


def _comes_of_a_stop(error: BaseException) -> bool:
    """Return whether what a stop interrupted failed while it cleaned up, such as to unlock a file that is closed."""
    cause = error.__context__
    return cause is not None and (isinstance(cause, StopRequested) or _comes_of_a_stop(cause))


def _stop_is_heard() -> None:
    """Let nothing interrupt the clean stop."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _stop(supervisor: Supervisor) -> None:
    connections.close_all()
    say("stopping")
    supervisor.stop()


def _lock_out_a_second(held: ExitStack, data: Path) -> None:
    lock = held.enter_context(locks.opened(data / address.LOCK))
    if not lock.try_exclusive():
        raise CommandError(f"It already runs on {data} (process {lock.holder()}); stop that one first.")


class _Ports(NamedTuple):
    """The ports that were asked for."""

    port: int
    gates_port: int | None
    stream_port: int | None

    def chosen(self) -> tuple[int, int, int]:
        """Return the port of each, the next free one where none was asked for. Raises CommandError."""
        for port, name in zip(self, PORTS, strict=True):
            if port is not None:
                _check_port(port, f"--{name.replace('_', '-')}")
        gates = _free_port_after(self.port) if self.gates_port is None else self.gates_port
        stream = _free_port_after(max(self.port, gates)) if self.stream_port is None else self.stream_port
        return self.port, gates, stream


def _check_port(port: int, option: str) -> None:
    try:
        _try_port(port)
    except (OSError, OverflowError) as error:
        raise CommandError(
            f"Port {port} on {process_plan.LOOPBACK} can't be used ({error}). Choose another: "
            f"manage.py up {option} {port + 1}, or make run ARGS='{option} {port + 1}'."
        ) from error


def _free_port_after(port: int) -> int:
    """Return the next free port, or any when all near ones are taken."""
    for candidate in range(port + 1, min(port + NEAR_PORTS, HIGHEST_PORT) + 1):
        with suppress(OSError):
            return _try_port(candidate)
    return _try_port(0)


def _try_port(port: int) -> int:
    """Return a port after checking that it is free; 0 chooses one. Raises OSError or OverflowError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((process_plan.LOOPBACK, port))
        found: int = probe.getsockname()[1]
        return found


def _locked_servers(held: ExitStack, layout: embedded.Layout) -> list[sharing.EmbeddedServer]:
    """Return the servers to start, once no other command uses them."""
    wanted = sharing.wanted_servers(layout)
    if wanted:
        server_user.prepare_folders(layout, server_user.server_owner())
        lock = held.enter_context(locks.opened(layout.data / "servers.lock"))
        _wait_for_other_commands(lock)
    return wanted


def _wait_for_other_commands(lock: locks.FileLock) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    told = False
    while not lock.try_exclusive():
        if not told:
            say(f"waiting for another command (process {lock.holder()}) that uses the servers")
            told = True
        if time.monotonic() > deadline:
            raise CommandError(f"Process {lock.holder()} still uses the servers; end it and try again.")
        time.sleep(0.1)


def _served_host(allowed: list[str]) -> str:
    """Return a host name in ALLOWED_HOSTS, for our own probes."""
    return next((name.removeprefix(".") for name in allowed if name != "*"), process_plan.LOOPBACK)


def _migrate(data: Path) -> None:
    executor = MigrationExecutor(connection)
    own = f"The data folder {data} (PARKING_DATA)"
    refuse_unknown_migrations(
        executor, database="The database at DATABASE_URL" if is_given(os.environ, "DATABASE_URL") else own
    )
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
