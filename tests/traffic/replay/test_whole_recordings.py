"""Whole recordings replayed at an installation of its own, as an operator would: one lot for each facility."""

import csv
import gzip
import json
import sys
import time
from pathlib import Path

import pytest

from tests.faults.box import Box
from tests.recordings import recording
from tests.sites.site_files import site_of, small

pytestmark = [pytest.mark.proof, pytest.mark.realdata]

HOURS = 60 * 60
ENOUGH = 2_000


def lots_of(path: Path, timezone: str) -> dict[str, dict]:
    """Describe a lot for each facility: as large as the recording says, half of them only counting cars.

    Who only counts cars knows no stays, so what these would cost says nothing: parking is free here.
    """
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        sizes = {row["lot"]: int(row.get("capacity") or ENOUGH) for row in csv.DictReader(file)}
    return {
        source: small(
            f"lot-{number}",
            timezone=timezone,
            tracking="levels" if number % 2 else "spots",
            levels=[{"number": 0, "zones": [{"name": "A", "count": max(size, 1)}]}],
            gates=[
                {"code": f"lot-{number}-{way}-{lane}", "direction": way}
                for way in ("entry", "exit")
                for lane in range(2)
            ],
        )
        for number, (source, size) in enumerate(sizes.items())
    }


def replayed(box: Box, path: Path, lots: dict[str, dict], folder: Path) -> str:
    """Replay a recording whole and return what the command printed; the invariants hold afterwards."""
    file = folder / "site.json"
    file.write_text(json.dumps(site_of(*lots.values(), operator="recorded")))
    box.manage("import_site", str(file))
    maps = [f"{source}={lot['slug']}" for source, lot in lots.items()]
    began = time.monotonic()
    printed = box.manage("replay", str(path), "--map", *maps, "--url", box.url, seconds=4 * HOURS)
    sys.stdout.write(f"\n{printed}\nin {time.monotonic() - began:.0f} s\n")
    assert "reconciles to the stay" in printed
    assert "every invariant holds" in box.manage("verify", seconds=HOURS)
    return printed


def test_all_birmingham_car_parks_replay_whole(box: Box, tmp_path: Path) -> None:
    path = recording("occupancy_birmingham_2016.csv")

    printed = replayed(box, path, lots_of(path, "Europe/London"), tmp_path)

    assert "35717 rows, skipped: 216 duplicate, 12 negative, 373 over capacity" in printed


@pytest.mark.parametrize(
    ("name", "timezone"),
    [
        ("occupancy_lugano_2019.csv", "Europe/Zurich"),
        ("occupancy_german_garages_2026-05_2026-07.csv.gz", "Europe/Berlin"),
    ],
    ids=["Lugano", "German garages"],
)
def test_other_recordings_replay_whole(box: Box, tmp_path: Path, name: str, timezone: str) -> None:
    path = recording(name)
    replayed(box, path, lots_of(path, timezone), tmp_path)
