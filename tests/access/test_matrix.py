"""Who gets what at every address: each URL × each kind of person, with the expected status for each.

`ROWS` has one line a route: the method, then the status for an anonymous visitor, a driver, an attendant and an admin of
the operator whose rows are asked for, an attendant and an admin of another operator, a validator of one of the
operator's merchants, a guard of the operator, and an admin and an attendant of another lot of the operator alone. A new
URL without a line fails.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from tests.access.rows import ROWS, THIRD_PARTY
from tests.access.walk import routes, shares
from tests.access.world import MEMBER_OF_BOTH, PEOPLE, World

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Case:
    route: str
    method: str
    expected: dict[str, int]


def cases() -> list[Case]:
    found = []
    for line in ROWS.strip().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        method, route, *statuses = line.split()
        route = "" if route == "/" else route
        numbers = [int(status) for status in (statuses * len(PEOPLE) if len(statuses) == 1 else statuses)]
        assert len(numbers) == len(PEOPLE), line
        found.append(Case(route, method, dict(zip(PEOPLE, numbers, strict=True))))
    return found


def is_third_party(route: str) -> bool:
    return any(route.startswith(prefix) for prefix in THIRD_PARTY)


@pytest.fixture
def world():
    return World()


def test_every_url_has_a_row():
    ours = {route for route in routes() if not is_third_party(route)}
    known = {case.route for case in cases()}
    assert ours - known == set(), "give each new URL a row in tests/access/rows.py"
    assert known - ours == set(), "these rows belong to no URL any more"


def test_no_page_answers_a_form_that_was_carried_out_with_itself():
    """Reloading such a page would send the form again; it leads to another page instead."""
    forms = [case for case in cases() if case.method == "POST" and not case.route.startswith("api/")]
    assert [case.route for case in forms if 200 in case.expected.values()] == []


@pytest.mark.parametrize("share", shares(cases(), 12), ids=count(1))
def test_each_person_gets_the_expected_answer(share, world):
    """And a member of two operators has at each the role held there."""
    wrong = {}
    for case in share:
        with world.untouched():
            got = {person: world.ask(person, case.method, case.route).status_code for person in PEOPLE}
        with world.untouched():
            by_both = world.ask(MEMBER_OF_BOTH, case.method, case.route).status_code
        here, there = case.expected["attendant"], case.expected["other_admin"]
        as_held = by_both in {here, there} and _is_refused(by_both) == (_is_refused(here) and _is_refused(there))
        if got != case.expected or not as_held:
            wrong[f"{case.method} /{case.route}"] = got | {MEMBER_OF_BOTH: by_both}
    assert wrong == {}


def _is_refused(status: int) -> bool:
    return status in {401, 403, 404}


@pytest.mark.parametrize("person", ["annex_admin", "annex_attendant"])
def test_who_works_at_another_lot_is_told_no_more_than_a_stranger_or_that_it_is_the_operators(person, world):
    """Each address of the lot answers as to people of another operator; only the operator's own answer 403."""
    stranger = person.replace("annex", "other")
    unlike = {(case.method, case.route) for case in cases() if case.expected[person] != case.expected[stranger]}
    assert {case.expected[person] for case in cases() if (case.method, case.route) in unlike} <= {403}


@pytest.mark.parametrize(
    "person",
    [
        *("driver", "other_attendant", "other_admin", "validator", "guard", "annex_admin", "annex_attendant"),
        MEMBER_OF_BOTH,
    ],
)
def test_nobody_else_reads_what_is_for_the_operators_admins(person, world):
    """Names, addresses, plates, mails and notes of an operator, on every page that is not about one lot's lanes."""
    told = {}
    colleagues = {world.attendant.email, world.people["admin"].email}  # they work at the other lot, too
    secrets = world.admins_alone - (colleagues if person == "annex_admin" else set())
    for case in cases():
        if case.method == "GET":
            answer = world.ask(person, "GET", case.route)
            body = answer.getvalue().decode(errors="replace")  # a PDF is no text
            told |= {(case.route, secret): True for secret in secrets if secret in body}

    assert told == {}
    assert "550 no such mailbox" in world.ask("admin", "GET", "manage/messages/").content.decode()


OWNERS = {"me": "driver", "validate": "validator"}
"""Whose pages these are; all others are an admin's, too."""


def posted_only():
    shown = {case.route for case in cases() if case.method == "GET"}
    posted = {case.route for case in cases() if case.method == "POST"} - shown
    return sorted(route for route in posted if not route.startswith(("api/", "_allauth/", "^_allauth/")))


def test_address_of_a_form_that_is_opened_leads_to_its_page(world):
    for route in posted_only():
        person = OWNERS.get(route.partition("/")[0], "admin")
        with world.untouched():
            response = world.clients[person].get("/" + world.fill(route) + "?lane=ours-out")
            assert response.status_code == 302, route
            page = world.clients[person].get(response["Location"])
            assert page.status_code == 200, route
            assert page.request["QUERY_STRING"] == "lane=ours-out", route


@pytest.mark.parametrize("prefix", THIRD_PARTY)
def test_packages_of_others_keep_strangers_out(prefix, world):
    """Addresses that packages bring: nobody gets an error page, and the back office opens for its staff alone."""
    answers: dict[str, Any] = {}
    for route in (route for route in routes() if route.startswith(prefix) and "<" not in route and "(" not in route):
        for person in PEOPLE:
            response = world.ask(person, "GET", route)
            assert response.status_code < 500, (route, person)
            if prefix == "admin/" and route not in {"admin/login/", "admin/logout/", "admin/jsi18n/"}:
                assert response.status_code == 302, (route, person)
            answers[route] = response
    assert answers
