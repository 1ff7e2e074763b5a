"""Choosing light or dark without JavaScript."""

import pytest
from django.test import Client, RequestFactory

from common.web.theme import chosen_theme


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("<b>", ""), ("", "")])
def test_only_known_themes_are_taken_from_the_cookie(cookie, theme):
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie

    assert chosen_theme(request) == theme


def test_choice_is_kept_and_leads_back():
    response = Client().post("/theme/", {"theme": "dark", "next": "/pay/?q=1"})

    assert (response.status_code, response["Location"]) == (302, "/pay/?q=1")
    assert response.cookies["theme"].value == "dark"


def test_anything_else_forgets_the_choice():
    client = Client()
    client.cookies["theme"] = "dark"

    response = client.post("/theme/", {"theme": "system"})

    assert response.cookies["theme"]["max-age"] == 0


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_choice_never_leads_elsewhere(target):
    assert Client().post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"


def test_choice_is_not_made_by_a_link():
    response = Client().get("/theme/?theme=dark")

    assert (response["Location"], response.cookies) == ("/?theme=dark", {})
