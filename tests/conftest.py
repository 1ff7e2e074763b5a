"""One embedded PostgreSQL and Redis for the whole test run."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from parking import embedded

_servers = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in the run's first process; its parallel workers use them with a database each."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = Path(os.environ["PARKING_TEST_DATA"])
    # Servers that run as another user must be able to enter the folder.
    folder.chmod(0o755)
    _servers.enter_context(embedded.servers(folder, durable=False))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove their folder, unless it was given from outside."""
    if hasattr(config, "workerinput"):
        return
    _servers.close()
    if os.environ.get("PARKING_TEST_DATA_IS_OURS"):
        shutil.rmtree(os.environ["PARKING_TEST_DATA"], ignore_errors=True)
