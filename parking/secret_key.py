"""The secret key of an installation without the setting SECRET_KEY."""

import os
from pathlib import Path

from django.utils.crypto import get_random_string


def kept_secret_key(data: Path) -> str:
    """Return the key stored in the data folder; creates it the first time, readable by its owner only."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data / "secret-key"
    if not file.exists():
        # Linked into place as a whole: of two concurrent starts one wins, and both read its key.
        draft = data / f"secret-key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(get_random_string(64))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    elif file.stat().st_uid == os.geteuid():
        file.chmod(0o600)
    return file.read_text()
