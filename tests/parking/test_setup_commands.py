"""Commands that set people and devices up."""

import io
import json

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Membership, User
from devices.keys import find_device
from tests.factories import make_gate, make_lot, make_operator

pytestmark = pytest.mark.django_db


def run(*arguments: str, stdin: str = "", monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    out = io.StringIO()
    if monkeypatch:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_create_user_lets_an_admin_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    make_operator("acme")
    run(
        "create_user", "Anna@Example.com", "--role", "admin", "--operator", "acme", "--password-stdin",
        stdin="a good secret\n", monkeypatch=monkeypatch,
    )  # fmt: skip
    user = User.objects.get(email="anna@example.com")
    assert Client().login(email="anna@example.com", password="a good secret")
    assert EmailAddress.objects.get(user=user).verified
    assert Membership.objects.get(user=user).role == "admin"


def test_create_user_prints_a_generated_password_once(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run("create_user", "d@example.com", "--role", "driver", monkeypatch=monkeypatch)
    password = printed.split("password ")[1].strip()
    assert User.objects.get().check_password(password)
    assert "password" not in run("create_user", "d@example.com", "--role", "driver", monkeypatch=monkeypatch)
    assert User.objects.get().check_password(password)


def test_create_user_twice_updates_role_and_password(monkeypatch: pytest.MonkeyPatch) -> None:
    make_operator("acme")
    for role, password in (("admin", "first secret"), ("attendant", "second secret")):
        printed = run(
            "create_user", "a@example.com", "--role", role, "--password-stdin", stdin=password, monkeypatch=monkeypatch
        )
    assert printed == "updated attendant a@example.com\n"
    assert Membership.objects.get().role == "attendant"
    assert User.objects.get().check_password("second secret")
    assert EmailAddress.objects.count() == 1


def test_create_user_leaves_nothing_to_a_stranger_who_signed_up_with_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_operator("acme")
    stranger = User.objects.create_user("a@example.com", "the stranger's own")
    EmailAddress.objects.create(user=stranger, email=stranger.email, primary=True)
    EmailAddress.objects.create(user=stranger, email="stranger@example.com")

    printed = run("create_user", "a@example.com", "--role", "admin", monkeypatch=monkeypatch)

    user = User.objects.get()
    assert not user.check_password("the stranger's own")
    assert user.check_password(printed.split("password ")[1].strip())
    assert EmailAddress.objects.get().verified
    assert Membership.objects.get().role == "admin"


@pytest.mark.parametrize(
    ("arguments", "operators", "complaint"),
    [
        (("a@example.com", "--role", "admin", "--operator", "nobody"), ["acme"], "no operator 'nobody'"),
        (("a@example.com", "--role", "admin"), ["acme", "other"], "needs --operator"),
        (("a@example.com", "--role", "admin"), [], "import a site first"),
        (("a@example.com", "--role", "driver", "--operator", "acme"), ["acme"], "belongs to no operator"),
        (("not an address", "--role", "driver"), [], "no email address"),
        (("a@example.com", "--role", "driver", "--password-stdin"), [], "password is empty"),
    ],
)
def test_create_user_says_what_is_wrong_and_creates_nobody(
    arguments: tuple[str, ...], operators: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slug in operators:
        make_operator(slug)
    with pytest.raises(CommandError, match=complaint):
        run("create_user", *arguments, monkeypatch=monkeypatch)
    assert not User.objects.exists()


def test_issue_device_key_prints_a_key_that_works() -> None:
    gate = make_gate(make_lot(), code="central-in-1")
    printed = json.loads(run("issue_device_key", "central-in-1", "--kind", "kiosk", "--name", "Lane 1"))
    assert printed == {"gate": "central-in-1", "device": "Lane 1", "key": printed["key"]}
    device = find_device(printed["key"]).device
    assert device is not None
    assert (device.gate, device.kind) == (gate, "kiosk")


def test_issue_device_key_refuses_an_unknown_gate() -> None:
    with pytest.raises(CommandError, match="no gate 'nowhere'"):
        run("issue_device_key", "nowhere")
