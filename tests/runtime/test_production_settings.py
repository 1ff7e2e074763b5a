"""The settings of a production start, read in a process of its own, with its secrets in files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from parking.environment import SettingsEnv, is_given

PROJECT = Path(__file__).parents[2]
ASKED = (
    *("SECRET_KEY", "REDIS_URL", "SECOND_FACTOR", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE"),
    *("CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "STRIPE_SECRET_KEY", "DEBUG"),
    *("MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "ANYMAIL", "THEME_COOKIE_NAME", "LANGUAGE_COOKIE_NAME"),
)
SECRETS = {
    "SECRET_KEY": "k" * 50,
    "REDIS_URL": "redis://cache.example:6379/0",
    "DATABASE_URL": "postgresql://parking:pass-word@db.example:5432/parking",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
    "ANYMAIL_POSTMARK_SERVER_TOKEN": "token",
}


def settings_of(environment):
    line = (
        "import json; from parking import settings as s;"
        f"print(json.dumps({{n: getattr(s, n) for n in {ASKED!r}}} | {{'database': s.DATABASES['default']['PASSWORD']}}))"
    )
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    run = [sys.executable, "-c", line]
    return subprocess.run(run, env=kept | environment, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_production_is_strict_and_reads_its_secrets_from_files(tmp_path):
    environment = {
        "PARKING_ENV": "production",
        "ALLOWED_HOSTS": "parking.example",
        "PAYMENT_PROVIDERS": "stripe",
        "PARKING_DATA": str(tmp_path / "data"),
    }
    for name, secret in SECRETS.items():
        (tmp_path / name).write_text(secret + "\n")
        environment[f"{name}_FILE"] = str(tmp_path / name)

    done = settings_of(environment)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {name: found[name] for name in ("SECRET_KEY", "REDIS_URL", "STRIPE_SECRET_KEY")} == {
        name: SECRETS[name] for name in ("SECRET_KEY", "REDIS_URL", "STRIPE_SECRET_KEY")
    }
    assert found["database"] == "pass-word"
    assert found["ANYMAIL"]["POSTMARK_SERVER_TOKEN"] == "token"
    assert found["SECOND_FACTOR"] == "admins"
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == ("__Host-session", "__Host-csrf")
    assert (found["THEME_COOKIE_NAME"], found["LANGUAGE_COOKIE_NAME"]) == ("__Host-theme", "__Host-language")
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert (found["SECURE_HSTS_SECONDS"], found["SECURE_HSTS_INCLUDE_SUBDOMAINS"]) == (31_536_000, True)
    assert not found["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"]
    assert not found["DEBUG"]


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = settings_of({"SECRET_KEY_FILE": str(tmp_path / "none"), "PARKING_DATA": str(tmp_path)})

    assert done.returncode == 1
    assert "SECRET_KEY_FILE names a file that can't be read" in done.stderr


@pytest.mark.parametrize(("environ", "given"), [({}, False), ({"X": "1"}, True), ({"X_FILE": "/x"}, True)])
def test_a_setting_is_given_by_itself_or_by_a_file(environ, given):
    assert is_given(environ, "X") == given


def test_settings_without_a_file_are_read_as_they_are():
    assert SettingsEnv().str("PATH") == os.environ["PATH"]
