"""Load what a read is decided from: a brief query, and all facts when that one finds more than it can tell."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from common.db.flush import Row, Step, flush
from common.plate_hashes import plate_hashes
from common.plates import skeleton
from gates.decision import Decision, Direction, ReviewTicket, TakeOtherSpot, TakeReservedSpot, TakeSpot
from gates.decision.same_car import NAMED_FOR
from gates.reads.body import Read, shown_vehicle
from gates.reads.context import (
    LoadedContext,
    brief_entry_context,
    brief_exit_context,
    full_entry_context,
    full_exit_context,
)
from gates.reads.events import Moment
from gates.reads.facts import JsonRow
from gates.reads.pass_facts import LOCK_SHARED_PASSES, has_shared_pass
from gates.reads.payments import asked_since
from gates.reads.queries import (
    BOOKED_PLACE,
    FULL_EXIT,
    LOCK_CHARGE,
    STAY_WITH_MONEY,
    STAYS_NEAR,
    brief_entry,
    brief_exit,
    full_entry,
    place_query,
)
from lots.calendar import local_day
from lots.models import Gate
from lots.picking import PickedPlace, pick_parameters, pick_parameters_of_type

WAITING_WINDOW = timedelta(minutes=15)
"""How far back an unanswered `pay` or `attend` still belongs to the car that stands in the lane."""
STANDING_WINDOW = timedelta(minutes=5)
"""How long a car may stand in an opened exit lane and still be let out by the same answer."""
SILENCE = timedelta(minutes=3)
"""Silence of a barrier after which the car counts as passed."""
Ask: TypeAlias = Callable[[Step], Row | None]


def load_context(gate: Gate, read: Read, device_id: int | None, moment: Moment, ask: Ask = flush) -> LoadedContext:
    """Load what a decision about `read` at `gate` needs, as of its moment.

    `ask` sends the first statement, with others before it when the caller has some.
    """
    parameters, at = _parameters(gate, read, device_id, moment), moment.at
    lot, offline = gate.lot, parameters["offline"]
    # Of a car that was recorded on its way out something will be known: it can't be asked to pay, so it owes.
    known = read.body.offline and gate.direction == Direction.EXIT
    if known or read.plate is None or read.body.ticket_number:
        return _load_full(gate, read, at, parameters, ask)
    if gate.direction == Direction.ENTRY:
        query = brief_entry(lot.allocation, counts_spots=lot.counts_spots, offline=offline)
        loaded = brief_entry_context(query.read(ask((query.statement, parameters))), gate, read, at)
    else:
        query = brief_exit(offline=offline)
        loaded = brief_exit_context(query.read(ask((query.statement, parameters))), gate, read, at)
    return loaded or _load_full(gate, read, at, parameters, flush)


def load_full_context(gate: Gate, read: Read, device_id: int | None, moment: Moment) -> LoadedContext:
    """Load all of it, whatever a brief query says; otherwise as `load_context`."""
    return _load_full(gate, read, moment.at, _parameters(gate, read, device_id, moment), flush)


def load_place(decision: Decision, gate: Gate, read: Read, loaded: LoadedContext) -> PickedPlace | None:
    """Return the place that a decision's effects take, as it is free once they have put a stay aside.

    What that stay frees goes to a car that waits for it, if there is one. None when the effects take no place, and when
    there is none any more.
    """
    put_aside = (loaded.stay(one.ticket_id) for one in decision.effects if isinstance(one, ReviewTicket))
    freed = next((stay for stay in put_aside if not stay["awaited"]), None)
    for effect in decision.effects:
        match effect:
            case TakeSpot() | TakeOtherSpot():
                if freed is None and loaded.vehicle == shown_vehicle(read):
                    return loaded.place
                return _pick(gate, pick_parameters(gate.lot, loaded.vehicle, gate.level), freed)
            case TakeReservedSpot(reservation_id):
                return _booked_place(reservation_id, gate, loaded, freed)
            case _:
                continue
    return None


def load_money(row: JsonRow, waited_seconds: int | None, at: datetime) -> tuple[JsonRow, list[JsonRow]]:
    """Lock a stay's charge, and return the stay as it is now with the payments since its lane asked for the money.

    `waited_seconds` is for how long it has been asked by `at`, the server's clock.
    """
    parameters = {"ticket": row["id"], "charge": row["charge_id"], "since": asked_since(waited_seconds, at)}
    facts = STAY_WITH_MONEY.read(flush((LOCK_CHARGE, parameters), (STAY_WITH_MONEY.statement, parameters)))
    return facts["stay"], [] if waited_seconds is None else facts["payments"] or []


def _load_full(gate: Gate, read: Read, at: datetime, parameters: dict[str, Any], ask: Ask) -> LoadedContext:
    if gate.direction == Direction.ENTRY:
        query = full_entry(gate.lot.allocation, counts_spots=gate.lot.counts_spots)
        facts = query.read(ask((query.statement, parameters)))
        if has_shared_pass(facts["passes"]):
            facts = query.read(flush((LOCK_SHARED_PASSES, parameters), (query.statement, parameters)))
        return full_entry_context(facts, gate, read, at)
    facts = FULL_EXIT.read(ask((FULL_EXIT.statement, parameters)))
    if not facts["stays"] and read.plate:
        facts |= STAYS_NEAR.read(flush((STAYS_NEAR.statement, parameters)))
    return full_exit_context(facts, gate, read, at)


def _booked_place(reservation_id: int, gate: Gate, loaded: LoadedContext, freed: JsonRow | None) -> PickedPlace | None:
    booking = next(one for one in loaded.bookings if one["id"] == reservation_id)
    if booking["spot_id"] is not None:
        place = BOOKED_PLACE.read(flush((BOOKED_PLACE.statement, {"spot": booking["spot_id"]})))["place"]
        return PickedPlace(**place)
    of_type = pick_parameters_of_type(gate.lot, booking["spot_type"], gate.level)
    return _pick(gate, of_type, freed) or _pick(gate, pick_parameters(gate.lot, loaded.vehicle, gate.level), freed)


def _pick(gate: Gate, parameters: dict[str, Any], freed: JsonRow | None) -> PickedPlace | None:
    lot = gate.lot
    query = place_query(lot.allocation, counts_spots=lot.counts_spots, freed=freed is not None)
    if freed is not None:
        parameters |= {"freed": freed["id"], "freed_level": freed["level_id"], "freed_type": freed["spot_type"]}
    place = query.read(flush((query.statement, parameters)))["place"]
    return PickedPlace(**place) if place else None


def _parameters(gate: Gate, read: Read, device_id: int | None, moment: Moment) -> dict[str, Any]:
    lot, at = gate.lot, moment.at
    plates = [plate for plate in (read.plate, *read.candidates) if plate]
    picking = pick_parameters(lot, shown_vehicle(read), gate.level) if gate.direction == Direction.ENTRY else {}
    return picking | {
        "device": device_id,
        "event": read.body.event_id,
        "gate": gate.pk,
        "lot": lot.pk,
        "operator": lot.operator_id,
        "plate": read.plate,
        "skeleton": skeleton(read.plate) if read.plate else None,
        "vehicle_ref": read.body.vehicle_ref,
        "named": NAMED_FOR,
        "skeletons": [skeleton(plate) for plate in plates],
        "number": read.scanned,
        "offline": read.body.offline and not read.body.ticket_number,
        "run_out": plate_hashes(read.plate, lot.operator_id) if read.body.offline and read.plate else [],
        "at": at,
        "received_at": moment.received_at,
        "oldest": timedelta(days=lot.oldest_record_days),
        "promise": SILENCE,
        "local_day": local_day(lot, at),
        "dedupe": timedelta(seconds=lot.dedupe_seconds),
        "waiting": WAITING_WINDOW,
        "standing": STANDING_WINDOW,
        "early": timedelta(minutes=lot.early_minutes),
        "protect": timedelta(minutes=lot.protect_minutes),
    }
