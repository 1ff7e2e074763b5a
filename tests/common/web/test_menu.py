"""The app bar's menu."""

import pytest
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from common.web.menu import menu_items
from parking.menus import MENUS


def shown(role, at):
    request = RequestFactory().get(at)
    try:
        request.resolver_match = resolve(at)
    except Resolver404:
        request.resolver_match = None
    return menu_items(MENUS[role], request)


@pytest.mark.parametrize(
    ("role", "at", "marked"),
    [
        ("anonymous", "/", ["Find parking"]),
        ("anonymous", "/pay/PS-1/", ["Pay"]),
        ("admin", "/manage/", ["Overview"]),
        ("admin", "/manage/lots/central/", ["Lots"]),
        ("admin", "/manage/stays/PS-1/", ["Overview"]),
        ("admin", "/manage/people/", ["People"]),
        ("admin", "/manage/debts/7/", ["Money"]),
        ("admin", "/manage/revenue/lines/", ["Money"]),
        ("admin", "/manage/shifts/", ["Money"]),
        ("admin", "/manage/documents/", ["Money"]),
        ("attendant", "/manage/documents/", ["Documents"]),
        ("admin", "/manage/blocked/", ["People"]),
        ("admin", "/manage/permits/", ["People"]),
        ("admin", "/manage/waivers/", ["People"]),
        ("anonymous", "/lots/central/", ["Find parking"]),
        ("driver", "/board/central/", ["Find parking"]),
        ("attendant", "/lots/central/", ["Lots"]),
        ("attendant", "/desk/", ["Desk"]),
        ("anonymous", "/elsewhere/", []),
    ],
)
def test_menu_marks_the_page_shown_or_its_section(role, at, marked):
    assert [item.label for item in shown(role, at) if item.current] == marked


@pytest.mark.parametrize("role", MENUS)
def test_every_entry_leads_to_a_page(role):
    assert all(resolve(item.path) for item in shown(role, "/"))
