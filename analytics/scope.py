"""What a page of an operator is about: the lots the person runs, or the one chosen in the address."""

from dataclasses import dataclass

from django.http import Http404

from accounts.access import Person
from accounts.models import Role
from lots.access import LotName, lot_names, lots_visible_to


@dataclass(frozen=True, slots=True)
class Scope:
    """`lots` are all that the person runs, `chosen` the one the page is narrowed to."""

    lots: tuple[LotName, ...]
    chosen: LotName | None = None

    @property
    def shown(self) -> tuple[LotName, ...]:
        """Return the lots whose rows are shown."""
        return (self.chosen,) if self.chosen else self.lots

    @property
    def ids(self) -> list[int]:
        """Return the keys of the lots shown."""
        return [lot.pk for lot in self.shown]

    @property
    def only(self) -> LotName | None:
        """Return the lot shown when there is just one."""
        return self.shown[0] if len(self.shown) == 1 else None

    @property
    def zone(self) -> str:
        """Name the timezone that a time of no lot in particular is told in."""
        return self.shown[0].timezone if self.shown else "UTC"

    def lot(self, lot_id: int) -> LotName:
        """Return one of the person's lots."""
        return next(lot for lot in self.lots if lot.pk == lot_id)


def scope_of(user: Person, slug: str = "") -> Scope:
    """Return the lots in use of the operators that the person is an admin of, narrowed to `slug` unless it is empty.

    One query, two for an archived lot. Ends the page with 404 when the slug is none of them.
    """
    lots = lot_names(user, Role.ADMIN)
    if not slug:
        return Scope(lots)
    chosen = next((lot for lot in lots if lot.slug == slug), None)
    if chosen is not None:
        return Scope(lots, chosen)
    # An archived lot is in no list, but its history can be looked at by its name.
    archived = lots_visible_to(user, Role.ADMIN).filter(slug=slug).first() if "\0" not in slug else None
    if archived is None:
        raise Http404("There is no such lot.")
    chosen = LotName.of(archived)
    return Scope((*lots, chosen), chosen)
