"""Which chapters the manual has, and who reads them first. Their texts are in `templates/help/<language>/`."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Readers(Enum):
    """For whom chapters are written; the value is the heading above them."""

    DRIVERS = _("For drivers")
    DESK = _("At the desk")
    OFFICE = _("In the office")
    SHOPS = _("For merchants")

    @property
    def label(self) -> str | Promise:
        """Return the heading."""
        value: str | Promise = self.value
        return value


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter by its short name, which is in its address and names its files."""

    slug: str
    readers: Readers


def _for(readers: Readers, slugs: str) -> Iterable[Chapter]:
    return (Chapter(slug, readers) for slug in slugs.split())


CHAPTERS: dict[str, Chapter] = {
    chapter.slug: chapter
    for chapter in (
        *_for(Readers.DRIVERS, "find book pay my-parking receipts passes cards account messages"),
        *_for(Readers.DESK, "desk shift lost-ticket gates-by-hand corrections"),
        *_for(Readers.OFFICE, "overview first-lot spots gates prices stays bookings pass-sales discounts"),
        *_for(Readers.OFFICE, "revenue payments tills documents debts people exceptions"),
        *_for(Readers.OFFICE, "outbox exports tasks webhooks keys changes"),
        *_for(Readers.SHOPS, "validate"),
    )
}
FIRST = {
    "driver": Readers.DRIVERS,
    "attendant": Readers.DESK,
    "guard": Readers.DESK,
    "admin": Readers.OFFICE,
    "validator": Readers.SHOPS,
}
"""Whose chapters come first for a person, by the role whose menu they see."""


def parts_for(menu_role: str) -> list[tuple[Readers, list[Chapter]]]:
    """Return what a person may read, their own part first; visitors read what is for drivers."""
    own = FIRST.get(menu_role)
    readers = [Readers.DRIVERS] if own is None else sorted(Readers, key=lambda one: one != own)
    return [(one, [chapter for chapter in CHAPTERS.values() if chapter.readers == one]) for one in readers]
