"""What the stays inside are told apart by when their lot begins or ceases to tell cars by the region of their plate."""

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from common.errors import ConflictError, FieldError
from lots.models import Lot
from lots.services import assert_lot_locked
from tickets.models import Ticket, TicketQuerySet
from tickets.services.opening import plate_region_of

NAMED_AT_MOST = 3


class PlatesAlikeError(ConflictError):
    """Two cars inside have the same plate, so only their regions tell them apart."""

    code = "plates_alike"


@transaction.atomic
def tell_cars_by_region(*, lot: Lot) -> None:
    """Bring the open stays of a lot to its rule as it is now; the lot's lock is held. Idempotent.

    Raises PlatesAlikeError when the lot has ceased to, while two cars inside would be the same.
    """
    assert_lot_locked(lot.pk)
    inside = Ticket.objects.filter(lot=lot).open().filter(plate_normalised__isnull=False)
    if not lot.plates_by_region:
        _refuse_alike(inside)
    for region in set(inside.order_by().values_list("region", flat=True)):
        inside.filter(region=region).update(plate_region=plate_region_of(lot, region))


def _refuse_alike(inside: TicketQuerySet) -> None:
    counted = inside.order_by().values("plate_normalised").annotate(cars=Count("pk")).filter(cars__gt=1)
    alike = list(counted.order_by("plate_normalised").values_list("plate_normalised", flat=True)[:NAMED_AT_MOST])
    if not alike:
        return
    cars = ", ".join(
        _named(ticket) for ticket in inside.filter(plate_normalised__in=alike).order_by("plate_normalised", "entry_at")
    )
    message = _("Cars with the same plate are inside: %(cars)s. Wait until all but one of them have left.") % {
        "cars": cars
    }
    raise PlatesAlikeError(message, errors=[FieldError("plates_by_region", message)])


def _named(ticket: Ticket) -> str:
    car = f"{ticket.plate} ({ticket.region})" if ticket.region else f"{ticket.plate}"
    return f"{car}, {ticket.number}"
