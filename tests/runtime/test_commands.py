"""Which commands have the embedded servers run beside them, and which processes make up the product."""

import importlib.util
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.urls import Resolver404, resolve

from parking.embedded import locks
from parking.management.commands.up import _free_port_after, _served_host
from parking.supervisor import process_plan
from parking.supervisor.address import LOCK, kept_address, running_address
from parking.supervisor.command import Command

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def manage():
    spec = importlib.util.spec_from_file_location("manage", PROJECT / "manage.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("line", ["migrate", "verify --json", "import_site site.json --dry-run", "shell", "dbshell"])
def test_commands_that_read_or_write_have_the_servers(manage, line):
    assert manage.needs_servers(["manage.py", *line.split()])


@pytest.mark.parametrize("line", ["", "help", "up --port 9000", "makemigrations --check", "openapi", "migrate --help"])
def test_commands_without_data_start_nothing(manage, line):
    assert not manage.needs_servers(["manage.py", *line.split()])


def planned(tmp_path: Path, *, live: bool) -> dict[str, Command]:
    commands = process_plan.commands(
        process_plan.Box(PROJECT, tmp_path, 9000, 9001, 9002, "localhost"), notify=tmp_path, live=live
    )
    return {command.name: command for command in commands}


def test_live_simulation_runs_only_when_asked_for(tmp_path):
    assert list(planned(tmp_path, live=False)) == ["gates", "web", "stream", "worker", "beat"]
    assert list(planned(tmp_path, live=True)) == ["gates", "web", "stream", "worker", "beat", "live"]


@pytest.mark.parametrize(
    ("name", "port", "serves"),
    [("web", "9000", "everything"), ("gates", "9001", "gates"), ("stream", "9002", "streams")],
)
def test_web_processes_listen_on_loopback_at_their_ports(tmp_path, name, port, serves):
    command = planned(tmp_path, live=False)[name]
    assert command.line[command.line.index("--host") + 1] == "127.0.0.1"
    assert command.line[command.line.index("--port") + 1] == port
    assert command.environment["PARKING_SERVES"] == serves
    assert command.environment["STREAM_URL"] == "http://127.0.0.1:9002"


def test_port_of_gates_is_the_next_that_is_free():
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        one.listen()
        port = one.getsockname()[1]
        with suppress(OSError):  # another process may have it
            other.bind(("127.0.0.1", port + 1))
            other.listen()
        assert _free_port_after(port) not in {port, port + 1}


def test_address_of_a_running_installation_is_known_and_a_killed_one_is_not_believed(tmp_path):
    assert running_address(tmp_path) is None
    with locks.opened(tmp_path / LOCK) as lock:
        assert lock.try_exclusive()
        with kept_address(tmp_path, "http://127.0.0.1:9000"):
            assert running_address(tmp_path) == "http://127.0.0.1:9000"
        assert running_address(tmp_path) is None
        (tmp_path / "up.address").write_text("http://127.0.0.1:9001")
    assert running_address(tmp_path) is None


@pytest.mark.parametrize("name", ["simulate", "replay", "live_demo"])
def test_commands_that_drive_cars_go_to_the_running_installation(tmp_path, settings, name):
    settings.PARKING_DATA = tmp_path
    arguments = ["--lot", "x", "stays.csv"] if name == "replay" else []
    command = load_command_class("parking", name)
    assert command.create_parser("manage.py", name).parse_args(arguments).url == settings.PUBLIC_URL
    with locks.opened(tmp_path / LOCK) as lock, kept_address(tmp_path, "http://127.0.0.1:9000"):
        assert lock.try_exclusive()
        assert command.create_parser("manage.py", name).parse_args(arguments).url == "http://127.0.0.1:9000"


def test_gates_go_before_everything_else(tmp_path):
    commands = planned(tmp_path, live=True)
    assert commands.pop("gates").nice == 0
    assert all(command.nice > 0 for command in commands.values())


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/api/v1/gates/x/reads", True),
        ("/api/v1/gates/x/passages", True),
        ("/api/v1/entry", True),
        ("/api/v1/exit", True),
        ("/api/v1/status", True),
        ("/readyz", True),
        ("/", False),
        ("/admin/", False),
        ("/api/v1/lots", False),
    ],
)
def test_gate_processes_serve_gates_alone(path, served):
    try:
        resolve(path, "parking.urls_gates")
    except Resolver404:
        assert not served
    else:
        assert served


def test_gate_processes_refuse_pages_and_take_reads():
    program = """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "parking.settings"
from django.test import Client
django.setup()
client = Client(headers={"host": "localhost"})
print(client.get("/").status_code, client.post("/api/v1/gates/x/reads", {}, content_type="application/json").status_code)
"""
    done = run_with(program, PARKING_SERVES="gates")
    assert done.stdout.split() == ["404", "401"], done.stderr


def test_unknown_part_to_serve_is_named():
    done = run_with("import parking.settings", PARKING_SERVES="pages")
    assert "PARKING_SERVES is 'pages'" in done.stderr


def run_with(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "parking.settings"} | environment,
    )


@pytest.mark.parametrize(
    ("allowed", "host"),
    [(["parking.example", "127.0.0.1"], "parking.example"), ([".example"], "example"), (["*"], "127.0.0.1")],
)
def test_web_process_is_asked_under_a_name_it_serves(allowed, host):
    assert _served_host(allowed) == host
