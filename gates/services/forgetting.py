"""Reads whose plate or image has run out. Their rows stay, with the answers they got, and say no plate."""

from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import QuerySet

from common.plate_hashes import forgotten_fingerprints, has_run_out, plate_hash
from gates.models import EventKind, GateEvent

_FORGET = """
UPDATE gates_gateevent event
SET plate = NULL, plate_normalised = given.hashed, body_hash = given.digest, read = event.read - 'candidates',
    answer = CASE jsonb_typeof(event.answer -> 'ticket') WHEN 'object'
        THEN jsonb_set(event.answer, '{ticket,plate}', 'null') ELSE event.answer END
FROM unnest(%s::bigint[], %s::text[], %s::bytea[]) AS given (id, hashed, digest) WHERE event.id = given.id
"""
_FORGET_IMAGES = "UPDATE gates_gateevent SET read = read - 'image_url' WHERE id = ANY(%s) AND read ? 'image_url'"


def forget_read_plates(*, events: Collection[int] = (), tickets: Collection[int] = ()) -> int:
    """Take the plates out of events, by their keys or those of their stays; return how many had any. Idempotent.

    A hash stays by which late records of the same car find them, and by which a read that is sent again is known.
    """
    return _forgotten(GateEvent.objects.filter(pk__in=events)) + _forgotten(
        GateEvent.objects.filter(ticket__in=tickets)
    )


def forget_images(*, events: Sequence[int]) -> int:
    """Take the addresses of images out of events, and return how many had one. Idempotent."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_IMAGES, [list(events)])
        return int(cursor.rowcount)


def _forgotten(events: QuerySet[GateEvent]) -> int:
    left = [event for event in events.select_related("lot").order_by("pk") if _says_plate(event)]
    if left:
        hashes = [_hash_of(event) for event in left]
        digests = [_digest_of(event) for event in left]
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, [[event.pk for event in left], hashes, digests])
    return len(left)


def _says_plate(event: GateEvent) -> bool:
    is_read = bool(event.plate_normalised) and not has_run_out(event.plate_normalised)
    return is_read or bool(event.plate) or "candidates" in event.read


def _hash_of(event: GateEvent) -> str | None:
    plate = event.plate_normalised
    return plate if not plate or has_run_out(plate) else plate_hash(plate, event.lot.operator_id)


def _digest_of(event: GateEvent) -> bytes:
    """Return the fingerprint of an event's body without the plate; a body that had none keeps its own."""
    plain = bytes(event.body_hash)
    has_plate = event.kind in {EventKind.READ, EventKind.PERSON} and not has_run_out(event.plate_normalised)
    return forgotten_fingerprints(plain)[0] if has_plate and plain else plain
