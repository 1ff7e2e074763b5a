"""The processes of one box, as a list. docker-compose.yml runs the same commands; a test compares them."""

import http.client
import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from parking.cores import usable_cores
from parking.supervisor import leftovers
from parking.supervisor.command import Command

LOOPBACK = "127.0.0.1"
WEB_THREADS = 2
"""Of each process for pages: one works while another waits for PostgreSQL. More would only stand in each other's way,
and in PostgreSQL in that of the gates."""
MOST_GATE_THREADS = 8
WORKER_PROCESSES = 2
BEHIND_GATES = 10
"""By how much everything else is nicer than what serves gates, so that a lane goes first when the machine is busy."""
# Root may try things out.
EXPECTED_WARNINGS = "ignore:You're running the worker with superuser privileges"


def web_line(host: str, port: int, *, workers: int, threads: int) -> list[str]:
    """Return a web server's command line: `workers` processes with `threads` each."""
    return [
        *("python", "-m", "parking.serve", "--host", host, "--port", str(port)),
        *("--workers", str(workers)),
        *("--threads", str(threads), "--respawn-failed-workers", "--respawn-interval", "0.5"),
        *("--workers-kill-timeout", "10", "--log-level", "warning", "parking.wsgi:application"),
    ]


def worker_line() -> list[str]:
    """Return the task worker's command line."""
    quiet = ["--loglevel", "warning", "--without-gossip", "--without-mingle"]
    return ["celery", "--quiet", "--app", "parking", "worker", "--concurrency", str(WORKER_PROCESSES), *quiet]


def beat_line(schedule: Path) -> list[str]:
    """Return the command line of the clock that sends periodic tasks; `schedule` is its own file of last runs."""
    quiet = ["--loglevel", "warning"]
    return ["celery", "--quiet", "--app", "parking", "beat", *quiet, "--pidfile", "", "--schedule", str(schedule)]


def live_demo_line(port: int) -> list[str]:
    """Return the command line of the gentle simulation that gives every page life."""
    return ["manage.py", "live_demo", "--url", f"http://{LOOPBACK}:{port}"]


@dataclass(frozen=True, slots=True)
class Box:
    """One machine's choices: the code's and the data's folder, the ports, and a host name that is served there."""

    project: Path
    data: Path
    port: int
    gates_port: int
    host: str


def commands(box: Box, *, notify: Path, live: bool) -> list[Command]:
    """Return our processes in the order they start.

    `notify` is a folder for the sockets on which they announce themselves; `live` adds the live simulation.
    """
    environment = {
        "PARKING_DATA": str(box.data),
        "PYTHONPATH": str(box.project),
        "PUBLIC_URL": os.environ.get("PUBLIC_URL", f"http://{LOOPBACK}:{box.port}"),
        "PYTHONWARNINGS": EXPECTED_WARNINGS,
        **leftovers.mark(box.data),
    }

    def command(name: str, line: list[str], port: int | None = None, serves: str = "everything") -> Command:
        return Command(
            name,
            _with_this_python(line),
            {**environment, "PARKING_SERVES": serves},
            box.project,
            None if port is None else partial(web_answers, port, box.host),
            None if port is not None or line[0] == "manage.py" else notify / name,
            nice=0 if serves == "gates" else BEHIND_GATES,
        )

    planned = [
        command("gates", _local_web_line(box.gates_port, _gate_threads()), box.gates_port, "gates"),
        command("web", _local_web_line(box.port, WEB_THREADS), box.port),
        command("worker", worker_line()),
        command("beat", beat_line(box.data / "beat-schedule")),
    ]
    if live:
        planned.append(command("live", live_demo_line(box.port)))
    return planned


def web_answers(port: int, host: str) -> bool:
    """Tell whether the web process, asked under the name `host`, says that it can serve."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=3)
    try:
        connection.request("GET", "/readyz", headers={"Host": host})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _with_this_python(line: list[str]) -> list[str]:
    if line[0] == "python":
        return [sys.executable, *line[1:]]
    if line[0] == "manage.py":
        return [sys.executable, *line]
    return [sys.executable, "-m", *line]


def _gate_threads() -> int:
    """Return how many reads a process answers at once, so that those that wait for a lot don't hold up the others."""
    return min(MOST_GATE_THREADS, 2 * len(usable_cores()) + 1)


def _local_web_line(port: int, threads: int) -> list[str]:
    return web_line(LOOPBACK, port, workers=max(2, len(usable_cores())), threads=threads)
