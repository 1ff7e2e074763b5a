"""Installations with full durability on folders of their own."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from parking.embedded import Layout
from tests.faults.box import Box


@contextmanager
def running_box(data: Path, log: Path) -> Iterator[Box]:
    """Give an installation that runs with its small site; afterwards nothing of it is left."""
    box = Box(data, log)
    try:
        box.start()
        box.import_site()
        yield box
    finally:
        for pid in box.everything():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        box.stop()
        left = box.everything()
        if (data / "servers").is_symlink():
            shutil.rmtree((data / "servers").resolve())
        shutil.rmtree(Layout(data).sockets, ignore_errors=True)
    assert left == []


@contextmanager
def new_box() -> Iterator[Box]:
    """Give an installation on a folder of its own, which goes with it."""
    with tempfile.TemporaryDirectory(prefix="parking-faults-", dir="/tmp") as name:
        data = Path(name, "data")
        data.mkdir()
        for folder in (data.parent, data):
            folder.chmod(0o755)  # the servers' user must be able to enter
        with running_box(data, Path(name, "log")) as box:
            yield box


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """Give one installation to all that treat it roughly; each proves that it left nothing broken."""
    with new_box() as box:
        yield box
