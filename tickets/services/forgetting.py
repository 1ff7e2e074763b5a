"""Stays whose plate has run out: what stays of it is a hash, by which the same car is known when it comes again."""

from collections.abc import Collection

from django.db import connection, transaction

from accounts.models import User
from common.plate_hashes import has_run_out, plate_hash
from common.plates import normalise, skeleton
from lots.services import assert_lot_locked
from tickets.models import OPEN, PlateCorrection, StayAct, StayProof, Ticket

_FORGET = """
UPDATE tickets_ticket ticket
SET plate = NULL, plate_normalised = given.hashed, plate_skeleton = NULL, exit_plate = NULL
FROM unnest(%s::bigint[], %s::text[]) AS given (id, hashed) WHERE ticket.id = given.id
"""


@transaction.atomic
def forget_plates(*, tickets: Collection[int]) -> int:
    """Put hashes in place of the plates of stays that have ended, and return how many had one. Idempotent.

    What people wrote about these stays is emptied too, as it may name a plate or a person.

    Stays that somebody has locked are left for the next time.
    """
    ended = Ticket.objects.filter(pk__in=tickets).exclude(status__in=OPEN).select_related("lot").order_by("pk")
    rows = list(ended.select_for_update(of=("self",), skip_locked=True))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [[ticket.pk for ticket in rows], [_hash_of(ticket) for ticket in rows]])
    PlateCorrection.objects.filter(ticket__in=rows).update(from_plate="", to_plate="")
    StayAct.objects.filter(ticket__in=rows).update(why="")
    return len(rows)


def _hash_of(ticket: Ticket) -> str | None:
    plate = ticket.plate_normalised
    return plate_hash(plate, ticket.lot.operator_id) if plate and not has_run_out(plate) else plate


def forget_proofs(*, driver: User) -> list[int]:
    """Remove what proves that stays are a driver's, and return the keys of these stays."""
    proofs = StayProof.objects.filter(driver=driver)
    stays = list(proofs.values_list("ticket", flat=True))
    proofs.delete()
    return stays


def remember_plate(*, ticket: Ticket, plate: str) -> Ticket:
    """Give a stay whose plate had run out the plate back that a late record of its car has; the lot's lock is held."""
    assert_lot_locked(ticket.lot_id)
    normalised = normalise(plate)
    if normalised and has_run_out(ticket.plate_normalised):
        ticket.plate, ticket.plate_normalised, ticket.plate_skeleton = plate, normalised, skeleton(normalised)
        ticket.save(update_fields=["plate", "plate_normalised", "plate_skeleton"])
    return ticket
