"""The app bar's menu. Each face lists its entries by the names of their pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A label and the name of its page; `section` names further pages that belong to it."""

    label: str | Promise
    page: str
    section: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One link of the menu; `current` marks the page shown or the section it is in."""

    label: str
    path: str
    current: bool


def menu_items(entries: Sequence[MenuEntry], request: HttpRequest) -> list[MenuItem]:
    """Return the links of a menu, with the one marked whose section the page of `request` is in."""
    match = request.resolver_match
    name = match.view_name if match else ""
    paths = [reverse(entry.page) for entry in entries]
    inside = [path for path, entry in zip(paths, entries, strict=True) if name and name in {entry.page, *entry.section}]
    inside = inside or [path for path in paths if path != "/" and request.path.startswith(path)]
    current = max(inside, key=len, default=None)
    return [
        MenuItem(str(entry.label), path, current=path == current) for entry, path in zip(entries, paths, strict=True)
    ]
