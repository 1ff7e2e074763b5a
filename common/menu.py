"""The app bar's menu of each role."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from django.conf import settings
from django.urls import Resolver404, get_urlconf, resolve

Role = Literal["anonymous", "driver", "attendant", "admin"]

_ENTRIES: dict[Role, tuple[tuple[str, str], ...]] = {
    "anonymous": (("Find parking", "/"), ("Pay", "/pay/")),
    "driver": (("My parking", "/me/"), ("Find parking", "/"), ("Pay", "/pay/")),
    "attendant": (("Desk", "/desk/"), ("Control room", "/control/"), ("Lots", "/")),
    "admin": (
        ("Overview", "/manage/"),
        ("Lots", "/manage/lots/"),
        ("Tariffs", "/manage/tariffs/"),
        ("Gates", "/manage/gates/"),
        ("People", "/manage/people/"),
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
    entries = [(label, target) for label, target in _ENTRIES[role] if _exists(target, urlconf)]
    inside = [target for _, target in entries if path == target or (target != "/" and path.startswith(target))]
    current = max(inside, key=len, default="")
    return [MenuItem(label, target, current=target == current) for label, target in entries]


@lru_cache(maxsize=64)
def _exists(path: str, urlconf: str) -> bool:
    try:
        resolve(path, urlconf)
    except Resolver404:
        return False
    return True
