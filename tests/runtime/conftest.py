"""Folders for servers that a test starts itself."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from parking.embedded import Layout
from parking.embedded.postgres import Postgres
from parking.embedded.processes import running_in
from parking.embedded.redis import PROGRAMS


@pytest.fixture
def data():
    """Give an empty data folder that the servers' user can enter, and prove that nothing runs in it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="parking-runtime-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    left = servers_running_in(folder)
    servers = folder / "servers"
    if servers.is_symlink():
        shutil.rmtree(servers.resolve())
    shutil.rmtree(Layout(folder).sockets, ignore_errors=True)
    shutil.rmtree(folder)
    assert left == []


@pytest.fixture
def as_root():
    if os.geteuid() != 0:
        pytest.skip("only root changes to another user")


def servers_running_in(folder: Path) -> list[int]:
    layout = Layout(folder)
    cluster = Postgres(layout, owner=None).cluster
    return running_in(cluster, {"postgres"}) + running_in(layout.redis, PROGRAMS)
