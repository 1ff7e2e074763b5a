"""`manage.py up` from start to end, as a person would run it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

from parking.cores import usable_cores
from parking.embedded import servers
from parking.embedded.layout import digest_of
from parking.embedded.processes import all_pids, is_alive, wait_until
from parking.supervisor import leftovers
from parking.supervisor.address import running_address
from tests.runtime.conftest import servers_running_in

PROJECT = Path(__file__).parents[2]
READY_SECONDS = 120
"""How long a machine that makes its first database beside other tests may need."""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def runs():
    """End, whatever happens, the `up` processes that a test started."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)


def up(data: Path, port: int, log: Path, runs) -> subprocess.Popen[str]:
    """Start the command and return when it prints `ready`."""
    process = subprocess.Popen(
        up_line(data, port), stdout=log.open("w"), stderr=subprocess.STDOUT, env=environment(), cwd=PROJECT
    )
    runs.append(process)
    ready = wait_until(lambda: "\nready\n" in log.read_text() or process.poll() is not None, seconds=READY_SECONDS)
    assert ready, log.read_text()
    assert process.poll() is None, log.read_text()
    return process


def up_line(data: Path, port: int) -> list[str]:
    return [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port), "--data", str(data)]


def environment() -> dict[str, str]:
    left_out = {"DATABASE_URL", "REDIS_URL", "PARKING_DATA", "DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def run_to_end(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        up_line(data, port), capture_output=True, text=True, env=environment(), cwd=PROJECT, timeout=60, check=False
    )


def marked_processes(data: Path) -> list[int]:
    wanted = f"{leftovers.MARK}={data}".encode()
    return [pid for pid in all_pids() if is_alive(pid) and wanted in leftovers._environment(pid)]


def temporary_folders(data: Path) -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"parking-up-{digest_of(data)}-*"))


def answer(port: int, path: str) -> tuple[int, dict]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return response.status, json.load(response)


def worker_pids(data: Path) -> list[int]:
    return [pid for pid in marked_processes(data) if b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def serving_pids(data: Path, port: int) -> list[int]:
    """Return the forks that answer at a port, not the process that forks them."""
    pids = [pid for pid in marked_processes(data) if b"\0%d\0" % port in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return [pid for pid in pids if parent_of(pid) in pids]


def parent_of(pid: int) -> int:
    return int(re.search(r"^PPid:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1])


def cores_in_use(data: Path, port: int) -> list[int]:
    """Return the cores of the processes that answer at a port, each of which keeps to one."""
    try:
        kept = [os.sched_getaffinity(pid) for pid in serving_pids(data, port)]
    except OSError:  # one has just ended
        return []
    assert all(len(cores) == 1 for cores in kept)
    return sorted(set().union(*kept))


def test_up_serves_restarts_what_dies_starts_again_after_its_own_death_and_leaves_nothing(data, port, tmp_path, runs):
    log = tmp_path / "log"
    first = up(data, port, log, runs)
    assert answer(port, "/healthz") == (200, {"status": "ok"})
    assert answer(port, "/readyz") == (200, {"status": "ok", "down": {}})
    gates_port = int(re.search(r"gates also at http://127.0.0.1:(\d+)/", log.read_text())[1])
    assert answer(gates_port, "/readyz") == (200, {"status": "ok", "down": {}})

    assert running_address(data) == f"http://127.0.0.1:{port}"
    second = run_to_end(data, port)
    assert second.returncode == 1
    assert f"already runs on {data}" in second.stderr

    assert wait_until(lambda: cores_in_use(data, gates_port) == usable_cores(), seconds=20)
    os.kill(min(serving_pids(data, gates_port)), signal.SIGKILL)
    assert wait_until(lambda: cores_in_use(data, gates_port) == usable_cores(), seconds=20)

    for pid in worker_pids(data):
        os.kill(pid, signal.SIGKILL)
    os.kill(int((data / "servers/postgres/18/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert wait_until(lambda: "worker ended with status -9" in log.read_text(), seconds=10)
    assert wait_until(lambda: bool(worker_pids(data)), seconds=20)
    assert wait_until(lambda: is_ready(port), seconds=20)

    first.kill()
    first.wait()
    assert running_address(data) is None
    assert len(temporary_folders(data)) == 1
    for way in (signal.SIGTERM, signal.SIGINT):
        again = up(data, port, log, runs)
        again.send_signal(way)
        assert again.wait(60) == 0, log.read_text()
        assert marked_processes(data) == []
        assert servers_running_in(data) == []
    assert temporary_folders(data) == []


def is_ready(port: int) -> bool:
    try:
        return answer(port, "/readyz")[0] == 200
    except OSError:
        return False


def test_up_says_when_the_port_is_taken(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run_to_end(data, port)
    assert refused.returncode == 1
    assert f"Port {port}" in refused.stderr
    assert "--port" in refused.stderr
    assert servers_running_in(data) == []


def test_up_says_what_to_do_with_the_database_of_another_version(data, port):
    with (
        servers(data, environ=environment()) as layout,
        psycopg.connect(layout.database_url, autocommit=True) as database,
    ):
        database.execute("CREATE TABLE django_migrations (id bigserial, app text, name text, applied timestamptz)")
        database.execute("INSERT INTO django_migrations (app, name) VALUES ('lots', '0002_counters')")
    refused = run_to_end(data, port)
    said = [line for line in refused.stderr.splitlines() if line.startswith("CommandError")]
    assert refused.returncode == 1
    assert len(said) == 1
    assert f"The data folder {data} (PARKING_DATA) was made by another version" in said[0]
    assert "before the first release" in said[0]
    assert "lots.0002_counters. Remove it, or choose another." in said[0]
    assert "Traceback" not in refused.stderr
    assert servers_running_in(data) == []


def test_up_stopped_while_it_starts_leaves_nothing(data, port):
    process = subprocess.Popen(
        up_line(data, port), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(), cwd=PROJECT
    )
    assert wait_until(lambda: bool(servers_running_in(data)), seconds=60)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, process.stdout.read()
    process.stdout.close()
    assert marked_processes(data) == []


STOPPED_BEFORE_THE_SERVER_IS_HELD = """
import os, signal, sys, time
from parking.embedded import processes
start = processes.start_server

def start_and_be_stopped(*words, **names):
    start(*words, **names)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)

processes.start_server = start_and_be_stopped
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


def run_and_be_stopped(program, data, port):
    line = [sys.executable, "-c", program, "up", "--no-demo", "--port", str(port)]
    given = environment() | {"PARKING_DATA": str(data), "DJANGO_SETTINGS_MODULE": "parking.settings"}
    return subprocess.run(line, capture_output=True, text=True, env=given, cwd=PROJECT, timeout=60, check=False)


def test_up_stopped_before_it_holds_a_server_leaves_nothing(data, port):
    done = run_and_be_stopped(STOPPED_BEFORE_THE_SERVER_IS_HELD, data, port)
    assert (done.returncode, done.stdout.split()[-1:]) == (0, ["stopped"]), done.stderr
    assert servers_running_in(data) == []


STOPPED_WHILE_IT_COPIES_A_FILE = """
import os, signal, sys, time
import django
django.setup()
from parking.management.commands import up

def copy_and_be_stopped():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
    finally:
        os.close(-1)

up.collect_if_changed = copy_and_be_stopped
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


def test_up_stopped_is_no_error_of_what_it_interrupts(data, port):
    done = run_and_be_stopped(STOPPED_WHILE_IT_COPIES_A_FILE, data, port)
    assert (done.returncode, done.stdout.split()[-1:]) == (0, ["stopped"]), done.stderr
    assert "Traceback" not in done.stderr
    assert servers_running_in(data) == []
