"""OAuth 2.0 client credentials, against RFC 6749: §2.3.1, §4.4, §5.1 and §5.2."""

import base64
from urllib.parse import quote_plus, urlencode

import pytest
from django.test import Client

from accounts.key_format import client_id_of
from tests.factories import make_api_key, make_lot, make_user

pytestmark = pytest.mark.django_db
PATH = "/api/v1/oauth/token"
FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def made():
    return make_api_key(make_user("admin", make_lot(slug="central").operator), "stays:read", "lots:read", "lots:write")


def client_of_key(made):
    return {"client_id": client_id_of(made.row.public_id), "client_secret": made.key}


def basic(client_id, secret):
    text = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def ask(body, headers=None, content_type=FORM):
    text = body if isinstance(body, str) else urlencode(body)
    return Client(headers=headers or {}).generic("POST", PATH, text, content_type=content_type)


@pytest.mark.parametrize("by", ["basic", "form"])
def test_token_is_issued_and_works(made, by):
    own = client_of_key(made)
    answer = ask(GRANT, basic(*own.values())) if by == "basic" else ask(GRANT | own)
    said = answer.json()
    assert (answer.status_code, answer["Cache-Control"], answer["Pragma"]) == (200, "no-store", "no-cache")
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 600, "lots:read lots:write stays:read")
    assert Client(headers={"authorization": f"Bearer {said['access_token']}"}).get("/api/v1/tickets").status_code == 200
    assert set(said) == {"access_token", "token_type", "expires_in", "scope"}


def test_token_may_less_than_its_key(made):
    said = ask(GRANT | client_of_key(made) | {"scope": "lots:read"}).json()
    assert said["scope"] == "lots:read"
    refused = Client(headers={"authorization": f"Bearer {said['access_token']}"}).get("/api/v1/tickets")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")


def error(answer):
    said = answer.json()
    assert set(said) == {"error", "error_description"}
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, said["error"]


def test_errors_are_those_of_the_standard(made):
    own = client_of_key(made)
    assert error(ask(own)) == (400, "invalid_request")
    assert error(ask(GRANT | own, content_type="application/json")) == (400, "invalid_request")
    assert error(ask(f"{urlencode(GRANT | own)}&grant_type=client_credentials")) == (400, "invalid_request")
    assert error(ask(GRANT | own, basic(*own.values()))) == (400, "invalid_request")
    assert error(ask(own | {"grant_type": "password"})) == (400, "unsupported_grant_type")
    assert error(ask(GRANT | own | {"scope": "people:write"})) == (400, "invalid_scope")
    assert error(ask(GRANT | own | {"scope": "nonsense"})) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic"},
        {"authorization": "Basic ???"},
        {"authorization": "Basic /w=="},
        {"authorization": "Bearer x"},
        basic("parkapi_000000000000", "x"),
        basic("\0", "\0"),
    ],
)
def test_client_that_proves_nothing_gets_no_token(made, headers):
    answer = ask(GRANT, headers)
    assert error(answer) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic ")


def test_secret_of_another_key_proves_nothing(made):
    other = make_api_key(make_user("admin", make_lot().operator), "lots:read")
    wrong = client_of_key(made) | {"client_secret": other.key}
    assert error(ask(GRANT | wrong)) == (401, "invalid_client")


def test_nothing_is_taken_from_the_address(made):
    answer = Client().post(f"{PATH}?{urlencode(GRANT | client_of_key(made))}", "", content_type=FORM)
    assert error(answer) == (400, "invalid_request")
    assert Client().get(PATH).status_code == 405
