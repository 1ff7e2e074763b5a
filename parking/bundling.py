"""One sheet and one script out of many: what a file imports is put in its place."""

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
    """Return the text of `name` with that of each file it imports where the import stood, a sheet's in its layer.

    `read` returns the text of a file by its name. Sheets lose their comments and indentation.
    """

    def put_in(found: re.Match[str]) -> str:
        text = read(_beside(name, found["sheet"] or found["script"]))
        return f"@layer {found['layer']} {{\n{text}}}" if found["layer"] else text

    whole = _IMPORT.sub(put_in, read(name))
    return _COMMENT_OR_INDENT.sub("", whole) if name.endswith(".css") else whole


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
