"""How calls tell the OpenAPI document what they take, answer and refuse: examples, and each error with its code."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

JSON, PROBLEM = "application/json", "application/problem+json"


def described(
    *,
    sent: Any = None,
    answers: Mapping[int, Any] | None = None,
    refused: Mapping[int, Mapping[str, str]] | None = None,
    file: str = "",
) -> dict[str, Any]:
    """Return the `openapi_extra` of a call: an example of the body, one of each answer, and what it refuses.

    `refused` has the codes of problems, each with when that happens, by status; those of all calls are added to them.
    `file` is the media type of a file that is answered instead when the caller accepts that.
    """
    responses: dict[int, Any] = {status: _example(answer) for status, answer in (answers or {}).items()}
    if file:
        responses[200]["content"][file] = {"schema": {"type": "string", "format": "binary"}}
    responses |= {status: problems(status, codes) for status, codes in (refused or {}).items()}
    return {"responses": responses} | ({"requestBody": _example(sent)} if sent is not None else {})


def problems(status: int, codes: Mapping[str, str]) -> dict[str, Any]:
    """Return how the document describes the problems of a status."""
    said = "\n".join(f"- `{code}`: {when}" for code, when in codes.items())
    examples = {code: {"summary": when, "value": _problem(status, code, when)} for code, when in codes.items()}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    return {"description": f"{HTTPStatus(status).phrase}\n\n{said}", "content": {PROBLEM: content}}


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

_MALFORMED = {"malformed": "The body is no JSON."}
_UNKNOWN = {"unauthorized": "There are no credentials, or they are not known."}
_NOT_FOUND = {"not_found": "There is no such thing, or you may not see it."}
_INVALID = {"invalid": "A value is wrong; `errors` says which."}
_AWAY = {"unavailable": "The database is away; try again after `Retry-After` seconds."}


def add_usual_problems(operation: dict[str, Any]) -> None:
    """Add to an operation of the document what calls of its kind refuse, beside what it says of itself."""
    usual = {503: _AWAY}
    if "requestBody" in operation:
        usual[400] = _MALFORMED
    if operation.get("security"):
        usual[401] = _UNKNOWN
    if any(parameter["in"] == "path" for parameter in operation["parameters"]):
        usual[404] = _NOT_FOUND
    if operation["parameters"] or "requestBody" in operation:
        usual[422] = _INVALID
    responses = operation["responses"]
    for status, codes in usual.items():
        own = responses.get(status, {}).get("content", {}).get(PROBLEM, {}).get("examples", {})
        if own or status not in responses:
            responses[status] = problems(status, codes | {code: one["summary"] for code, one in own.items()})
