"""What calls tell of themselves: examples that are true, and each problem with its code."""

from collections.abc import Iterator
from typing import Any

from api.described_calls import JSON, PROBLEM, add_usual_problems, described
from api.root import api
from tests.api.documented import ROOT, document, operation_of

MONEY = ("/payments", "/refunds", "/documents", "/shifts", "/lots/{slug}/dashboard", "/lots/{slug}/analytics")


def told() -> Iterator[tuple[Any, dict[str, Any]]]:
    """The calls that tell something of themselves, with what they tell."""
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            yield from ((call, call.openapi_extra) for call in view.operations if call.openapi_extra)


def example_of(node: dict[str, Any]) -> Any:
    return node.get("content", {}).get(JSON, {}).get("example")


def test_examples_are_what_the_calls_take_and_answer():
    checked = 0
    for call, extra in told():
        for status, node in extra.get("responses", {}).items():
            if example_of(node) is not None:
                answer = call.response_models[status].model_validate({"response": example_of(node)})
                assert answer.model_dump(by_alias=True)["response"].keys() == example_of(node).keys(), call.view_func
                checked += 1
        if example_of(extra.get("requestBody", {})) is not None:
            [body] = [model for model in call.models if model.__ninja_param_source__ == "body"]
            body.model_validate({"body": example_of(extra["requestBody"])})
            checked += 1
    assert checked > 20


def test_each_call_about_money_has_examples_and_its_problems():
    paths = [path for path in document()["paths"] if path.removeprefix(ROOT).startswith(MONEY)]
    assert len(paths) == 15
    for path in paths:
        for method, call in document()["paths"][path].items():
            fine = [answer for status, answer in call["responses"].items() if int(status) < 300]
            assert fine, (method, path)
            assert all(example_of(answer) is not None for answer in fine), (method, path)
            if "requestBody" in call:
                assert example_of(call["requestBody"]) is not None, (method, path)
            assert {401, 422, 503} <= {int(status) for status in call["responses"]}, (method, path)
            if "{" in path:
                assert 404 in call["responses"], (method, path)


def test_problems_of_a_call_stand_beside_the_usual_ones():
    said = operation_of("post", f"{ROOT}/payments/1/refunds")["responses"][422]
    examples = said["content"][PROBLEM]["examples"]
    assert list(examples) == ["invalid", "idempotency_conflict", "refund_exceeds_payment"]
    value = examples["refund_exceeds_payment"]["value"]
    assert (value["status"], value["title"], value["code"]) == (422, "Unprocessable Entity", "refund_exceeds_payment")
    assert all(f"`{code}`" in said["description"] for code in examples)
    assert "Problem" in document()["components"]["schemas"]


def test_usual_problems_depend_on_what_a_call_takes():
    plain: dict[str, Any] = {"parameters": [], "responses": {200: {}}}
    add_usual_problems(plain)
    assert plain["responses"].keys() == {200, 503}
    call = {"parameters": [{"in": "path"}], "requestBody": {}, "security": [{}]}
    call |= described(refused={404: {"gone": "It was removed."}})
    add_usual_problems(call)
    assert call["responses"].keys() == {400, 401, 404, 422, 503}
    assert call["responses"][404]["content"][PROBLEM]["examples"].keys() == {"not_found", "gone"}
    whole: dict[str, Any] = {"parameters": [], "responses": {503: {"description": "Down."}}}
    add_usual_problems(whole)
    assert whole["responses"] == {503: {"description": "Down."}}
