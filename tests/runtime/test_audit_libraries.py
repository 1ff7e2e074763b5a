"""Locked libraries are compared with known weaknesses, with osv.dev or without it."""

import json
import runpy

import pytest
from django.conf import settings

AUDIT = runpy.run_path(str(settings.BASE_DIR / "deploy" / "audit_libraries.py"))
PINNED = json.loads((settings.BASE_DIR / "deploy" / "findings.json").read_text(encoding="utf-8"))["findings"]
LOCKED = {"django": "5.0.7", "babel": "2.9.1"}


@pytest.mark.parametrize(
    ("version", "is_weak"), [("4.2.14", True), ("4.2.15", False), ("5.0", True), ("5.0.7", True), ("5.0.8", False)]
)
def test_weakness_holds_from_one_version_to_another(version, is_weak):
    found = AUDIT["known"]({"django": version}, [row for row in PINNED if row["id"] == "PYSEC-2024-70"])
    assert found == ([("django", "PYSEC-2024-70")] if is_weak else [])


def test_every_locked_library_is_compared():
    files = [settings.BASE_DIR / name for name in ("requirements.txt", "requirements-test.txt")]
    locked = AUDIT["locked_versions"](*files)
    assert len(locked) > 120
    assert {"django", "psycopg", "celery", "granian", "pytest"} <= set(locked)
    assert AUDIT["known"](locked, PINNED) == []


def test_database_of_findings_is_asked(httpserver):
    answer = {"results": [{"vulns": [{"id": "PYSEC-2024-70"}]}, {}]}
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": LOCKED[name]} for name in LOCKED]
    httpserver.expect_request("/q", method="POST", json={"queries": queries}).respond_with_json(answer)
    assert AUDIT["asked"](LOCKED, httpserver.url_for("/q")) == [("django", "PYSEC-2024-70")]


def test_pinned_findings_answer_where_it_is_out_of_reach(httpserver):
    httpserver.expect_request("/q").respond_with_data("down", status=503)
    assert AUDIT["asked"](LOCKED, httpserver.url_for("/q")) is None
    assert AUDIT["asked"](LOCKED, "http://127.0.0.1:9/q") is None


def test_findings_are_read_from_a_checkout(tmp_path):
    folder = tmp_path / "vulns" / "babel"
    folder.mkdir(parents=True)
    events = "[{introduced: '0'}, {fixed: 2.9.1}, {introduced: '3.0'}]"
    text = "id: {id}\naffected: [{{ranges: [{{type: ECOSYSTEM, events: {events}}}]}}]\n{more}"
    (folder / "a.yaml").write_text(text.format(id="PYSEC-1", events=events, more=""))
    (folder / "b.yaml").write_text(text.format(id="PYSEC-2", events=events, more="withdrawn: 2024-01-01\n"))

    (found,) = AUDIT["read_database"](tmp_path, ["babel", "django"])

    assert (found["id"], found["ranges"]) == ("PYSEC-1", [("0", "2.9.1"), ("3.0", "")])
    assert AUDIT["known"](LOCKED, [found]) == []
    assert AUDIT["known"](LOCKED | {"babel": "3.1"}, [found]) == [("babel", "PYSEC-1")]
