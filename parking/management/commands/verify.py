"""Prove the invariants on live data."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from verification import INVARIANTS, Proof, prove, snapshot


class Command(BaseCommand):
    help = "Prove the invariants on live data, also under traffic; exit 1 with a list when one fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")

    def handle(self, **options: Any) -> None:
        with snapshot():
            findings = prove(INVARIANTS)
        holds = all(finding.holds for finding in findings)
        if options["json"]:
            self.stdout.write(json.dumps({"holds": holds, "invariants": [_as_json(one) for one in findings]}))
        else:
            for finding in findings:
                self.stdout.write(_as_lines(finding))
            self.stdout.write("every invariant holds" if holds else "an invariant is broken")
        if not holds:
            sys.exit(1)


def _as_json(finding: Proof) -> dict[str, Any]:
    invariant = finding.invariant
    return {
        "number": invariant.number,
        "name": invariant.name,
        "sentence": invariant.sentence,
        "informational": invariant.informational,
        "holds": finding.holds,
        "total": finding.total,
        "rows": finding.rows,
    }


def _as_lines(finding: Proof) -> str:
    mark = "FAIL" if not finding.holds else "note" if finding.total else "ok"
    lines = [f"{mark:<4} {finding.invariant.number:>2}  {finding.invariant.sentence}"]
    lines += [f"         {row}" for row in finding.rows]
    if finding.total > len(finding.rows):
        lines.append(f"         … {finding.total} in all")
    return "\n".join(lines)
