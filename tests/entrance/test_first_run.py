"""The first run: one operator with its admin, by the printed code, once."""

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now

from accounts import setting_up
from accounts.models import Membership, Operator, Role, SetupCode, User
from accounts.setting_up import SetUpAlreadyError, renew_setup_code, set_up_installation
from common.web import rate_limits
from common.web.countries import country_of_zone, facts_of
from tests.factories import make_operator, make_user

ACME = {"name": "Acme Parking", "currency": "CHF", "timezone": "Europe/Zurich"}
FIELDS = {"name": "Acme Parking", "country": "CH", "email": "Ada@example.com", "password": "blue-garage-71"}


@pytest.fixture(autouse=True)
def fresh_limits(db):
    rate_limits._shared_store.cache_clear()
    rate_limits._throttle.cache_clear()


def send(client, code, address, **fields):
    return client.post("/first-run/", FIELDS | {"code": code} | fields, REMOTE_ADDR=address)


def test_an_empty_installation_leads_to_its_first_run(client):
    for path in ("/", "/manage/"):
        assert client.get(path).headers["Location"] == "/first-run/"
    page = client.get("/first-run/?code=ABCD-EFGH-JKMN", headers={"accept-language": "de-CH,de;q=0.9"})
    text = page.content.decode()
    assert '<input type="hidden" name="code" value="ABCD-EFGH-JKMN"' in text
    assert '<option value="CH" selected>' in text


def test_the_code_makes_the_operator_and_its_admin_once(client):
    code = renew_setup_code(at=now())
    assert code
    answer = send(client, code.lower(), "192.0.2.1")
    assert answer.status_code == 302, answer.content
    operator, person = Operator.objects.get(), User.objects.get()
    assert (operator.slug, operator.currency, operator.timezone) == ("acme-parking", "CHF", "Europe/Zurich")
    assert person.email == "ada@example.com"
    assert person.check_password("blue-garage-71")
    assert Membership.objects.get().role == Role.ADMIN
    assert client.get("/manage/").status_code == 200
    assert not SetupCode.objects.exists()
    visitor = Client()
    assert visitor.get("/first-run/").status_code == send(visitor, code, "192.0.2.1").status_code == 404
    assert visitor.get("/").status_code == 200
    assert "login" in visitor.get("/manage/").headers["Location"]
    assert renew_setup_code(at=now()) is None


def test_only_the_code_printed_last_counts_and_tries_are_limited(client):
    earlier, code = renew_setup_code(at=now()), renew_setup_code(at=now())
    assert code.replace("-", "").encode() not in bytes(SetupCode.objects.get().code_hash)
    answer = send(client, earlier, "192.0.2.2")
    assert answer.status_code == 422
    assert "not the code that was printed last" in answer.content.decode()
    statuses = [send(client, "AAAA-AAAA-AAAA", "192.0.2.2").status_code for _try in range(5)]
    assert statuses[-1] == 429
    assert int(send(client, code, "192.0.2.2").headers["Retry-After"]) > 0
    assert not Operator.objects.exists()
    assert send(client, code, "198.51.100.9").status_code == 302


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "12345678"}, "common"),
        ({"email": "nobody"}, "email"),
        ({"country": ""}, "required"),
        ({"name": ""}, "required"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_made(client, wrong, said):
    answer = send(client, renew_setup_code(at=now()), "192.0.2.3", **wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Operator.objects.exists()


def test_a_code_changes_nobody_s_password(client):
    root = User.objects.create_superuser("ada@example.com", "green-tower-5")
    answer = send(client, renew_setup_code(at=now()), "192.0.2.4")
    assert answer.status_code == 409
    root.refresh_from_db()
    assert root.check_password("green-tower-5")


def test_the_command_prints_another_code_until_there_is_an_operator(client):
    out = StringIO()
    call_command("setup_code", stdout=out)
    code, link = out.getvalue().split("setup code ")[1].split()
    assert link.endswith(f"/first-run/?code={code}")
    assert send(client, code, "192.0.2.5").status_code == 302
    with pytest.raises(CommandError, match="has an operator"):
        call_command("setup_code")


def test_no_code_is_made_where_an_operator_was_imported(client):
    make_operator()
    assert renew_setup_code(at=now()) is None
    assert client.get("/first-run/").status_code == 404
    assert client.get("/").status_code == 200
    client.force_login(make_user())
    assert client.get("/manage/").status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [False, True], ids=["without the lock", "with it"])
def test_two_people_at_once_make_one_operator(monkeypatch, locked):
    """Both have read that there is no operator before either makes one, unless the code's row is locked."""
    code = renew_setup_code(at=now())
    meeting = threading.Barrier(2, timeout=30)
    if not locked:
        monkeypatch.setattr(type(SetupCode.objects.all()), "select_for_update", lambda rows, *_names, **_options: rows)
    was = setting_up.awaits_first_operator

    def meet():
        found = was()
        try:
            meeting.wait(0.7 if locked else 5)
        except threading.BrokenBarrierError:
            assert locked
        return found

    monkeypatch.setattr(setting_up, "awaits_first_operator", meet)
    ends = []

    def run(number):
        from django.db import connection

        try:
            values = ACME | {"name": f"Acme {number}"}
            set_up_installation(code=code, values=values, email=f"{number}@example.com", password="blue-garage-71")
            ends.append("made")
        except SetUpAlreadyError:
            ends.append("refused")
        finally:
            connection.close()

    people = [threading.Thread(target=run, args=(number,)) for number in (1, 2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert Operator.objects.count() == (1 if locked else 2)
    assert sorted(ends) == (["made", "refused"] if locked else ["made", "made"])


def test_what_follows_from_a_country():
    assert (facts_of("CH").currency, facts_of("CH").timezone, facts_of("CH").holidays) == ("CHF", "Europe/Zurich", "CH")
    assert (facts_of("JP").currency, facts_of("JP").timezone) == ("JPY", "Asia/Tokyo")
    assert facts_of("XX") is None
    assert country_of_zone("Europe/Zurich") == "CH"
    assert country_of_zone("UTC") == ""
