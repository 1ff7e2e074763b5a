"""The lots that an office page covers: all that the person manages, or the one chosen in the URL."""

from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Person, operator_ids_of
from accounts.models import Role
from lots.access import LotName, lot_names, lots_visible_to


@dataclass(frozen=True, slots=True)
class Scope:
    """`lots` are all that the person manages, `chosen` the one that the page is limited to.

    Of `operators` the person manages all lots, and sees what belongs to these operators as a whole.
    """

    lots: tuple[LotName, ...]
    chosen: LotName | None = None
    operators: frozenset[int] = frozenset()

    @property
    def shown(self) -> tuple[LotName, ...]:
        """Return the chosen lot, or all."""
        return (self.chosen,) if self.chosen else self.lots

    @property
    def ids(self) -> list[int]:
        """Return the ids of the lots shown."""
        return [lot.pk for lot in self.shown]

    @property
    def only(self) -> LotName | None:
        """Return the lot shown when there is only one."""
        return self.shown[0] if len(self.shown) == 1 else None

    @property
    def zone(self) -> str:
        """Return the timezone for times that belong to no lot: that of the first lot shown."""
        return self.shown[0].timezone if self.shown else "UTC"

    def lot(self, lot_id: int) -> LotName:
        """Return one of the person's lots."""
        return next(lot for lot in self.lots if lot.pk == lot_id)


def scope_of(user: Person, slug: str = "", role: str = Role.ADMIN) -> Scope:
    """Return the lots in use at which the person has a role, limited to `slug` unless it is empty.

    One query, two for an archived lot. Raises Http404 for any other slug.
    """
    lots, operators = lot_names(user, role), operator_ids_of(user, role)
    if not slug:
        return Scope(lots, operators=operators)
    chosen = next((lot for lot in lots if lot.slug == slug), None)
    if chosen is not None:
        return Scope(lots, chosen, operators)
    # Archived lots are in no list, but their history can be opened by its URL.
    archived = lots_visible_to(user, role).filter(slug=slug).first() if "\0" not in slug else None
    if archived is None:
        raise Http404(_("There is no such lot."))
    chosen = LotName.of(archived)
    return Scope((*lots, chosen), chosen, operators)
