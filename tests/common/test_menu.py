"""The app bar's menu."""

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from common.menu import menu_for


def _view(request):
    return HttpResponse()


urlpatterns = [
    path(route, _view)
    for route in ("", "pay/", "pay/<str:ticket>/", "manage/", "manage/lots/", "manage/people/", "desk/")
]


@pytest.fixture(autouse=True)
def _urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def labels(role, at="/"):
    return [item.label for item in menu_for(role, at)]


def current(role, at):
    return [item.label for item in menu_for(role, at) if item.current]


def test_menu_lists_only_pages_that_exist():
    assert labels("admin") == ["Overview", "Lots", "People", "Desk"]
    assert labels("driver") == ["Find parking", "Pay"]


@pytest.mark.parametrize(
    ("role", "at", "marked"),
    [
        ("anonymous", "/", ["Find parking"]),
        ("anonymous", "/pay/PS-1/", ["Pay"]),
        ("admin", "/manage/", ["Overview"]),
        ("admin", "/manage/lots/central/", ["Lots"]),
        ("admin", "/manage/stays/PS-1/", ["Overview"]),
        ("admin", "/manage/people/", ["People"]),
        ("admin", "/manage/debts/7/", ["People"]),
        ("admin", "/manage/blocked/", ["People"]),
        ("admin", "/manage/permits/", ["People"]),
        ("anonymous", "/lots/central/", ["Find parking"]),
        ("driver", "/board/central/", ["Find parking"]),
        ("attendant", "/lots/central/", ["Lots"]),
        ("attendant", "/desk/", ["Desk"]),
        ("anonymous", "/elsewhere/", []),
    ],
)
def test_menu_marks_the_page_shown_or_its_section(role, at, marked):
    assert current(role, at) == marked
