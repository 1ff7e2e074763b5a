"""Puts a lot away once nobody is parked in it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import ConflictError
from lots.models import Lot
from lots.services import lock_lot, update_lot
from tickets.models import OPEN, Ticket, TicketStatus


class LotOccupiedError(ConflictError):
    """Stays at the lot are open or wait for a person's word."""

    code = "lot_occupied"


@transaction.atomic
def archive_lot(*, lot: Lot, at: datetime) -> Lot:
    """Hide a lot from the public and from lists and close it for walk-ins; nothing of its history is deleted.

    Raises LotOccupiedError while a stay there is open or in review. An archived lot keeps its day.
    """
    lock_lot(lot.pk)
    open_stays = Ticket.objects.filter(lot=lot, status__in=OPEN).count()
    reviews = Ticket.objects.filter(lot=lot, status=TicketStatus.REVIEW).count()
    if open_stays or reviews:
        waiting = [ngettext("%d car inside", "%d cars inside", open_stays) % open_stays] if open_stays else []
        waiting += [ngettext("%d stay in review", "%d stays in review", reviews) % reviews] if reviews else []
        raise LotOccupiedError(
            _("%(name)s can't be archived yet: %(what)s.") % {"name": lot.name, "what": _(" and ").join(waiting)}
        )
    values = {"archived_at": lot.archived_at or at, "is_closed": True, "published": False}
    return update_lot(lot=lot, values=values)
