"""The processes of one machine. docker-compose.yml runs the same commands; a test compares them."""

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
"""Threads of each process for pages: one works while another waits for PostgreSQL. More would only slow each other
down, and the gates in PostgreSQL."""
MOST_GATE_THREADS = 8
STREAM_THREADS = 2
"""Threads that decide who may follow what, and count free spots; sending needs none."""
WORKER_PROCESSES = 2
BEHIND_GATES = 10
"""The niceness of everything except the gates' processes, so that lanes go first on a busy machine."""
# Allows root, for trying things out.
EXPECTED_WARNINGS = "ignore:You're running the worker with superuser privileges"


def web_line(host: str, port: int, *, workers: int, threads: int, patience: int = 10) -> list[str]:
    """Return a web server's command line: `workers` processes with `threads` each, which may take so long to end."""
    return [
        *("python", "-m", "parking.serve", "--host", host, "--port", str(port)),
        *("--workers", str(workers)),
        *("--threads", str(threads), "--respawn-failed-workers", "--respawn-interval", "0.5"),
        *("--workers-kill-timeout", str(patience), "--log-level", "warning", "parking.wsgi:application"),
    ]


def stream_line(host: str, port: int) -> list[str]:
    """Return the command line of the process that streams. Streams end only with it, so nothing is waited for."""
    return web_line(host, port, workers=1, threads=STREAM_THREADS, patience=1)


def worker_line() -> list[str]:
    """Return the task worker's command line."""
    quiet = ["--loglevel", "warning", "--without-gossip", "--without-mingle"]
    return ["celery", "--quiet", "--app", "parking", "worker", "--concurrency", str(WORKER_PROCESSES), *quiet]


def beat_line(schedule: Path) -> list[str]:
    """Return the command line of beat; `schedule` is its file of last runs."""
    quiet = ["--loglevel", "warning"]
    return ["celery", "--quiet", "--app", "parking", "beat", *quiet, "--pidfile", "", "--schedule", str(schedule)]


def live_demo_line(port: int) -> list[str]:
    """Return the command line of the live demo."""
    return ["manage.py", "live_demo", "--url", f"http://{LOOPBACK}:{port}"]


@dataclass(frozen=True, slots=True)
class Box:
    """A machine's settings: the folders of code and data, the ports, and an allowed host name."""

    project: Path
    data: Path
    port: int
    gates_port: int
    stream_port: int
    host: str


def commands(box: Box, *, notify: Path, live: bool) -> list[Command]:
    """Return the processes in start order.

    `notify` is a folder for their readiness sockets; `live` adds the live demo, and says to all that this is a demo.
    """
    environment = {
        "PARKING_DATA": str(box.data),
        "PARKING_DEMO": "on" if live else "off",
        "PYTHONPATH": str(box.project),
        "STREAM_URL": f"http://{LOOPBACK}:{box.stream_port}",
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
        command("stream", stream_line(LOOPBACK, box.stream_port), box.stream_port, "streams"),
        command("worker", worker_line()),
        command("beat", beat_line(box.data / "beat-schedule")),
    ]
    if live:
        planned.append(command("live", live_demo_line(box.port)))
    return planned


def web_answers(port: int, host: str) -> bool:
    """Return whether the web process, requested as `host`, is ready."""
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
    """Return the threads of a gates' process; enough that reads which wait for a lot's lock don't block others."""
    return min(MOST_GATE_THREADS, 2 * len(usable_cores()) + 1)


def _local_web_line(port: int, threads: int) -> list[str]:
    return web_line(LOOPBACK, port, workers=max(2, len(usable_cores())), threads=threads)
