"""What calls tell of themselves: examples that are true, and each problem with its code."""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema_rs import Draft202012Validator

from api.described_calls import IF_MATCH, IF_NONE_MATCH, JSON, PROBLEM, described
from api.root import api
from api.usual_problems import add_usual_problems
from tests.api.documented import ROOT, document, operation_of

SENT_AGAIN_FREELY = {
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/again",
    "POST /webhooks/{webhook_id}/replay",
}
"""What is the same when it is done twice."""


def calls() -> Iterator[tuple[str, dict[str, Any]]]:
    """The calls of the document, each with its method and path."""
    for path, operations in document()["paths"].items():
        yield from ((f"{method.upper()} {path.removeprefix(ROOT)}", call) for method, call in operations.items())


def example_of(node: dict[str, Any]) -> Any:
    return next((one.get("example") for one in node.get("content", {}).values()), None)


def contents() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What each call takes, answers and refuses, by the media type."""
    for name, call in calls():
        parts = {"body": call.get("requestBody", {})} | call["responses"]
        for part, node in parts.items():
            yield from ((f"{name} {part}", media, content) for media, content in node.get("content", {}).items())


def checker(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema | {"components": document()["components"]}, validate_formats=True)


def test_examples_are_what_their_schemas_describe():
    checked = 0
    for where, _media, content in contents():
        given = {"": content["example"]} if "example" in content else {}
        given |= {name: one["value"] for name, one in content.get("examples", {}).items()}
        for name, example in given.items():
            wrong = [error.message for error in checker(content["schema"]).iter_errors(json.loads(json.dumps(example)))]
            assert wrong == [], (where, name)
            checked += 1
    assert checked > 1_000


def test_examples_of_answers_tell_each_field():
    for where, media, content in contents():
        if media == JSON and "$ref" in content["schema"] and not where.endswith(" body"):
            assert set(fields_of(content["schema"])) <= set(content["example"]), where


def fields_of(schema: dict[str, Any]) -> Iterator[str]:
    named = schema.get("$ref", "").rpartition("/")[2]
    if named:
        yield from document()["components"]["schemas"][named].get("required", [])


def test_bodies_of_examples_are_taken():
    taken = 0
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for call in view.operations:
                body = example_of((call.openapi_extra or {}).get("requestBody", {}))
                models = [model for model in call.models if model.__ninja_param_source__ == "body"]
                if body is not None and models:
                    models[0].model_validate({"body": body})
                    taken += 1
    assert taken > 30


def test_each_call_has_examples_of_all_that_it_takes_and_answers():
    for name, call in calls():
        fine = [answer for status, answer in call["responses"].items() if int(status) < 300]
        assert fine, name
        files = [answer for answer in fine if "text/csv" in answer.get("content", {})]
        assert all(example_of(one) is not None for one in fine if one.get("content") and one not in files), name
        if "requestBody" in call:
            assert example_of(call["requestBody"]) is not None, name
        assert 503 in call["responses"], name
        if "{" in name:
            assert 404 in call["responses"], name


def test_each_error_of_each_call_has_an_example():
    for name, call in calls():
        for status, answer in call["responses"].items():
            if int(status) >= 400:
                problems = answer["content"].get(PROBLEM, {}).get("examples")
                assert problems or example_of(answer), (name, status)


def test_what_creates_takes_an_idempotency_key_and_what_changes_a_row_an_if_match():
    once = {name for name, call in calls() if {"Idempotency-Key"} & {one["name"] for one in call["parameters"]}}
    creating = {name for name, call in calls() if name.startswith("POST") and {201, 202} & {*call["responses"]}}
    assert creating - once == SENT_AGAIN_FREELY
    tagged = {name for name, call in calls() if {"If-Match"} & {one["name"] for one in call["parameters"]}}
    assert len(tagged) == 13
    assert all({412} <= {*call["responses"]} for name, call in calls() if name in tagged)


def test_problems_of_a_call_stand_beside_the_usual_ones():
    said = operation_of("post", f"{ROOT}/payments/1/refunds")["responses"][422]
    examples = said["content"][PROBLEM]["examples"]
    assert examples.keys() == {"invalid", "idempotency_key_reused", "refund_exceeds_payment"}
    value = examples["refund_exceeds_payment"]["value"]
    assert (value["status"], value["title"], value["code"]) == (422, "Unprocessable Entity", "refund_exceeds_payment")
    assert all(f"`{code}`" in said["description"] for code in examples)
    assert "Problem" in document()["components"]["schemas"]


def test_usual_problems_depend_on_what_a_call_takes():
    plain: dict[str, Any] = {"parameters": [], "responses": {200: {}}}
    add_usual_problems(plain, "get")
    assert plain["responses"].keys() == {200, 429, 503}
    call = {"parameters": [{"in": "path", "name": "slug"}, dict(IF_MATCH)], "requestBody": {"content": {JSON: {}}}}
    call |= {"security": [{"session": []}, {"api_key": []}]} | {"responses": {}}
    call["responses"] = described(refused={404: {"gone": "It was removed."}})["responses"]
    add_usual_problems(call, "patch")
    assert call["responses"].keys() == {400, 401, 403, 404, 408, 412, 413, 422, 429, 503}
    assert call["responses"][404]["content"][PROBLEM]["examples"].keys() == {"not_found", "gone"}
    codes = call["responses"][403]["content"][PROBLEM]["examples"].keys()
    assert codes == {"second_factor_required", "forbidden", "insufficient_scope"}
    read: dict[str, Any] = {"parameters": [dict(IF_NONE_MATCH)], "responses": {503: {"description": "Down."}}}
    add_usual_problems(read, "get")
    assert read["responses"].keys() == {304, 422, 429, 503}
    assert read["responses"][503] == {"description": "Down."}


def test_device_calls_are_never_limited():
    device = operation_of("post", f"{ROOT}/gates/central-in-1/reads")
    assert 429 not in device["responses"]
    assert {"wrong_gate"} <= device["responses"][403]["content"][PROBLEM]["examples"].keys()
