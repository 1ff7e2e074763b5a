"""Compares the locked versions of libraries with known weaknesses: `python deploy/audit_libraries.py`.

It asks osv.dev, and where that can't be reached the findings beside it, `findings.json`. What is accepted, and why,
stands in pyproject.toml under `tool.findings.accepted`. `--renew FOLDER DAY` writes the findings from a checkout of the
PyPA's advisory database (github.com/pypa/advisory-database) of that day.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypedDict

import requests
import yaml
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
FINDINGS = ROOT / "deploy" / "findings.json"
OSV = "https://api.osv.dev/v1/querybatch"
SECONDS = 10


class Finding(TypedDict):
    """A weakness of a library, and from which version to which it has it (excluded; empty: all later ones)."""

    id: str
    library: str
    ranges: list[tuple[str, str]]


def locked_versions(*files: Path) -> dict[str, str]:
    """Return the version of each library that the requirements name."""
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    found = (re.match(r"([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;\\]+)", line) for line in lines)
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def asked(locked: dict[str, str], address: str = OSV) -> list[tuple[str, str]] | None:
    """Return (library, id) of what osv.dev knows of the locked versions; None where it can't be asked."""
    names = list(locked)
    queries: list[Any] = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": locked[name]} for name in names]
    try:
        answer = requests.post(address, json={"queries": queries}, timeout=SECONDS)
        answer.raise_for_status()
        results = answer.json()["results"]
    except (requests.RequestException, ValueError, KeyError):
        return None
    return [(name, one["id"]) for name, result in zip(names, results, strict=True) for one in result.get("vulns", [])]


def known(locked: dict[str, str], findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return (library, id) of the findings that hold for a locked version."""
    return [
        (found["library"], found["id"])
        for found in findings
        if found["library"] in locked and _holds(Version(locked[found["library"]]), found["ranges"])
    ]


def read_database(folder: Path, libraries: Iterable[str]) -> Iterator[Finding]:
    """Read what a checkout of the advisory database knows of the libraries; withdrawn findings are left out."""
    for library in sorted(libraries):
        for file in sorted((folder / "vulns" / library).glob("*.yaml")):
            one = yaml.safe_load(file.read_text(encoding="utf-8"))
            if "withdrawn" not in one:
                yield {"id": one["id"], "library": library, "ranges": _ranges(one)}


def _ranges(finding: dict[str, Any]) -> list[tuple[str, str]]:
    """Pair the events of a finding's version ranges, which come in order."""
    pairs: list[tuple[str, str]] = []
    for affected in finding["affected"]:
        for events in (one["events"] for one in affected.get("ranges", []) if one["type"] == "ECOSYSTEM"):
            for event in events:
                if "introduced" in event:
                    pairs.append((str(event["introduced"]), ""))
                elif "fixed" in event:
                    pairs[-1] = (pairs[-1][0], str(event["fixed"]))
    return pairs


def _holds(version: Version, ranges: Iterable[tuple[str, str]]) -> bool:
    return any(version >= Version(start) and (not end or version < Version(end)) for start, end in ranges)


def main(arguments: list[str]) -> int:
    """Say what is known of the locked libraries; 1 when something is that nobody accepted."""
    locked = locked_versions(ROOT / "requirements.txt", ROOT / "requirements-test.txt")
    if arguments[:1] == ["--renew"]:
        rows = list(read_database(Path(arguments[1]), locked))
        lines = ",\n".join(json.dumps(row) for row in rows)
        FINDINGS.write_text(f'{{"until": "{arguments[2]}", "findings": [\n{lines}\n]}}\n', encoding="utf-8")
        return 0
    pinned = json.loads(FINDINGS.read_text(encoding="utf-8"))
    live = asked(locked)
    source = "osv.dev" if live is not None else f"findings.json (until {pinned['until']}; osv.dev can't be reached)"
    accepted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["findings"]["accepted"]
    found = live if live is not None else known(locked, pinned["findings"])
    bad = sorted({(library, name) for library, name in found if name not in accepted})
    for library, name in bad:
        print(f"{library} {locked[library]}: {name}")
    print(f"{len(locked)} libraries compared with {source}: {len(bad)} with a known weakness")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
