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


def operation_of(method: str, path: str) -> dict[str, Any]:
    """The part of the document about a request."""
    for known, operations in document()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", known), path.partition("?")[0]) and method in operations:
            return operations[method]
    raise AssertionError(f"{method} {path} is not in the document")


def ask(person: User | None, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
    """Send a request as a person, None for nobody; its answer must be in the document."""
    client, sent = client_of(person) if person else Client(), {"headers": headers}
    if body is not None:
        sent |= {"data": body, "content_type": JSON}
    answer = getattr(client, method)(f"{ROOT}{path}", **sent)
    said = operation_of(method, f"{ROOT}{path}")["responses"].get(answer.status_code)
    assert said, (method, path, answer.status_code, answer.content[:500])
    if answer.status_code >= 400:
        code = answer.json()["code"]
        assert code in said["content"][PROBLEM]["examples"], (method, path, answer.status_code, code)
    return answer


def get(person: User | None, path: str, **headers: str) -> HttpResponse:
    return ask(person, "get", path, **headers)


def post(person: User | None, path: str, body: Any = None, *, key: str = "") -> HttpResponse:
    return ask(person, "post", path, {} if body is None else body, **({"Idempotency-Key": key} if key else {}))
