"""Answers to whatever programs send are in the document, and no error is ours."""

import os

import pytest

from common.web import rate_limits
from tests.api.fuzzing import CALLERS, Callers, Findings, NoLimits, fuzz

pytestmark = pytest.mark.django_db
PARTS = 20
REQUESTS = 260
"""Of each caller, or a few more; 2,080 of all at least."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))


@pytest.fixture(autouse=True)
def no_limits(monkeypatch):
    monkeypatch.setattr(rate_limits, "_redis", NoLimits())


def told(findings: Findings) -> str:
    """What was wrong, each thing with the request that showed it."""
    return "\n\n".join(f"{what}\n{how}" for what, how in sorted(findings.found.items()))


@pytest.mark.parametrize("caller", CALLERS)
def test_answers_are_in_the_document(caller):
    findings = fuzz(Callers(), caller, requests=REQUESTS, first=SEED)
    assert not findings.found, told(findings)
    assert findings.requests >= REQUESTS * 0.9


@pytest.mark.proof
@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.parametrize("caller", CALLERS)
def test_answers_are_in_the_document_a_hundred_thousand_times(caller, part):
    """Each part asks at least 650 times as each of eight callers: 104,000 in all."""
    findings = fuzz(Callers(), caller, requests=650, first=1_000 * SEED + part)
    assert not findings.found, told(findings)
