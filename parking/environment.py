"""The environment that settings are read from: each variable may instead be a file, as containers give secrets."""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv
from environ.fileaware_mapping import FileAwareMapping

FILE = "_FILE"


class _WithFiles(FileAwareMapping):  # type: ignore[misc] # environ has no types
    """The process's variables; `NAME_FILE` names the file in which `NAME` is."""

    def __getitem__(self, name: str) -> str:
        try:
            value = str(super().__getitem__(name))
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}{FILE} names a file that can't be read: {error}.") from error
        # Editors end a file with a line break, which belongs to no secret.
        return value.strip() if self.env.get(name + FILE) else value


class SettingsEnv(FileAwareEnv):  # type: ignore[misc] # environ has no types
    """Reads `NAME`, or the file that `NAME_FILE` names."""

    ENVIRON = _WithFiles()

    def names(self, *, prefix: str) -> list[str]:
        """Return the names with a prefix that are given, by themselves or by a file; reads no value."""
        return sorted({name.removesuffix(FILE) for name in self.ENVIRON.env if name.startswith(prefix)})


def is_given(environ: Mapping[str, str], name: str) -> bool:
    """Return whether an environment gives a setting a value, itself or by a file."""
    return bool(environ.get(name) or environ.get(name + FILE))
