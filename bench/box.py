"""A temporary installation for measurements: the embedded servers with durability on, and the web command of `up`."""

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import django

HOST = "127.0.0.1"
START_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def running_servers() -> Iterator[Path]:
    """Provide an empty, migrated database in a temporary data folder during the block."""
    with tempfile.TemporaryDirectory(prefix="parking-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ |= {"PARKING_DATA": name, "DJANGO_SETTINGS_MODULE": "parking.settings"}
        # All cars and viewers of a bench come from one address.
        os.environ["API_ADDRESS_PER_MINUTE"] = "0"
        django.setup()
        from django.core.management import call_command
        from django.db import connections

        from parking import embedded

        with embedded.servers(folder, environ={}):
            call_command("migrate", verbosity=0)
            yield folder
            connections.close_all()


@contextmanager
def running(folder: Path, name: str, application: str = "parking.wsgi") -> Iterator[tuple[int, int]]:
    """Run `gates` or `web` as `up` does during the block; yields the port and the process id.

    `application` replaces what it serves.
    """
    from django.conf import settings

    from parking.supervisor import process_plan

    port = _free_port()
    box = process_plan.Box(settings.BASE_DIR, folder, port, port, HOST)
    command = next(one for one in process_plan.commands(box, notify=folder, live=False) if one.name == name)
    command.line[-1] = f"{application}:application"
    process = command.start()
    # The output is read only when it fails, but the process must never wait for a reader.
    said: list[bytes] = []
    Thread(target=lambda: said.extend(process.stdout or ()), daemon=True).start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not process_plan.web_answers(port, HOST):
            if time.monotonic() > deadline:
                raise TimeoutError(b"".join(said).decode())
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate per second, with the median and the 99th percentile of the durations."""

    per_second: float
    p50_ms: float
    p99_ms: float


def pgbench(folder: Path, script: Path, *, connections: int, seconds: float) -> Rate:
    """Run a script with the wheel's pgbench at full rate on the embedded PostgreSQL."""
    from common.db.postgresql.base import PLANNED_ONCE
    from parking.embedded import Layout, server_user

    layout = Layout(folder)
    program = server_user.postgres_programs(layout, server_user.server_owner()) / "pgbench"
    options = [f"--client={connections}", "--jobs=1", f"--time={max(1, round(seconds))}", "--protocol=prepared"]
    address = ["-h", str(layout.sockets), "-U", "parking", "parking"]
    with tempfile.TemporaryDirectory(dir=folder) as logs:
        line = [str(program), *options, "--log", "--no-vacuum", f"--file={script}", *address]
        environment = os.environ | {"PGOPTIONS": PLANNED_ONCE}
        done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=logs, env=environment)
        taken = sorted(int(row.split()[2]) for log in Path(logs).iterdir() for row in log.read_text().splitlines())
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if not found or " 0 (0.000%)" not in done.stdout:
        raise RuntimeError(f"{done.stdout}\n{done.stderr[-2000:]}")
    p50, p99 = (round(taken[int(len(taken) * share)] / 1000, 2) for share in (0.5, 0.99))
    return Rate(float(found[1]), p50, p99)


def server_pid(folder: Path) -> int:
    """Return the process id of the embedded PostgreSQL."""
    from parking.embedded import Layout

    return int((Layout(folder).postgres / "18" / "postmaster.pid").read_text().split()[0])


def cpu_seconds(root: int) -> float:
    """Return the CPU time that a process and its descendants have used so far."""
    used: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            used[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15])) / TICKS
    return sum(seconds for pid, (_parent, seconds) in used.items() if _descends(pid, root, used))


def _descends(pid: int, root: int, known: dict[int, tuple[int, float]]) -> bool:
    while pid in known and pid != root:
        pid = known[pid][0]
    return pid == root


def machine() -> dict[str, object]:
    """Return the machine's shape and load, and the interpreter's current speed."""
    began = time.perf_counter()
    sum(number & 7 for number in range(1_000_000))
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 1),
        "loop_ms": round((time.perf_counter() - began) * 1000),
    }
