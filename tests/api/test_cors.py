"""Calls of the API from pages elsewhere: those that a setting names, never with cookies, and nothing but the API."""

import pytest
from corsheaders.checks import check_settings
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db
OURS, STRANGE = "https://app.example", "https://evil.example"
ALLOWED = "Access-Control-Allow-Origin"
named = override_settings(CORS_ALLOWED_ORIGINS=[OURS])


def preflight(path, origin=OURS, method="PATCH", headers="authorization,if-match,idempotency-key,content-type"):
    asked = {"origin": origin, "access-control-request-method": method, "access-control-request-headers": headers}
    return Client().options(path, headers=asked)


def test_no_other_page_may_call_unless_it_is_named():
    assert ALLOWED not in preflight("/api/v1/lots")
    assert ALLOWED not in Client().get("/api/v1/lots", headers={"origin": OURS})


@named
@pytest.mark.parametrize("path", ["/api/v1/lots/central", "/api/v1/oauth/token", "/api/v1/no-such-call"])
def test_preflight_of_a_named_page_is_answered(path):
    answer = preflight(path)
    assert (answer.status_code, answer[ALLOWED]) == (200, OURS)
    assert "origin" in answer["Vary"].lower()
    assert {"authorization", "if-match", "idempotency-key"} <= set(answer["Access-Control-Allow-Headers"].split(", "))
    assert {"PATCH", "DELETE", "POST"} <= set(answer["Access-Control-Allow-Methods"].split(", "))
    assert "Access-Control-Allow-Credentials" not in answer


@named
def test_answers_and_refusals_can_be_read_there():
    for path, status in (("/api/v1/lots", 200), ("/api/v1/me", 401), ("/api/v1/nothing", 404)):
        answer = Client().get(path, headers={"origin": OURS})
        assert (answer.status_code, answer[ALLOWED]) == (status, OURS)
        assert "ETag" in answer["Access-Control-Expose-Headers"]


@named
@pytest.mark.parametrize("origin", [STRANGE, "null", "https://app.example.evil.example", "http://app.example"])
def test_page_that_is_not_named_reads_nothing(origin):
    assert ALLOWED not in preflight("/api/v1/lots", origin)
    assert ALLOWED not in Client().get("/api/v1/lots", headers={"origin": origin})


@named
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/_allauth/app/v1/config", "/manage/", "/healthz"])
def test_only_the_api_is_open_to_other_pages(path):
    assert ALLOWED not in preflight(path)
    assert ALLOWED not in Client().get(path, headers={"origin": OURS})


@override_settings(CORS_ALLOWED_ORIGINS=["app.example", "https://app.example/path"])
def test_setting_that_is_no_origin_is_named_at_the_start():
    assert {error.id for error in check_settings()} == {"corsheaders.E013", "corsheaders.E014"}
