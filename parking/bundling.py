"""Bundles stylesheets and scripts: imports are replaced by the imported files."""

import posixpath
import re
from collections.abc import Callable, Iterator

_IMPORT = re.compile(
    r"""^@import\s+url\("(?P<sheet>[^"]+)"\)\s+layer\((?P<layer>[-\w]+)\);$|^import\s+"(?P<script>[^"]+)";$""",
    re.MULTILINE,
)
_COMMENT_OR_INDENT = re.compile(r"/\*.*?\*/\n?|^[ \t]+|^\n", re.DOTALL | re.MULTILINE)

Read = Callable[[str], str]


def imported(name: str, text: str) -> Iterator[str]:
    """Yield the names of the files that the sheet or script `name` imports, in order."""
    for found in _IMPORT.finditer(text):
        yield _beside(name, found["sheet"] or found["script"])


def bundle(name: str, read: Read) -> str:
    """Return the text of `name` with every import replaced by the imported file, a sheet's in its layer.

    `read` returns a file's text by name. Comments and indentation are removed from sheets.
    """

    def put_in(found: re.Match[str]) -> str:
        text = read(_beside(name, found["sheet"] or found["script"]))
        return f"@layer {found['layer']} {{\n{text}}}" if found["layer"] else text

    whole = _IMPORT.sub(put_in, read(name))
    return _COMMENT_OR_INDENT.sub("", whole) if name.endswith(".css") else whole


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
