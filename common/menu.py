"""The app bar's menu of each role."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from django.conf import settings
from django.urls import Resolver404, get_urlconf, resolve

Role = Literal["anonymous", "driver", "attendant", "admin"]

_LOT_PAGES = ("/lots/", "/board/")
_PEOPLE_PAGES = ("/manage/debts/", "/manage/blocked/", "/manage/permits/")

# A label, its page, and the other places of its section.
_ENTRIES: dict[Role, tuple[tuple[str, str, *tuple[str, ...]], ...]] = {
    "anonymous": (("Find parking", "/", *_LOT_PAGES), ("Pay", "/pay/")),
    "driver": (("My parking", "/me/"), ("Find parking", "/", *_LOT_PAGES), ("Pay", "/pay/")),
    "attendant": (("Desk", "/desk/"), ("Control room", "/control/"), ("Lots", "/", *_LOT_PAGES)),
    "admin": (
        ("Overview", "/manage/"),
        ("Lots", "/manage/lots/"),
        ("Tariffs", "/manage/tariffs/"),
        ("Gates", "/manage/gates/"),
        ("People", "/manage/people/", *_PEOPLE_PAGES),
        ("Reports", "/manage/reports/"),
        ("Desk", "/desk/"),
        ("Control room", "/control/"),
    ),
}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One link of the menu; `current` marks the page shown or the section it is in."""

    label: str
    path: str
    current: bool


def menu_for(role: Role, path: str) -> list[MenuItem]:
    """List the pages of a role that exist, with the one that `path` belongs to marked."""
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    entries = [(label, target, places) for label, target, *places in _ENTRIES[role] if _exists(target, urlconf)]
    inside = [
        (len(place), target) for _, target, places in entries for place in (target, *places) if _is_in(path, place)
    ]
    _, current = max(inside, default=(0, ""))
    return [MenuItem(label, target, current=target == current) for label, target, _ in entries]


def _is_in(path: str, place: str) -> bool:
    """Return whether a page is in a section; the start page is in no other than its own."""
    return path == place or (place != "/" and path.startswith(place))


@lru_cache(maxsize=64)
def _exists(path: str, urlconf: str) -> bool:
    try:
        resolve(path, urlconf)
    except Resolver404:
        return False
    return True
