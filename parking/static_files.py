"""Static files as browsers get them: bundled, hashed and compressed."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.storage import Storage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from parking.bundling import bundle, imported

BUNDLES = ("css/site.css", "js/site.js")

Sources = dict[str, tuple[Storage, str]]
"""The source of a file by its name."""


class BundledStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise's is untyped
    """Bundles collected files; before anything is collected, names stay unchanged."""

    manifest_strict = False

    def post_process(self, paths: Sources, **options: Any) -> Iterator[tuple[str, str, bool]]:
        """Replace files by their bundles, then hash and compress."""
        if not options.get("dry_run"):
            for name in BUNDLES:
                self._make_bundle(name, paths)
        yield from super().post_process(paths, **options)

    def stored_name(self, name: str) -> str:
        """Return the hashed name of a collected file, else the name itself."""
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))

    def _make_bundle(self, name: str, paths: Sources) -> None:
        def read(one: str) -> str:
            storage, path = paths[one]
            with storage.open(path) as source:
                return str(source.read(), "utf-8")

        text = bundle(name, read)
        for part in imported(name, read(name)):
            del paths[part]
            self.delete(part)
        Path(self.path(name)).write_text(text)
        paths[name] = (self, name)


def collect_if_changed() -> bool:
    """Collect the static files if any has changed since; return whether they were collected."""
    root = Path(settings.STATIC_ROOT)
    stamp, told = root.with_name(f"{root.name}.stamp"), _fingerprint()
    if root.is_dir() and stamp.is_file() and stamp.read_text() == told:
        return False
    stamp.unlink(missing_ok=True)
    shutil.rmtree(root, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(told)
    return True


def _fingerprint() -> str:
    """Return a fingerprint of all static sources."""
    files = sorted(Path(storage.path(path)) for finder in get_finders() for path, storage in finder.list(None))
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(stats).encode()).hexdigest()
