"""The embedded PostgreSQL: creates, starts, recovers and stops its cluster."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from parking.embedded import processes
from parking.embedded.errors import EmbeddedServerError
from parking.embedded.layout import DATABASE, ROLE, Layout
from parking.embedded.server_user import Owner, postgres_programs

IDENT_MAP = "parking"
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# Without autovacuum, which would tell the planner between two tests that the tables they fill are empty.
FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
OPTIONS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL cluster in a layout. `durable=False` is for tests, whose data may be lost."""

    layout: Layout
    owner: Owner
    durable: bool = True

    name = "postgres"
    stop_signal = signal.SIGINT

    @property
    def cluster(self) -> Path:
        return self.layout.postgres / "18"

    @property
    def log(self) -> Path:
        return self.layout.logs / "postgres.log"

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and return at once; leftovers of a killed run are ended first."""
        programs = postgres_programs(self.layout, self.owner)
        if not self.cluster.exists():
            self._make_cluster(programs)
        self.end_leftovers()
        self._allow_peers(self.cluster)
        # Resolved, because the servers' user may be unable to follow the link.
        sockets = {"unix_socket_directories": str(self.layout.sockets.resolve())}
        options = OPTIONS | (DURABLE if self.durable else FAST) | sockets
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return processes.start_server(
            [str(programs / "postgres"), "-D", str(self.cluster.resolve()), *settings],
            owner=self.owner,
            log=self.log,
            death_signal=signal.SIGINT,
        )

    def answers(self) -> bool:
        """Return whether the application's database accepts connections; creates it the first time."""
        try:
            with self._connect(DATABASE):
                return True
        except psycopg.OperationalError:
            pass
        with contextlib.suppress(psycopg.OperationalError), self._connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return False

    def end_leftovers(self) -> None:
        """End servers of this cluster that outlived their starter, and delete a pid file of another process.

        A pid file whose process is gone stays: PostgreSQL then checks itself that the shared memory is unused.
        """
        pid_file = self.cluster / "postmaster.pid"
        named = _pid_in(pid_file)
        left = processes.running_in(self.cluster, {"postgres"})
        if named in left:
            processes.end_process(named, (signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
        for pid in processes.running_in(self.cluster, {"postgres"}):
            processes.end_process(pid, (signal.SIGKILL, 5))
        if processes.is_alive(_pid_in(pid_file)) and not processes.running_in(self.cluster, {"postgres"}):
            pid_file.unlink()

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.layout.sockets), user=ROLE, dbname=database, connect_timeout=2, autocommit=True
        )

    def _make_cluster(self, programs: Path) -> None:
        """Create the cluster in a temporary place and move it, so that a partial one is never used."""
        unfinished = self.layout.postgres.resolve() / "18.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [
            str(programs / "initdb"),
            *("-D", str(unfinished), "--username", ROLE, "--encoding", "UTF8", "--auth", "peer", "--data-checksums"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--no-instructions"),
        ]
        if not self.durable:
            command.append("--no-sync")
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=processes.server_environment(),
            user=self.owner.switch_uid,
            group=self.owner.switch_gid,
            extra_groups=self.owner.switch_groups,
        )
        if done.returncode:
            raise EmbeddedServerError(f"PostgreSQL could not make its data folder {unfinished}:\n{done.stderr.strip()}")
        unfinished.rename(self.cluster)

    def _allow_peers(self, cluster: Path) -> None:
        """Allow only the current user and the servers' user to connect as the application's role."""
        names = {self.owner.name, pwd.getpwuid(os.geteuid()).pw_name}
        lines = [f'{IDENT_MAP} "{name}" {ROLE}\n' for name in sorted(names)]
        _keep(cluster / "pg_ident.conf", "".join(lines))
        _keep(cluster / "pg_hba.conf", f"local all all peer map={IDENT_MAP}\n")


def _keep(file: Path, text: str) -> None:
    """Write a file only when its text differs: on a full disk, rewriting would leave it empty."""
    if not file.exists() or file.read_text() != text:
        file.write_text(text)


def _pid_in(file: Path) -> int:
    """Return the pid on the file's first line, or 0 when there is no such file or it is cut short."""
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0
