"""Which commands have the embedded servers run beside them, and which processes make up the product."""

import importlib.util
from pathlib import Path

import pytest

from parking.management.commands.up import _served_host
from parking.supervisor import plan

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


def planned(tmp_path: Path, *, live: bool) -> dict[str, list[str]]:
    commands = plan.commands(plan.Box(PROJECT, tmp_path, 9000, "localhost"), notify=tmp_path, live=live)
    return {command.name: command.line for command in commands}


def test_live_simulation_runs_only_when_asked_for(tmp_path):
    assert list(planned(tmp_path, live=False)) == ["web", "worker", "beat"]
    assert list(planned(tmp_path, live=True)) == ["web", "worker", "beat", "live"]


def test_web_process_listens_on_loopback_at_the_port(tmp_path):
    line = planned(tmp_path, live=False)["web"]
    assert line[line.index("--host") + 1] == "127.0.0.1"
    assert line[line.index("--port") + 1] == "9000"


@pytest.mark.parametrize(
    ("allowed", "host"),
    [(["parking.example", "127.0.0.1"], "parking.example"), ([".example"], "example"), (["*"], "127.0.0.1")],
)
def test_web_process_is_asked_under_a_name_it_serves(allowed, host):
    assert _served_host(allowed) == host
