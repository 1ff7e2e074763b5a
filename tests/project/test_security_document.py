"""docs/security.md against the ASVS's numbers and against the tests that it names."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEVELS = json.loads((ROOT / "tests/data/asvs_5.json").read_text())
SECURITY = (ROOT / "docs/security.md").read_text()
ROWS = [line.strip("| ").split(" | ") for line in SECURITY.splitlines() if re.match(r"\| \d+\.\d+\.\d+ \|", line)]
DECIDED = {"done", "n/a"}
MOST_OPEN = 0.05
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def missing_tests(text: str) -> list[str]:
    missing = []
    for path, name in NAMED.findall(text):
        file = ROOT / "tests" / path
        if not file.is_file() or not re.search(rf"^def {name}\(", file.read_text(), re.MULTILINE):
            missing.append(f"{path}::{name}")
    return missing


def missing_files(text: str) -> list[str]:
    named = re.findall(r"`((?:[a-z_]+/)+[\w.]+\.(?:py|txt|json))`", text)
    return [path for path in named if not (ROOT / path).is_file()]


def test_each_requirement_has_one_row_in_order():
    assert len(LEVELS) == 253
    assert [row[0] for row in ROWS] == list(LEVELS)
    assert {len(row) for row in ROWS} == {4}


def test_nearly_all_are_decided_and_what_is_open_is_listed():
    verdicts = [row[2] for row in ROWS]
    opened = [row[0] for row in ROWS if row[2] == "open"]
    assert set(verdicts) <= DECIDED | {"open"}
    assert len(opened) <= MOST_OPEN * len(LEVELS)
    listed = SECURITY.split("\n## Open\n")[1].split("\n## ")[0]
    assert re.findall(r"^- (\d+\.\d+\.\d+) ", listed, re.MULTILINE) == opened
    for word, verdict in (("done", "done"), (r"n/a", "n/a"), ("open", "open")):
        assert f"{verdicts.count(verdict)} are **{word}**" in SECURITY


def test_each_verdict_has_a_reason():
    assert [row[0] for row in ROWS if len(row[3]) < 4] == []


@pytest.mark.parametrize("name", ["security.md", "threat-model.md", "pci.md"])
def test_tests_and_files_that_are_named_exist(name):
    text = (ROOT / "docs" / name).read_text()
    assert NAMED.search(text)
    assert (missing_tests(text), missing_files(text)) == ([], [])


def test_names_that_lead_nowhere_are_found():
    assert missing_tests("`access/test_attacks.py::test_nothing` `nowhere/test_x.py::test_x`") == [
        "access/test_attacks.py::test_nothing",
        "nowhere/test_x.py::test_x",
    ]
    assert missing_files("`accounts/nothing.py`") == ["accounts/nothing.py"]
