"""docker-compose.yml and the Dockerfile against the settings and the supervisor's list; no engine runs here."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from parking.supervisor import process_plan

PROJECT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
OURS = ["migrate", "web", "gates", "stream", "worker", "beat"]


def settings_variables() -> set[str]:
    """Return every name that parking/settings.py reads with `env.<type>("NAME")`."""
    tree = ast.parse((PROJECT / "parking/settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_process_of_the_product_and_its_servers_is_there():
    assert set(SERVICES) == {*OURS, "postgres", "redis", "mail"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_the_settings_read(name):
    assert set(SERVICES[name]["environment"]) <= settings_variables()


@pytest.mark.parametrize("name", OURS)
def test_production_start_is_given_what_it_needs(name):
    environment = SERVICES[name]["environment"]
    assert environment["PARKING_ENV"] == "production"
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"} <= set(environment)
    assert "?" in environment["SECRET_KEY"], "a start without a key must be refused"


def test_commands_are_those_of_the_supervisor():
    anywhere, threads = "0.0.0.0", process_plan.WEB_THREADS  # noqa: S104
    assert SERVICES["web"]["command"] == process_plan.web_line(anywhere, 8000, workers=2, threads=threads)
    assert SERVICES["gates"]["command"] == process_plan.web_line(anywhere, 8001, workers=2, threads=5)
    assert SERVICES["gates"]["environment"]["PARKING_SERVES"] == "gates"
    assert SERVICES["stream"]["command"] == process_plan.stream_line(anywhere, 8002)
    assert SERVICES["stream"]["environment"]["PARKING_SERVES"] == "streams"
    assert SERVICES["worker"]["command"] == process_plan.worker_line()
    assert SERVICES["beat"]["command"] == process_plan.beat_line(Path("/tmp/beat-schedule"))  # noqa: S108


def test_image_starts_the_web_process():
    line = re.search(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[1]
    assert json.loads(line) == SERVICES["web"]["command"]


def test_image_runs_without_root_from_locked_requirements():
    assert re.search(r"^USER ([1-9]\d*)$", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes -r requirements.txt" in DOCKERFILE
    assert DOCKERFILE.index("collectstatic") < DOCKERFILE.index("\nUSER ")


def test_every_foreign_image_is_pinned_to_a_version():
    images = [service["image"] for service in SERVICES.values()] + re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert all(re.search(r":v?\d+\.\d+", image) for image in images), images


def test_postgres_is_recent_enough():
    assert int(re.search(r"postgres:(\d+)", SERVICES["postgres"]["image"])[1]) >= 16


def test_ports_are_open_on_loopback_only():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_has_a_healthcheck(name):
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


def test_every_dependency_is_a_service_that_can_fulfil_it():
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in SERVICES
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[needed]


def test_addresses_name_services():
    environment = SERVICES["web"]["environment"]
    hosts = {
        re.search(r"(?:@|://)([a-z]+):\d+", environment[name])[1] for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
    }
    assert hosts == {"postgres", "redis", "mail"}
