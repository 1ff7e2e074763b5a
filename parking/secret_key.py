"""A secret key for a machine that was given none."""

import os
from pathlib import Path

from django.utils.crypto import get_random_string


def kept_secret_key(data: Path) -> str:
    """Return the key kept in the data folder, making it (readable by its owner only) the first time."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / "secret-key"
    if not file.exists():
        # Linked into place whole: of two processes starting at once one wins, and both read its key.
        draft = data / f"secret-key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(get_random_string(64))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()
