"""The recordings of real facilities; they are no part of the product, so tests that need them say so when absent."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("PARKING_RECORDINGS", Path(__file__).parents[2] / "shared" / "data"))


def recording(name: str) -> Path:
    """The path of a recording; skips the test with the reason when it isn't there."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is absent; PARKING_RECORDINGS names the folder of the recordings")
    return path
