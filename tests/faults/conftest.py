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


@pytest.fixture
def data() -> Iterator[Path]:
    """Give an empty data folder that the servers' user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="parking-faults-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def box(data: Path, tmp_path: Path) -> Iterator[Box]:
    with running_box(data, tmp_path / "log") as box:
        yield box
