"""How calls tell the OpenAPI document what they take, answer and refuse: examples, and each error with its code."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from common.errors import DomainError

JSON, PROBLEM = "application/json", "application/problem+json"
IF_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "The `ETag` of the row as you know it; when it has changed, the answer is 412",
    "schema": {"type": "string", "title": "If-Match"},
}
IF_NONE_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The `ETag` of the answer that you have; while nothing has changed, the answer is 304",
    "schema": {"type": "string", "title": "If-None-Match"},
}
Codes = Mapping[int, Mapping[str, str]]


def described(  # noqa: PLR0913 - what a call tells
    *,
    sent: Any = None,
    answers: Mapping[int, Any] | None = None,
    refused: Codes | None = None,
    errors: Iterable[type[DomainError]] = (),
    header: Mapping[str, Any] | None = None,
    file: str = "",
) -> dict[str, Any]:
    """Return the `openapi_extra` of a call: an example of the body, one of each answer, and what it refuses.

    `refused` has the codes of problems, each with when that happens, by status; `errors` are told in their own words.
    Those of all calls are added to them. `header` is IF_MATCH or IF_NONE_MATCH, which the call reads. `file` is the
    media type of a file that is answered instead when the caller accepts that.
    """
    responses: dict[int, Any] = {
        status: _example(answer) for status, answer in (answers or {}).items() if answer is not None
    }
    if file:
        responses[200]["content"][file] = {"schema": {"type": "string", "format": "binary"}}
    responses |= {status: problems(status, codes) for status, codes in _all_codes(refused or {}, errors).items()}
    told: dict[str, Any] = {"responses": responses}
    if sent is not None:
        told["requestBody"] = _example(sent)
    if header is not None:
        told["parameters"] = [dict(header)]
    return told


def page_of(*items: Any) -> dict[str, Any]:
    """Return an example of a list with these on its first page."""
    return {"items": [*items], "total": len(items), "page": 1, "page_size": 50}


def problems(status: int, codes: Mapping[str, str]) -> dict[str, Any]:
    """Return how the document describes the problems of a status."""
    said = "\n".join(f"- `{code}`: {when}" for code, when in codes.items())
    examples = {code: {"summary": when, "value": _problem(status, code, when)} for code, when in codes.items()}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    return {"description": f"{HTTPStatus(status).phrase}\n\n{said}", "content": {PROBLEM: content}}


def _all_codes(refused: Codes, errors: Iterable[type[DomainError]]) -> Codes:
    found = {status: dict(codes) for status, codes in refused.items()}
    for error in errors:
        found.setdefault(error.status, {})[error.code] = (error.__doc__ or "").partition("\n")[0]
    return found


def _example(value: Any) -> dict[str, Any]:
    return {"content": {JSON: {"example": value}}}


def _problem(status: int, code: str, when: str) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": when, "code": code, "errors": []}


PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "A problem document (RFC 9457). `code` is stable; `errors` names each value that is wrong.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
