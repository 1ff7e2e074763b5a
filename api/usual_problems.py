"""What calls of a kind refuse alike, told to the OpenAPI document in one place."""

from typing import Any

from api.described_calls import JSON, PROBLEM, problems

_INVALID = {"invalid": "A value is wrong; `errors` says which."}
_OF_JSON = {400: {"malformed": "The body is no JSON."}, 422: _INVALID}
_OF_BODIES = {
    408: {"timeout": "The body did not arrive in time; send it again."},
    413: {"too_large": "The body is too large."},
}
_OF_WRITES = {403: {"forbidden": "Your role does not allow this, or the CSRF token of your session is missing."}}
_OF_PEOPLE = {
    401: {"unauthorized": "There are no credentials, or they are not known."},
    403: {"second_factor_required": "Your role needs a second factor, which your account does not have."},
}
_OF_PROGRAMS = {403: {"insufficient_scope": "The API key does not have the scopes of the call."}}
_OF_PERSONS = {403: {"persons_only": "Only people make this call, not programs."}}
_OF_DEVICES = {
    401: {"unauthorized": "There is no key, or it is not known."},
    403: {"wrong_gate": "The key serves another gate."},
    404: {"gate_not_found": "There is no such gate."},
}
_OF_ROWS = {404: {"not_found": "There is no such thing, or you may not see it."}}
_ONCE = {
    409: {"idempotency_key_busy": "The first request with this `Idempotency-Key` is still being answered."},
    422: {"idempotency_key_reused": "The `Idempotency-Key` was sent with another request."},
}
_LIMITED = {429: {"too_many_requests": "You ask too often; wait for `Retry-After` seconds."}}
_AWAY = {503: {"unavailable": "The database is away; try again after `Retry-After` seconds."}}
_IF_MATCH = {412: {"changed_meanwhile": "The row is not any more as `If-Match` says."}}
_NOT_CHANGED = {"description": "Not Modified\n\nNothing has changed since the answer that `If-None-Match` names."}


def add_usual_problems(operation: dict[str, Any], method: str) -> None:
    """Add to an operation of the document what calls of its kind refuse, beside what it says of itself."""
    responses = operation["responses"]
    names = {parameter["name"] for parameter in operation["parameters"]}
    if "If-None-Match" in names:
        responses.setdefault(304, _NOT_CHANGED)
    for usual in _usual(operation, method, names):
        for status, codes in usual.items():
            known = _known(responses.get(status, {}))
            if known or status not in responses:
                # What the call says of itself is more exact, so its words stand.
                responses[status] = problems(status, codes | known)


def _usual(operation: dict[str, Any], method: str, names: set[str]) -> list[dict[int, dict[str, str]]]:
    ways = {name for way in operation.get("security", []) for name in way}
    is_of_rows = any(parameter["in"] == "path" for parameter in operation["parameters"])
    is_of_people = "session" in ways
    chosen = [
        (_AWAY, True),
        (_OF_JSON, JSON in operation.get("requestBody", {}).get("content", {})),
        (_OF_BODIES, "requestBody" in operation),
        ({422: _INVALID}, bool(operation["parameters"])),
        (_ONCE, "Idempotency-Key" in names),
        (_IF_MATCH, "If-Match" in names),
        (_OF_PEOPLE, is_of_people),
        (_OF_WRITES, is_of_people and method != "get"),
        (_OF_PROGRAMS, "api_key" in ways),
        (_OF_PERSONS, is_of_people and "api_key" not in ways),
        (_OF_DEVICES, "device_key" in ways),
        (_OF_ROWS, is_of_rows and "device_key" not in ways),
        (_LIMITED, "device_key" not in ways),
    ]
    return [usual for usual, applies in chosen if applies]


def _known(response: dict[str, Any]) -> dict[str, str]:
    examples = response.get("content", {}).get(PROBLEM, {}).get("examples", {})
    return {code: one["summary"] for code, one in examples.items()}
