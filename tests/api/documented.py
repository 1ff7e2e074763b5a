"""Requests whose answers have to be in the OpenAPI document: each status, and each code of a problem."""

import re
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from api.described_calls import JSON, PROBLEM
from api.root import api
from tests.entrance.sessions import client_of

ROOT = "/api/v1"


@cache
def document() -> dict[str, Any]:
    return api.get_openapi_schema()


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = document()["paths"].items()
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", _with_slashes(known))), calls) for known, calls in paths]


def _with_slashes(path: str) -> str:
    """A path whose spots' numbers may hold slashes."""
    return path.replace("/spots/{number}", "/spots/.+")


def found_operation(method: str, path: str) -> dict[str, Any] | None:
    """The part of the document about a request; None for what is no call."""
    for known, operations in _patterns():
        if known.fullmatch(path.partition("?")[0]) and method in operations:
            return operations[method]
    return None


def operation_of(method: str, path: str) -> dict[str, Any]:
    """The part of the document about a request."""
    found = found_operation(method, path)
    assert found is not None, f"{method} {path} is not in the document"
    return found


def undocumented(method: str, path: str, answer: HttpResponse) -> str:
    """What of an answer is not in the document, else nothing."""
    operation = found_operation(method, path)
    if answer.status_code == 405:
        return ""
    if operation is None:
        return "" if answer.status_code in {401, 404} else f"{answer.status_code} where no call is"
    said = operation["responses"].get(answer.status_code)
    if said is None:
        return f"{answer.status_code} {answer.content[:300]!r}"
    if not answer.get("Content-Type", "").startswith(PROBLEM):
        return ""
    code = answer.json()["code"]
    return "" if code in said["content"].get(PROBLEM, {}).get("examples", {}) else f"{answer.status_code} {code}"


def ask(person: User | None, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
    """Send a request as a person, None for nobody."""
    client, sent = client_of(person) if person else Client(), {"headers": headers}
    if body is not None:
        sent |= {"data": body, "content_type": JSON}
    return getattr(client, method)(f"{ROOT}{path}", **sent)


def get(person: User | None, path: str, **headers: str) -> HttpResponse:
    return ask(person, "get", path, **headers)


def post(person: User | None, path: str, body: Any = None, *, key: str = "") -> HttpResponse:
    return ask(person, "post", path, {} if body is None else body, **({"Idempotency-Key": key} if key else {}))
