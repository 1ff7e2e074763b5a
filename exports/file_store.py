"""Where files of exports lie: unfinished ones in a folder of this machine, finished ones in the storage."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages

LEFT_OVER_SECONDS = 86_400
"""How old an unfinished file is when its worker has died for certain."""


class _MovableFile(File):  # type: ignore[type-arg] # generic only in the stubs
    """A file that a storage of this machine takes by moving it, so that it is never there in part."""

    def temporary_file_path(self) -> str:
        """Return where it lies."""
        return str(self.name)


def store() -> Storage:
    """Return the storage of finished files."""
    return storages["exports"]


@contextmanager
def unfinished_folder() -> Iterator[Path]:
    """Make a folder for one file that is being written, and remove it with what is left in it."""
    parent = Path(settings.EXPORTS_UNFINISHED)
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_file(path: Path, name: str) -> None:
    """Hand a finished file to the storage, under a name that nothing has yet."""
    with path.open("rb") as file:
        store().save(name, _MovableFile(file))


def remove_file(name: str) -> None:
    """Remove a file from the storage; one that is not there is fine."""
    if name:
        store().delete(name)


def remove_left_over() -> None:
    """Remove what workers that died have left unfinished on this machine."""
    for folder in Path(settings.EXPORTS_UNFINISHED).glob("*"):
        with suppress(FileNotFoundError):  # its worker has just finished
            if time.time() - folder.stat().st_mtime > LEFT_OVER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
