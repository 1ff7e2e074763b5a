"""Every address with what no browser sends: NUL, broken UTF-8, numbers beyond every type, dates at both ends.

Each parameter that a page reads is found by watching it read, so that a new one is tried without a line here.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count, cycle, islice
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from api.root import api
from tests.access.rows import THIRD_PARTY
from tests.access.walk import routes, shares
from tests.access.world import World
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ONE_BY_ONE = ["9" * 40, "-1", "0001-01-01", "9999-12-31", "%ff%fe"]
TOGETHER = ["a%00b", "%ed%a0%80", "1e400", "NaN", "x" * 3_000, "%F0%9F%9A%97", "%D9%A3", "9999-12-31T23:59", "23:59"]
TOGETHER += ["-999999-01-01", "%5B", "%27", "%25", "..", ""]
STRANGE = [
    "%00",
    "PS-%00",
    "%ff",
    "%ed%a0%80",
    "9" * 40,
    "-1",
    "0",
    "1" * 19,
    "..%2f",
    "x" * 2_000,
    "%F0%9F%9A%97",
    "%0a",
    "%25",
]
PEOPLE = ("anonymous", "driver", "attendant", "admin", "staff")


@pytest.fixture
def world():
    world = World()
    world.clients["staff"] = Client()
    world.clients["staff"].force_login(make_user(is_staff=True, is_superuser=True))
    for client in world.clients.values():
        client.raise_request_exception = False
    return world


@contextmanager
def watched() -> Iterator[set[str]]:
    """Collect the names that are asked of any form or query string in the block."""
    names: set[str] = set()

    def spying(method: Any) -> Any:
        def ask(data: QueryDict, name: str, *more: Any) -> Any:
            names.add(name)
            return method(data, name, *more)

        return ask

    methods = {name: getattr(QueryDict, name) for name in ("__getitem__", "__contains__", "_getlist")}
    for name, method in methods.items():
        setattr(QueryDict, name, spying(method))
    try:
        yield names
    finally:
        for name, method in methods.items():
            setattr(QueryDict, name, method)


def people_let_in(world: World, path: str) -> list[str]:
    """Return one person of those who see the page, and a stranger."""
    seen = [person for person in PEOPLE if world.clients[person].get(path).status_code in {200, 422}]
    return list(dict.fromkeys([*seen[:1], *seen[-1:]])) or ["anonymous"]


def filled(world: World, route: str) -> str | None:
    try:
        return "/" + world.fill(route)
    except (KeyError, StopIteration):
        return None


def plain(route: str) -> bool:
    return not re.search(r"[\^$(\\]", route) and "logout" not in route


OURS = [route for route in routes() if plain(route) and not route.startswith(THIRD_PARTY)]
BACK_OFFICE = [route for route in routes() if route.startswith("admin/tickets/ticket/")]
OTHERS = [route for route in routes() if plain(route) and route.startswith(THIRD_PARTY) and "<" not in route]


@pytest.mark.parametrize("share", shares(OURS + OTHERS, 24), ids=count(1))
def test_no_query_string_is_an_error(share, world):
    ask_all_strangely(share, world, people=1, values=2)


@pytest.mark.proof
@pytest.mark.parametrize("share", shares(OURS + OTHERS, 4), ids=count(1))
def test_no_query_string_is_an_error_for_whoever_asks(share, world):
    ask_all_strangely(share, world, people=2, values=len(ONE_BY_ONE))


def ask_all_strangely(share: Sequence[str], world: World, *, people: int, values: int) -> None:
    """Ask for each page with strange parameters: all together as everybody, and as so many people each by itself.

    Each then has so many of the strange values, the next one others.
    """
    for route in share:
        path = filled(world, route)
        assert path is not None, f"tests/access/world.py does not know the arguments of {route}"
        with world.untouched():
            for number, person in enumerate(reversed(people_let_in(world, path))):
                ask_strangely(world.clients[person], path, declared(route), values if number < people else 0)


def ask_strangely(client: Client, path: str, parameters: set[str], values: int) -> None:
    """Ask for a page with each of the parameters that it reads or declares as no browser sends it."""
    with watched() as names:
        client.get(path)
        client.get(path, {"q": "x", "part": "x", "entry": "x"})
    asked = sorted(names - {"csrfmiddlewaretoken"} | parameters) or ["unknown"]
    strange = cycle(ONE_BY_ONE)
    queries = [f"{name}={value}" for name in asked for value in islice(strange, values)]
    queries += ["&".join(f"{name}={value}" for name in asked) for value in TOGETHER]
    for query in ["%00", "%ff", *queries]:
        assert client.get(f"{path}?{query}").status_code < 500, f"{path}?{query}"[:300]


@cache
def schema() -> dict[str, Any]:
    return api.get_openapi_schema()


def declared(route: str) -> set[str]:
    """Return the parameters of a query string that the API's document lists for an address."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{route}")
    operations = schema()["paths"].get(path, {}).values()
    return {one["name"] for operation in operations for one in operation.get("parameters", []) if one["in"] == "query"}


WITH_ARGUMENTS = [route for route in [*OURS, *BACK_OFFICE] if "<" in route]


@pytest.mark.parametrize("share", shares(WITH_ARGUMENTS, 12), ids=count(1))
def test_no_path_is_an_error(share, world):
    for route in share:
        arguments = re.findall(r"<(?:\w+:)?(\w+)>", route)
        with world.untouched():
            for person in people_let_in(world, filled(world, route) or "/"):
                for value in STRANGE:
                    for argument in arguments:
                        path = re.sub(rf"<(?:\w+:)?{argument}>", value, route)
                        path = filled(world, path) or "/" + re.sub(r"<(?:\w+:)?\w+>", "1", path)
                        for method in ("get", "post"):
                            answer = getattr(world.clients[person], method)(path)
                            assert answer.status_code < 500, (person, method, path[:300])


HEADERS = {
    "Cookie": ['sessionid="\\000"', "sessionid=%00", "sessionid=\xff; csrftoken=\xff; theme=\xff", 'theme="\\000"', 'messages="\\000"',
               'csrftoken="\\000"', "sessionid=" + "x" * 5_000, ";;;=;", "theme=%5B"],
    "Authorization": ["Bearer \xff", "Bearer " + "x" * 5_000, "Bearer a.b.c", "Basic \xff", "Bearer", "Bearer  ", "Bearer eyJhbGciOiJub25lIn0.e30."],
    "X-Session-Token": ["\xff", "x" * 300],
    "X-Forwarded-For": ["\xff", "x" * 500, "1.2.3.4:99, [::1]:5"],
    "X-Forwarded-Proto": ["\xff"],
    "Accept": ["\xff", "application/" + "x" * 2_000, "*/*;q=nan"],
    "Accept-Language": ["\xff", "x-" * 3_000, "de;q=9" * 50],
    "If-None-Match": ['"\xff', "*", 'W/"' + "x" * 3_000],
    "If-Modified-Since": ["\xff", "Mon, 99 Nov 99999 99:99:99 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"],
    "HX-Request": ["true\xff"],
    "HX-Current-URL": ["http://[", "\xff"],
    "HX-Target": ["\xff"],
    "Origin": ["http://[", "\xff", "null"],
    "Referer": ["http://[", "\xff", "http://testserver:99999/"],
    "Host": ["", "\xff", "testserver:99999", "[", "a" * 300],
    "Range": ["bytes=9999999999999999999999-", "bytes=\xff"],
    "Idempotency-Key": ["\xff", "x" * 5_000],
    "User-Agent": ["\xff" * 300, "x" * 5_000],
    "X-Request-ID": ["\xff", "x" * 5_000],
}  # fmt: skip
ASKED = [
    "",
    "desk/",
    "manage/",
    "pay/",
    "theme/",
    "accounts/login/",
    "admin/",
    "api/v1/me",
    "api/v1/lots",
    "api/v1/entry",
]
ASKED += ["_allauth/app/v1/auth/session", "_allauth/browser/v1/auth/session", "static/nothing.css"]


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_is_an_error(name, world):
    for path in ASKED:
        for person in ("anonymous", "admin"):
            for value in HEADERS[name]:
                client = world.clients[person]
                given = {f"HTTP_{name.upper().replace('-', '_')}": value}
                if name == "Cookie" and "sessionid" not in value:
                    given["HTTP_COOKIE"] = f"{client.cookies.output(header='', sep=';')}; {value}"
                for method in ("get", "post"):
                    answer = getattr(client, method)("/" + path, **given)
                    assert answer.status_code < 500, (person, method, path, name, value[:80])
