"""Load lots for the people who run them."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Person, PersonRequest, employers_of, lot_ids_chosen_for, operators_of
from accounts.models import Role, User
from common.errors import ForbiddenError, NotFoundError
from lots.models import Lot, LotQuerySet


def lots_visible_to(user: Person, role: str = Role.ATTENDANT) -> LotQuerySet:
    """Return the lots at which the person has `role` or a higher one, archived ones too.

    Those are all of an operator, or the ones to which the role is limited. A program has those that its key is for.
    """
    chosen = Q(pk__in=lot_ids_chosen_for(user, role), operator__in=employers_of(user, role))
    lots = Lot.objects.filter(Q(operator__in=operators_of(user, role)) | chosen)
    if isinstance(user, User) and user.is_program and user.api_key.lot_ids is not None:
        return lots.filter(pk__in=user.api_key.lot_ids)
    return lots


def lots_at_work(user: Person) -> LotQuerySet:
    """Return the lots at which the person has any role of those who work for an operator itself."""
    return lots_visible_to(user, Role.ATTENDANT) | lots_visible_to(user, Role.GUARD)


class LotName(NamedTuple):
    """The columns that lists of lots need."""

    pk: int
    slug: str
    name: str
    timezone: str
    currency: str
    operator_id: int

    @classmethod
    def of(cls, lot: Lot) -> "LotName":
        """Return the name of a loaded lot."""
        return cls(*(getattr(lot, field) for field in cls._fields))


def lot_names(user: Person, role: str = Role.ATTENDANT) -> tuple[LotName, ...]:
    """Return the names of the lots in use that are visible to the person, in their order.

    One query, light enough for a chain's 500.
    """
    lots = lots_visible_to(user, role).in_use().order_by("name", "pk")
    return tuple(map(LotName._make, lots.values_list(*LotName._fields)))


def load_lot(user: Person, slug: str, role: str = Role.ATTENDANT) -> Lot:
    """Return a lot that the person may use in `role`, with its operator.

    Raises NotFoundError for a lot at which the person has no role, ForbiddenError when the role there is too low.
    """
    # PostgreSQL takes no NUL in text; a path may carry one.
    if "\0" not in slug:
        lot = lots_visible_to(user, role).filter(slug=slug).select_related("operator").first()
        if lot is not None:
            return lot
        if lots_at_work(user).filter(slug=slug).exists():
            raise ForbiddenError(_("Your role at this lot does not allow that."))
    raise NotFoundError(_("There is no such lot."))


def has_role_at(user: Person, role: str, lot: Lot) -> bool:
    """Return whether the person has `role` or a higher one at a lot."""
    return lots_visible_to(user, role).filter(pk=lot.pk).exists()


def get_managed_lot(request: PersonRequest, slug: str, role: str = Role.ADMIN) -> Lot:
    """Return the lot of a page; raises Http404 (not theirs) or PermissionDenied (role too low)."""
    try:
        return load_lot(request.user, slug, role)
    except NotFoundError as error:
        raise Http404(error.message) from error
    except ForbiddenError as error:
        raise PermissionDenied(error.message) from error


def is_public_lot(slug: str) -> bool:
    """Return whether a text is the short name of a lot that has a public page."""
    return "\0" not in slug and Lot.objects.public().filter(slug=slug).exists()


def get_public_lot(slug: str, *, with_entrance: bool = False) -> Lot:
    """Return the lot of a public page or answer, on wish with its entrance. Raises Http404 unless it is public."""
    lots = Lot.objects.public()
    if with_entrance:
        lots = lots.select_related("entrance").defer("entrance__picture")
    # PostgreSQL takes no NUL in text; a path may carry one.
    lot = lots.filter(slug=slug).first() if "\0" not in slug else None
    if lot is None:
        raise Http404("There is no such lot.")
    return lot
