"""One whole installation that a test may treat roughly: `manage.py up` on data and a port of its own."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from parking.embedded import Layout
from parking.embedded.processes import all_pids, is_alive, running_in, wait_until
from parking.embedded.redis import PROGRAMS
from parking.supervisor import leftovers
from tests.sites.site_files import HOURLY, site_of, small

PROJECT = Path(__file__).parents[2]
READY_SECONDS = 90
logging.getLogger("httpx").setLevel(logging.WARNING)
HTTP = httpx.Client(timeout=15, limits=httpx.Limits(max_keepalive_connections=0))
KINDS = (
    *("gates worker", "gates master", "web worker", "web master", "task worker", "task child", "beat"),
    *("redis", "postgres", "postgres backend", "supervisor"),
)
LEADERS = {"gates worker": "gates master", "web worker": "web master", "task child": "task worker"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment() -> dict[str, str]:
    left_out = {"DATABASE_URL", "REDIS_URL", "PARKING_DATA", "PARKING_TEST_DATA", "DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def site() -> dict:
    """A lot that counts spots and one that counts cars; every second gate waits for the barrier's word."""

    def gates(slug: str) -> list[dict]:
        return [
            {"code": f"{slug}-{direction}-{number}", "direction": direction, "confirms_passage": number == 2}
            for direction in ("entry", "exit")
            for number in (1, 2)
        ]

    # Reads that come twice may be far apart while everything is down.
    common = {"tariffs": [{"name": "Standard", "valid_from": "2020-01-01", **HOURLY}], "dedupe_seconds": 300}
    zones = [
        {"name": "A", "spot_type": "regular", "count": 220},
        {"name": "E", "spot_type": "ev", "count": 10, "prefix": "E-"},
    ]
    return site_of(
        small("spots", tracking="spots", levels=[{"number": 0, "zones": zones}], gates=gates("spots"), **common),
        small("cars", tracking="levels", levels=[{"number": 0, "zones": zones}], gates=gates("cars"), **common),
    )


@dataclass
class Box:
    """The installation. `start` also takes over after the supervisor was killed."""

    data: Path
    log: Path
    port: int = field(default_factory=free_port)
    gates_port: int = field(default_factory=free_port)
    up: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gates_url(self) -> str:
        return f"http://127.0.0.1:{self.gates_port}"

    @property
    def layout(self) -> Layout:
        return Layout(self.data)

    def launch(self) -> int:
        """Run `up` and return how much it had written before."""
        shown = self.log.stat().st_size if self.log.exists() else 0
        line = [sys.executable, "manage.py", "up", "--no-demo", "--data", str(self.data)]
        line += ["--port", str(self.port), "--gates-port", str(self.gates_port)]
        with self.log.open("ab") as output:
            self.up = subprocess.Popen(line, stdout=output, stderr=output, env=environment(), cwd=PROJECT)
        return shown

    def start(self) -> None:
        """Run `up` until it says `ready`."""
        shown = self.launch()

        def ready() -> bool:
            return b"\nready\n" in self.log.read_bytes()[shown:] or self.up.poll() is not None

        assert wait_until(ready, seconds=READY_SECONDS), self.tail()
        assert self.up.poll() is None, self.tail()

    def stop(self) -> None:
        if self.up and self.up.poll() is None:
            self.up.send_signal(signal.SIGTERM)
            self.up.wait(60)

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])

    def manage(self, *line: str, seconds: float = 120) -> str:
        """Run a command on this installation's data and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *line],
            env=environment() | {"PARKING_DATA": str(self.data)},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout

    def import_site(self) -> None:
        file = self.log.with_name("site.json")
        file.write_text(json.dumps(site()))
        self.manage("import_site", str(file))

    def is_ready(self) -> bool:
        try:
            return all(HTTP.get(f"{url}/readyz").status_code == 200 for url in (self.url, self.gates_url))
        except httpx.TransportError:
            return False

    def ask(self, path: str, body: dict | None = None, key: str = "") -> tuple[int, bytes, Mapping[str, str]]:
        """Send one request on a connection of its own and return status, body and headers."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        method = "GET" if body is None else "POST"
        response = HTTP.request(method, self.url + path, json=body, headers=headers, follow_redirects=True)
        return response.status_code, response.content, response.headers

    def pids(self, kind: str) -> list[int]:
        """Return the living processes of one kind."""
        supervisor = self.up.pid
        match kind:
            case "supervisor":
                return [supervisor] if self.up.poll() is None else []
            case "redis":
                return running_in(self.layout.redis, PROGRAMS)
            case "postgres":
                return [pid for pid in self._postgres() if _parent(pid) == supervisor]
            case "postgres backend":
                return [pid for pid in self._postgres() if b"parking parking" in _line(pid)]
            case "web master" | "gates master" | "task worker" | "beat":
                ports = {"web master": str(self.port), "gates master": str(self.gates_port)}
                word = ports.get(kind, kind.removeprefix("task ")).encode()
                return [pid for pid in self._led(supervisor) if word in _line(pid).split(b"\0")]
        leaders = self.pids(LEADERS[kind])
        return [pid for pid in self._ours() if _parent(pid) in leaders and b"resource_tracker" not in _line(pid)]

    def _led(self, supervisor: int) -> list[int]:
        return [pid for pid in self._ours() if _parent(pid) == supervisor]

    def everything(self) -> list[int]:
        return [pid for pid in {*self._ours(), *self._postgres(), *self.pids("redis")} if is_alive(pid)]

    def _ours(self) -> list[int]:
        mark = f"{leftovers.MARK}={self.data}".encode()
        return [pid for pid in all_pids() if mark in leftovers._environment(pid) and is_alive(pid)]

    def _postgres(self) -> list[int]:
        return [pid for pid in running_in(self.layout.postgres / "18", {"postgres"}) if is_alive(pid)]


def _line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
