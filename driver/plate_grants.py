"""What a session may see after it named a car in a lot: the fee of its stay, for some minutes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import HttpRequest

from lots.models import Lot

GRANTED_FOR = timedelta(minutes=10)
_GRANT = "plate_grant"


@dataclass(frozen=True, slots=True)
class PlateGrant:
    """A stay whose fee may be seen until `until`: the plate as it was typed, and the key of its last payment here."""

    lot: int
    ticket: int
    plate: str
    until: float
    key: str = ""


def give_grant(request: HttpRequest, lot: Lot, ticket_id: int, plate: str, *, at: datetime) -> None:
    """Let the session see the fee of a stay for some minutes, and of no other."""
    _keep(request, PlateGrant(lot.pk, ticket_id, plate, (at + GRANTED_FOR).timestamp()))


def note_payment(request: HttpRequest, grant: PlateGrant, *, key: str) -> PlateGrant:
    """Remember the key with which the session pays; its time goes on as before."""
    noted = replace(grant, key=key)
    _keep(request, noted)
    return noted


def prolong_grant(request: HttpRequest, grant: PlateGrant, *, at: datetime) -> None:
    """Give the full time again to a session that has paid, so that it sees until when to drive out."""
    _keep(request, replace(grant, until=(at + GRANTED_FOR).timestamp()))


def grant_of(request: HttpRequest, lot: Lot) -> PlateGrant | None:
    """Return the session's last grant in a lot, also one whose time is over."""
    kept = request.session.get(_GRANT)
    grant = PlateGrant(*kept) if kept else None
    return grant if grant and grant.lot == lot.pk else None


def live_grant_of(request: HttpRequest, lot: Lot, *, at: datetime) -> PlateGrant | None:
    """Return the session's grant in a lot while its time goes on."""
    grant = grant_of(request, lot)
    return grant if grant and at.timestamp() < grant.until else None


def _keep(request: HttpRequest, grant: PlateGrant) -> None:
    request.session[_GRANT] = [grant.lot, grant.ticket, grant.plate, grant.until, grant.key]
