"""What a production start refuses, and the key of a machine that was given none."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from parking.management.commands.up import has_demo
from parking.production import refuse_unsafe
from parking.secret_key import kept_secret_key

PROJECT = Path(__file__).parents[2]
SAFE = {
    "PARKING_ENV": "production",
    "SECRET_KEY": "k" * 50,
    "FIELD_KEYS": ["f" * 32],
    "ALLOWED_HOSTS": ["parking.example"],
    "DEBUG": False,
    "PAYMENT_PROVIDERS": [],
    "TEXT_PROVIDER": "",
    "WEBHOOKS_PRIVATE": False,
    "PARKING_DEMO": False,
    "STRIPE_SECRET_KEY": "",
    "STRIPE_WEBHOOK_SECRET": "",
}


def test_safe_production_settings_are_accepted():
    refuse_unsafe(SAFE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("SECRET_KEY", ""),
            ("FIELD_KEYS", ["f" * 32, "short"]),
            ("ALLOWED_HOSTS", []),
            ("DEBUG", True),
            ("PAYMENT_PROVIDERS", ["simulated"]),
        ),
        *(("TEXT_PROVIDER", "simulated"), ("WEBHOOKS_PRIVATE", True), ("PARKING_DEMO", True)),
    ],
)
def test_production_start_is_refused_with_the_setting_named(name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        refuse_unsafe(SAFE | {name: value})
    refuse_unsafe(SAFE | {name: value, "PARKING_ENV": "development"})


@pytest.mark.parametrize("missing", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
def test_stripe_without_a_key_is_refused(missing):
    keys = {"PAYMENT_PROVIDERS": ["stripe"], "STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_WEBHOOK_SECRET": "whsec_x"}
    refuse_unsafe(SAFE | keys)

    with pytest.raises(ImproperlyConfigured, match=missing):
        refuse_unsafe(SAFE | keys | {missing: ""})


@pytest.mark.parametrize("missing", ["TEXT_ACCOUNT", "TEXT_SECRET", "TEXT_SENDER"])
def test_texts_without_an_account_are_refused(missing):
    keys = {"TEXT_PROVIDER": "twilio", "TEXT_ACCOUNT": "AC1", "TEXT_SECRET": "x", "TEXT_SENDER": "+41440000000"}
    refuse_unsafe(SAFE | keys)

    with pytest.raises(ImproperlyConfigured, match=missing):
        refuse_unsafe(SAFE | keys | {missing: ""})


def test_every_reason_is_named_at_once():
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_unsafe(SAFE | {"SECRET_KEY": "", "ALLOWED_HOSTS": []})
    assert "SECRET_KEY" in str(refused.value)
    assert "ALLOWED_HOSTS" in str(refused.value)


def test_unknown_environment_is_refused():
    with pytest.raises(ImproperlyConfigured, match="productoin"):
        refuse_unsafe(SAFE | {"PARKING_ENV": "productoin"})


@pytest.mark.parametrize(
    "command", [["manage.py", "up", "--port", "1"], ["manage.py", "migrate"], ["manage.py", "check"]]
)
def test_command_without_key_ends_with_the_reason_and_no_trace(command, tmp_path):
    unset = {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    done = subprocess.run(
        [sys.executable, *command],
        env=environment | {"PARKING_ENV": "production", "PARKING_DATA": str(tmp_path / "data")},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "SECRET_KEY is not set" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_kept_key_is_long_private_and_the_same_again(tmp_path):
    key = kept_secret_key(tmp_path / "data")
    assert len(key) >= 50
    assert kept_secret_key(tmp_path / "data") == key
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_agree_on_the_key(tmp_path):
    line = "import sys, pathlib; from parking.secret_key import *; print(kept_secret_key(pathlib.Path(sys.argv[1])))"

    def start(_number: int) -> str:
        return subprocess.check_output([sys.executable, "-c", line, str(tmp_path)], cwd=PROJECT, text=True)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1


def test_production_never_gets_the_demo(settings):
    assert has_demo(no_demo=False)
    assert not has_demo(no_demo=True)
    settings.PRODUCTION = True
    assert not has_demo(no_demo=False)
