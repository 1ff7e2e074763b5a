"""Attacks tried: what a stranger, a driver and an attendant of another operator send to get what is not theirs."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error, models, transaction
from django.db.models import CharField, TextField, Value
from django.db.models.functions import Cast, Concat, Left
from django.test import Client
from django.urls import resolve
from pypdf import PdfReader

from accounts.models import User, Vehicle
from api.root import api
from billing.documents.pdf import page_pdf, roll_pdf
from notifications.models import Message
from tests.access.test_matrix import cases
from tests.access.world import World
from tests.api.test_strict_bodies import bodies
from tests.billing.documents.test_paper import RECEIPT
from tests.factories import make_lot, make_operator, make_ticket, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "o9Ujs!kd8-z"
EVIL = "https://evil.example/"
ELSEWHERE = [
    *(EVIL, "//evil.example/", "/\\evil.example/", "\\\\evil.example", "https:evil.example", "http:///evil.example/"),
    *(
        "javascript:alert(1)",
        "\t//evil.example/",
        "https://testserver@evil.example/",
        "https://testserver.evil.example",
    ),
]
SCRIPT = "\"'><xss>"
"""Ends an attribute and a tag, and begins one that no page of ours has."""
WRITTEN = {
    *("address", "answer", "changed_why", "city", "decision_note", "drawer", "error", "exit_plate", "from_plate"),
    *("held_open_why", "holder_name", "label", "last_error", "legal_name", "maintenance_note", "name", "note"),
    *("number", "plate", "plate_region", "postal_code", "reason", "region", "return_note", "said", "shown"),
    *("tariff_name", "tax_id", "terms", "text", "to_plate", "why", "word"),
}
"""Columns that hold what people, cameras and other programs wrote."""
NOT_WRITTEN = {
    "AskedTask.name", "Run.name", "TaskRecord.name", "MailProviderState.name", "Debt.reason", "GateEvent.reason",
    "Document.number", "Ticket.number",
}  # fmt: skip
BY_PROGRAMS = ("api/", "^_allauth", "webhooks/")
UNSIGNED = {"unsubscribe/<str:signed>/"}
"""Taken without a token of our pages: mail programs send it, and its address is the secret."""
OTHERS = {"me": "driver", "validate": "validator"}
"""Whose pages these are; all others are shown to an admin."""


@pytest.fixture
def world():
    return World()


def leads_away(location: str) -> bool:
    """Whether a browser that is redirected there leaves us: it reads a backslash as a slash and drops control characters."""
    found = urlsplit(re.sub(r"[\x00-\x20]", "", location).replace("\\", "/"))
    if found.scheme:
        return found.scheme not in {"http", "https"} or found.netloc != "testserver"
    return found.netloc not in {"", "testserver"}


def test_session_that_somebody_else_chose_or_knew_is_worth_nothing():
    person = make_user(password=PASSWORD)
    known = Client()
    session = known.session
    session["before"] = "kept"
    session.save()
    for key in (session.session_key, "x" * 32):
        victim = Client()
        victim.cookies[settings.SESSION_COOKIE_NAME] = key
        victim.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
        assert victim.get("/me/").status_code == 200
        assert victim.cookies[settings.SESSION_COOKIE_NAME].value != key
        assert not Session.objects.filter(session_key=key).exists()
    assert known.get("/me/").status_code == 302


def test_session_ends_with_its_log_out_and_the_account():
    person = make_user(password=PASSWORD)
    client, again = Client(), Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    again.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert again.get("/me/").status_code == 200
    client.post("/accounts/logout/")
    assert again.get("/me/").status_code == 302

    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/me/").status_code == 302


def test_new_password_ends_the_other_sessions():
    person = make_user(password=PASSWORD)
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    new = {"oldpassword": PASSWORD, "password1": "Zr8-unlike-it", "password2": "Zr8-unlike-it"}
    assert here.post("/accounts/password/change/", new).status_code == 302
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_next_page_leads_away(target):
    person = make_user(password=PASSWORD)
    credentials = {"login": person.email, "password": PASSWORD}
    signed_in = Client()
    signed_in.force_login(person)
    responses = [
        Client().post("/accounts/login/", credentials | {"next": target}),
        Client().post("/accounts/login/", credentials, query_params={"next": target}),
        signed_in.get("/accounts/login/", {"next": target}),
        signed_in.get("/admin/login/", {"next": target}),
        Client().post("/language/", {"language": "de", "next": target}),
        Client().post("/theme/", {"theme": "dark", "next": target}),
        signed_in.post("/accounts/logout/", {"next": target}),
    ]
    assert [response["Location"] for response in responses if leads_away(response.get("Location", ""))] == []


def test_redirects_that_lead_away_are_found():
    assert all(leads_away(target) for target in ELSEWHERE)
    assert not leads_away("/manage/?next=https://evil.example/")


@pytest.mark.parametrize("header", ["host", "x-forwarded-host"])
def test_links_in_mails_are_never_to_a_host_that_was_asked_for(header):
    person = make_user(password=PASSWORD)
    response = Client().post("/accounts/password/reset/", {"email": person.email}, headers={header: "evil.example"})
    assert response.status_code == (400 if header == "host" else 302)
    assert "evil.example" not in json.dumps(list(Message.objects.values_list("context", flat=True)))


def test_nobody_is_told_which_addresses_have_an_account():
    person = make_user(password=PASSWORD)
    answers = []
    for email in (person.email, "nobody@example.com"):
        client = Client()
        reset = client.post("/accounts/password/reset/", {"email": email})
        log_in = client.post("/accounts/login/", {"login": email, "password": "guess-it-9"})
        told = log_in.context["form"].non_field_errors() + log_in.context["form"].errors.get("password", [])
        answers.append((reset.status_code, reset["Location"], log_in.status_code, list(told)))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/v1/lots", "/healthz"])
def test_trace_is_not_answered(path):
    assert Client().generic("TRACE", path).status_code == 405


def test_no_form_is_taken_without_its_token(world):
    """Except those that change nothing of value, and those that programs sign."""
    forms = [case.route for case in cases() if case.method == "POST" and not case.route.startswith(BY_PROGRAMS)]
    exempt = {route for route in forms if getattr(resolve("/" + world.fill(route)).func, "csrf_exempt", False)}
    assert len(forms) > 100
    assert exempt == {"language/", "theme/", *UNSIGNED}

    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("admin", world.lot.operator))
    for path in ("/manage/people/invite/", "/me/account/", "/accounts/logout/", "/desk/shift/begin/"):
        assert client.post(path, {"x": "y"}).status_code == 403, path


def written_columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        if model.__module__.startswith(("django.", "allauth.")):
            continue
        for field in model._meta.local_fields:
            is_text = isinstance(field, CharField | TextField) and not field.choices
            if is_text and field.name in WRITTEN and f"{model.__name__}.{field.name}" not in NOT_WRITTEN:
                yield model, field.name


def write_everywhere(text: str) -> set[str]:
    """Put a text into every column that people write, where the database takes it; return which."""
    taken = set()
    for model, name in written_columns():
        longest = model._meta.get_field(name).max_length or 100
        written = Left(Concat(Value(text), Cast("pk", CharField())), longest)
        try:
            with transaction.atomic():
                if model._default_manager.update(**{name: written}):
                    taken.add(f"{model.__name__}.{name}")
        except Error:
            continue  # what happened is not changed, or a constraint takes no such text
    return taken


def test_stored_script_is_shown_as_text_on_every_page(world):
    taken = write_everywhere(SCRIPT)
    assert len(taken) >= 40
    assert {"Lot.name", "Operator.name", "User.name", "Vehicle.plate", "Ticket.plate", "Gate.name"} <= taken
    shown, broken, told = 0, [], []
    for case in cases():
        person = OTHERS.get(case.route.partition("/")[0], "admin")
        if case.method != "GET" or case.expected[person] != 200:
            continue
        client = world.clients[person]
        client.raise_request_exception = False
        response = client.get("/" + world.fill(case.route), query_params={"next": EVIL, "return": EVIL})
        html = b"".join(response) if response.streaming else response.content
        is_page = response.get("Content-Type", "").startswith(("text/html", "image/svg"))
        if response.status_code >= 500 or leads_away(response.get("Location", "")):
            broken.append((case.route, response.status_code))
        if is_page and b"<xss" in html:
            told.append(case.route)
        shown += is_page and b"&lt;xss" in html
    assert (broken, told) == ([], [])
    assert shown >= 60, "the pages show what was written"


@pytest.mark.parametrize("made", [page_pdf, roll_pdf])
def test_stored_script_is_text_in_a_pdf(made):
    evil = {
        "issuer": RECEIPT["issuer"] | {"name": f"Acme {SCRIPT}"},
        "lines": [{"label": f"<b>{SCRIPT}", "amount": "1"}],
    }
    content = made(RECEIPT | evil).content
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    assert "<xss>" in text
    assert b"/JavaScript" not in content
    assert b"/OpenAction" not in content


def test_bodies_have_no_fields_that_only_we_decide():
    """What a body does not declare is dropped before any code of ours sees it.

    The role of a member is what an admin decides; another operator's people are not found.
    """
    by_admins = {"InvitationIn": {"role"}, "MemberChangeIn": {"role"}}
    ours = {"id", "pk", "owner", "user", "role", "is_staff", "is_superuser", "price", "paid", "state", "created_at"}
    assert api.urls
    found = list(bodies())
    assert len(found) >= 7
    assert [model.__name__ for model in found if model.model_config.get("extra") == "allow"] == []
    named = {model.__name__: ours & set(model.model_fields) for model in found if ours & set(model.model_fields)}
    assert named == by_admins


def test_fields_that_a_form_does_not_have_change_nothing():
    operator = make_operator()
    person = make_user(password=PASSWORD)
    client = Client()
    client.force_login(person)
    more = {"is_staff": "on", "is_superuser": "on", "is_active": "", "role": "admin", "operator": operator.pk, "id": 1}
    before = User.objects.filter(pk=person.pk).values("id", "email", "is_staff", "is_superuser", "is_active").get()
    client.post("/me/account/", more | {"name": "Ada", "email": "other@example.com"})
    client.post("/me/vehicles/", more | {"plate": "ZH 5", "vehicle_type": "regular", "owner": 1, "owner_id": 1})
    Client().post(
        "/accounts/signup/",
        more | {"email": "neu@example.com", "password1": "Zr8-unlike-it", "password2": "Zr8-unlike-it"},
    )
    Client().post(
        "/_allauth/app/v1/auth/signup",
        more | {"email": "neu2@example.com", "password": "Zr8-unlike-it"},
        content_type="application/json",
    )
    assert User.objects.filter(pk=person.pk).values(*before).get() == before
    assert {vehicle.owner_id for vehicle in person.vehicles.all()} == {person.pk}
    assert User.objects.filter(email__startswith="neu").count() == 2
    assert not User.objects.filter(is_staff=True).exists()
    assert not operator.memberships.exists()


def test_rows_of_another_driver_are_not_there_whatever_is_asked_of_them(world):
    stranger = Client()
    stranger.force_login(make_user())
    found = []
    for case in cases():
        of_driver = case.route.startswith(("me/", "api/v1/reservations/<", "api/v1/exports/<", "api/v1/passes/<"))
        if not of_driver or "<" not in case.route or case.expected["driver"] in {401, 403, 404}:
            continue
        if re.search(r"<str:(whose|kind|month)|<month>|name>", case.route):
            continue
        path = "/" + world.fill(case.route)
        with world.untouched():
            if case.route.startswith("api/"):
                response = stranger.generic(case.method, path, "{}", content_type="application/json")
            else:
                response = stranger.generic(case.method, path)
            assert Vehicle.objects.filter(pk=world.rows["vehicles"].pk).exists()
        found.append((case.method, case.route, response.status_code))
    assert len(found) >= 20
    # Removing what is not there is as having removed it.
    as_once = ("POST", "me/vehicles/<int:vehicle_id>/remove/", 302)
    assert [one for one in found if one[2] not in {403, 404, 422} and one != as_once] == []


def test_what_opens_a_stay_without_an_account_can_not_be_guessed():
    lot = make_lot()
    tokens = [make_ticket(lot, f"ZH {number}").token for number in range(3)]
    assert len(set(tokens)) == 3
    assert all(len(token) == 22 for token in tokens), "16 random bytes"
    near = ("x" if tokens[0][0] != "x" else "y") + tokens[0][1:]
    assert Client().get(f"/pay/{tokens[0]}/").status_code == 200
    assert Client().get(f"/pay/{near}/").status_code != 200
