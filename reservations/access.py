"""Load bookings and lots to book for people: drivers have their own, an operator's people all of their lots."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import Person
from accounts.models import User
from common.errors import FieldError, ForbiddenError, NotFoundError
from lots.access import lots_visible_to
from lots.models import Lot
from reservations.models import Reservation, ReservationQuerySet


def bookings_visible_to(person: User) -> ReservationQuerySet:
    """Return the bookings of a person's account, and all at the lots that the person works for."""
    # Evaluated here, so that a driver, who works nowhere, gets a query for their own bookings only.
    lots = list(lots_visible_to(person).order_by().values_list("pk", flat=True))
    return Reservation.objects.filter(Q(driver=person) | Q(lot__in=lots))


def load_booking(person: User, pk: int) -> Reservation:
    """Return a booking that a person may see, with what is shown of it. Raises NotFoundError."""
    related = ("lot", "tariff", "spot", "level", "charge")
    booking = bookings_visible_to(person).select_related(*related).filter(pk=pk).first()
    if booking is None:
        raise NotFoundError(_("There is no such booking."))
    return booking


def load_lot_to_book(person: Person, slug: str, *, for_caller: bool) -> Lot:
    """Return a lot that a person may book: a public one, or one that the person works for.

    Only who works there may book `for_caller`. Raises NotFoundError, ForbiddenError.
    """
    lots = Lot.objects.public() | lots_visible_to(person)
    lot = lots.select_related("operator").filter(slug=slug).first()
    if lot is None:
        message = _("There is no such lot.")
        raise NotFoundError(message, errors=[FieldError("lot", message)])
    if for_caller and not lots_visible_to(person).filter(pk=lot.pk).exists():
        message = _("Only people who work at this lot can book there for somebody else.")
        raise ForbiddenError(message, errors=[FieldError("driver", message)])
    return lot
