"""From the rows of a query to what a decision is made from, and to what its effects need."""

from dataclasses import dataclass, replace
from datetime import datetime

from common.plate_hashes import is_same_fingerprint
from gates.decision import (
    Action,
    Block,
    Booking,
    Context,
    Direction,
    EarlierAnswer,
    Lane,
    LotPolicy,
    LowConfidence,
    OpenStay,
    PlateRead,
    Reading,
    Reason,
    Replay,
    earlier_reading,
    match_stay,
    stay_of_plate,
)
from gates.models import EventKind
from gates.reads.body import Read, shown_vehicle
from gates.reads.car_history import last_exit, of_car, seconds_waited
from gates.reads.facts import Facts, JsonRow
from gates.reads.pass_facts import held_passes
from lots.calendar import is_open
from lots.compatibility import SpotType, VehicleProfile
from lots.models import Gate
from lots.picking import PickedPlace
from tickets.matching import MatchKind


@dataclass(frozen=True, slots=True)
class LoadedContext:
    """A decision's context, and what its effects need of the same moment.

    `lane` and `device` are the versions of the cached rows. `is_brief`: only the brief query was needed. `is_late`:
    this is a record whose plate has others of its time or a later one, or a stay that such a record has turned a
    repeated read into. `vehicle` has the permit on file. At an entry `place` is what the car as it was shown would be
    given, and `tariff_id` what would price its stay, with `counts_stays` by how often its plate has come. `stays` and
    `bookings` are the rows behind those of the context. `agreed`: somebody has agreed that the plate at an exit is
    charged automatically.
    """

    context: Context
    lane: str
    device: str
    vehicle: VehicleProfile
    is_brief: bool = False
    is_late: bool = False
    place: PickedPlace | None = None
    tariff_id: int | None = None
    counts_stays: bool = False
    stays: tuple[JsonRow, ...] = ()
    bookings: tuple[JsonRow, ...] = ()
    agreed: bool = False

    def stay(self, ticket_id: int) -> JsonRow:
        """Return the row of a stay of the context."""
        return next(stay for stay in self.stays if stay["id"] == ticket_id)


def plate_read_of(read: Read, vehicle: VehicleProfile) -> PlateRead:
    """Return a read as the decision core sees it."""
    return PlateRead(
        plate=read.plate,
        region=(read.body.region or "").strip() or None,
        confidence=1.0 if read.body.confidence is None else read.body.confidence,
        candidates=read.candidates,
        ticket=read.scanned,
        vehicle_ref=read.body.vehicle_ref,
        vehicle=vehicle,
        offline=read.body.offline,
    )


def brief_entry_context(facts: Facts, gate: Gate, read: Read, at: datetime) -> LoadedContext | None:
    """Return the context of a car of which nothing is known; None when something is, or when no place is free."""
    if facts["more"] or facts["place"] is None:
        return None
    place = PickedPlace(**facts["place"])
    # Nobody else is expected, so it is enough to know that there is one.
    free = {SpotType(place.spot_type): 1}
    left_at = last_exit(facts["exits"], gate, read)
    context = Context(lane=_lane(gate), now=at, policy=_policy(gate, at), free=free, left_at=left_at)
    return LoadedContext(
        context,
        facts["lane"],
        facts["device"],
        shown_vehicle(read),
        is_brief=True,
        place=place,
        **_tariff(facts["tariff"]),
    )


def brief_exit_context(facts: Facts, gate: Gate, read: Read, at: datetime) -> LoadedContext | None:
    """Return the context of a car that is inside and of which nothing else is known; None otherwise.

    None, too, when it may be asked to wait: an answer to that depends on for how long it has waited.
    """
    if facts["more"] or not facts["stays"]:
        return None
    stays = tuple(facts["stays"])
    context = Context(lane=_lane(gate), now=at, policy=_policy(gate, at), stays=tuple(map(_stay, stays)))
    found = match_stay(plate_read_of(read, shown_vehicle(read)), context).car
    if found is None or found.promise is not None or found.of_old_record:
        return None
    return LoadedContext(context, facts["lane"], facts["device"], shown_vehicle(read), is_brief=True, stays=stays)


def full_entry_context(facts: Facts, gate: Gate, read: Read, at: datetime) -> LoadedContext:
    """Return the context of an entry."""
    shown, body = shown_vehicle(read), read.body
    rows = tuple(facts["stays"] or ())
    bookings = tuple(facts["bookings"] or ())
    stays = tuple(map(_stay, rows))
    context = Context(
        lane=_lane(gate),
        now=at,
        policy=_policy(gate, at),
        replay=_replay(facts["replay"], read),
        readings=tuple(map(_reading, facts["readings"] or ())),
        blocked=frozenset(Block(read.plate or "", **block) for block in facts["blocked"] or ()),
        stays=stays,
        bookings=tuple(map(_booking, bookings)),
        passes=held_passes(facts["passes"], gate.lot, at),
        free=_by_type(facts["free"]),
        promised=_by_type(facts["promised"]),
        left_at=last_exit(facts["exits"], gate, read),
        unanswered_seconds=seconds_waited(facts["waiting"], gate, read, {None}),
    )
    is_record = body.offline and not body.ticket_number
    return LoadedContext(
        context,
        facts["lane"],
        facts["device"],
        VehicleProfile(shown.vehicle_type, electric=shown.electric, permit=shown.permit or facts["permit"]),
        is_late=facts["late"] or (is_record and any(not stay.entry_event for stay in stays)),
        place=PickedPlace(**facts["place"]) if facts["place"] else None,
        **_tariff(facts["tariff"]),
        stays=rows,
        bookings=bookings,
    )


def full_exit_context(facts: Facts, gate: Gate, read: Read, at: datetime) -> LoadedContext:
    """Return the context of an exit."""
    rows = tuple(facts["stays"] or ())
    opening = [facts["opening"]] if facts["opening"] else None
    context = Context(
        lane=_lane(gate),
        now=at,
        policy=_policy(gate, at),
        replay=_replay(facts["replay"], read),
        readings=tuple(map(_reading, facts["readings"] or ())),
        last_opening=_earlier(next(iter(of_car(opening, gate, read)), None)),
        stays=tuple(map(_stay, rows)),
    )
    about = _questions_about(plate_read_of(read, shown_vehicle(read)), context)
    context = replace(context, unanswered_seconds=seconds_waited(facts["waiting"], gate, read, about))
    return LoadedContext(
        context,
        facts["lane"],
        facts["device"],
        shown_vehicle(read),
        is_late=facts["late"],
        stays=rows,
        agreed=facts["agreed"],
    )


def _questions_about(read: PlateRead, context: Context) -> set[int | None]:
    """Return the stays that a car's read at an exit may be about, None for no stay: by itself or by its other readings.

    A car that shows another's ticket may be asked about that or about its own stay. To show a ticket is to answer what
    was asked before.
    """
    found, earlier = match_stay(read, context), earlier_reading(read, context)
    read_before = set() if earlier is None else {earlier.ticket_id}
    if found.car is None:
        return {None, *read_before}
    own = stay_of_plate(read, context, found)
    if own is not None:
        return {found.car.ticket_id, own.ticket_id}
    return {found.car.ticket_id} if found.kind is MatchKind.TICKET else {found.car.ticket_id, *read_before}


def _lane(gate: Gate) -> Lane:
    return Lane(
        code=gate.code,
        direction=Direction(gate.direction),
        closed=gate.is_closed,
        held_open=gate.is_held_open,
        confirms_passage=gate.confirms_passage,
    )


def _policy(gate: Gate, at: datetime) -> LotPolicy:
    lot = gate.lot
    return LotPolicy(
        closed=not is_open(lot, at),
        low_confidence=LowConfidence(lot.low_confidence),
        confidence_threshold=lot.confidence_threshold,
        dedupe_seconds=lot.dedupe_seconds,
        passing_seconds=lot.passing_seconds,
        early_minutes=lot.early_minutes,
        reentry_minutes=lot.reentry_minutes,
        lane_fee_limit=lot.lane_fee_limit,
        plates_by_region=lot.plates_by_region,
    )


def _replay(found: JsonRow | None, read: Read) -> Replay | None:
    if found is None:
        return None
    # What a barrier reported of a passage under this id is no read's answer.
    same = found["kind"] == EventKind.READ and is_same_fingerprint(found["fingerprint"], read.fingerprint)
    return Replay(answer=_earlier(found) if same else None)


def _earlier(found: JsonRow | None) -> EarlierAnswer | None:
    if found is None:
        return None
    return EarlierAnswer(
        event=found["id"],
        at=datetime.fromisoformat(found["at"]),
        action=Action(found["action"]),
        reason=Reason(found["reason"]),
        ticket_id=found["ticket_id"],
    )


def _reading(found: JsonRow) -> Reading:
    return Reading(
        event=found["id"],
        at=datetime.fromisoformat(found["at"]),
        action=Action(found["action"]),
        reason=Reason(found["reason"]),
        ticket_id=found["ticket_id"],
        plate=found["plate"],
        region=found["region"],
        confidence=1.0 if found["confidence"] is None else found["confidence"],
        surest=found["surest"],
        vehicle_ref=found["vehicle_ref"],
        offline=found["offline"],
        changed_since=found["changed_since"],
        passed=found["passed"],
        undone=found["undone"],
    )


def _tariff(found: tuple[int, bool] | None) -> Facts:
    tariff_id, counts_stays = found or (None, False)
    return {"tariff_id": tariff_id, "counts_stays": counts_stays}


def _stay(found: JsonRow) -> OpenStay:
    promise = found.get("promise")
    return OpenStay(
        ticket_id=found["id"],
        number=found["number"],
        token=found["token"],
        plate=found["plate"],
        region=found["region"],
        entered_at=datetime.fromisoformat(found["entry_at"]),
        entry_gate=found.get("code") or "",
        others_since=found.get("others_since", False),
        spot_type=SpotType(found["spot_type"]) if found["spot_type"] else None,
        awaited=found.get("awaited", False),
        reservation_id=found["reservation_id"],
        pass_id=found["held_pass_id"],
        entry_reason=Reason(found.get("reason") or Reason.OK),
        entry_event=found.get("event"),
        no_grace=found.get("no_grace", False),
        of_old_record=found.get("of_old_record", False),
        promised_at=promise["code"] if promise else None,
        promise=_earlier(promise),
    )


def _booking(found: JsonRow) -> Booking:
    return Booking(
        reservation_id=found["id"],
        plate=found["plate"],
        start=datetime.fromisoformat(found["starts_at"]),
        end=datetime.fromisoformat(found["ends_at"]),
        spot_free=found["spot_free"],
        no_show=found["no_show"],
        prepaid=found["prepaid"],
    )


def _by_type(found: dict[str, int] | None) -> dict[SpotType, int]:
    return {SpotType(spot_type): int(count) for spot_type, count in (found or {}).items()}
