"""What every answer tells browsers: what it may load, who may frame it, and which features its scripts get."""

import pytest
from django.conf import settings
from django.test import Client

from common.web.browser_features import OURS, POLICY
from entrance.second_factor_first import ALWAYS_OPEN
from office.messages.mail_frames import framed_mail
from parking import fast_path
from tests.factories import make_lot

pytestmark = pytest.mark.django_db

PATHS = ("/", "/lots/central/", "/accounts/login/", "/nowhere/", "/api/v1/lots", "/api/v1/nowhere", "/robots.txt")
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": POLICY,
}
INLINE_STYLES = "/api/v1/docs/try"
"""Swagger UI writes styles of its own; nothing else of ours may."""


@pytest.fixture
def _lot():
    make_lot(slug="central")


def policy_of(response):
    return dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))


@pytest.mark.usefixtures("_lot")
@pytest.mark.parametrize("path", [*PATHS, "/static/css/site.css", "/static/img/favicon.ico", INLINE_STYLES])
def test_every_answer_is_told_how_to_be_treated(client, path):
    response = client.get(path)
    policy = policy_of(response)
    assert {name: response.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "script-src" not in policy, "scripts come from ourselves alone"
    assert ("unsafe" in response["Content-Security-Policy"]) == (path == INLINE_STYLES)


def test_a_mail_shown_in_a_page_runs_nothing():
    policy = framed_mail("<p>x</p>")._csp_replace
    assert policy["default-src"] == ["'none'"]
    assert policy["sandbox"] == []
    assert not {"script-src", "connect-src", "frame-src"} & set(policy)


def test_the_fast_path_says_what_matters_to_programs():
    told = dict(fast_path._HEADERS)
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Referrer-Policy"] == "same-origin"
    assert told["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_features_are_allowed_by_name_and_never_to_everybody():
    assert "*" not in POLICY
    assert all(f"{feature}=(self)" in POLICY for feature in OURS)
    assert "microphone=()" in POLICY


def test_tokens_of_forms_and_sessions_are_kept_from_other_sites(client):
    client.get("/accounts/login/")
    assert client.cookies[settings.CSRF_COOKIE_NAME]["samesite"] == "Lax"
    assert (settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_HTTPONLY) == ("Lax", True)


def test_weaknesses_are_reported_where_the_setting_says(client, settings):
    path = "/.well-known/security.txt"
    assert client.get(path).status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@parking.example"
    response = client.get(path)
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:security@parking.example"
    assert fields["Expires"].endswith("Z")
    assert fields["Canonical"].endswith(path)


def test_what_stays_open_without_a_second_factor_is_about_the_account_alone():
    assert ALWAYS_OPEN == ("/accounts/", "/_allauth/", "/language/", "/theme/")
    assert Client().get("/accounts/logout/").status_code == 302
