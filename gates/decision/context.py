"""What a gate decision is made from: the read, and everything known about it at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from common.regions import regions_meet
from gates.decision.outcome import Action, Reason
from lots.compatibility import SpotType, VehicleProfile
from lots.gate_rules import Direction, LowConfidence


class PaymentKind(StrEnum):
    """How an attempt to pay the fee ended; UNAVAILABLE also when the provider took longer than 3 s."""

    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    PARTIAL = "partial"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateRead:
    """One read: plates are normalised (None = unreadable), candidates likeliest first, `ticket` a number or token.

    `region` is where the camera thinks the plate is from. `vehicle_ref` is the camera's own name for the car, the same
    for every picture of one arrival.
    """

    plate: str | None = None
    region: str | None = None
    confidence: float = 1.0
    candidates: tuple[str, ...] = ()
    ticket: str | None = None
    vehicle_ref: str | None = None
    vehicle: VehicleProfile = field(default_factory=VehicleProfile)
    offline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The gate that read; `attended` when a person at a desk serves the car there.

    `confirms_passage`: a controller reports what became of each opening; elsewhere it is known by the time that passes.
    `held_open`: a person keeps the barrier up, and every car passes.
    """

    code: str
    direction: Direction
    closed: bool = False
    held_open: bool = False
    attended: bool = False
    confirms_passage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPolicy:
    """The lot's rules as they stand now; `closed` by its hours or its switch, money in minor units.

    `plates_by_region`: the same plate of two regions is two cars.
    """

    closed: bool = False
    low_confidence: LowConfidence = LowConfidence.TICKET
    confidence_threshold: float = 0.6
    dedupe_seconds: int = 30
    passing_seconds: int = 10
    early_minutes: int = 30
    reentry_minutes: int = 30
    lane_fee_limit: int | None = None
    plates_by_region: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnswer:
    """An answer given before at this gate: `event` is the key of the event row that holds it in full."""

    event: int
    at: datetime
    action: Action
    reason: Reason
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(EarlierAnswer):
    """An earlier read at this gate that repeats no other, with its answer; `plate` None when it was unreadable.

    `surest` is the plate that its car was read with most surely since, with this `confidence`, or that a person typed;
    None: its own.
    `changed_since`: the ticket, the charge, its declines or the free spots have changed since. `passed`: a controller
    reported that a car drove through since. `undone`: it opened, and that holds no more, as the car backed out, the
    exit's barrier was at fault, or the stay that began with it has ended.
    """

    plate: str | None = None
    region: str | None = None
    confidence: float = 1.0
    surest: str | None = None
    vehicle_ref: str | None = None
    offline: bool = False
    changed_since: bool = False
    passed: bool = False
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The same `event_id` from the same device came before: `answer` is what it got, None for another body."""

    answer: EarlierAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStay:
    """A car with an open ticket in this lot.

    `spot_type` is the bay (or counted place) it has, None when there was none. `awaited`: another car inside has none
    and gets it as soon as it frees. `others_since`: another car entered at its entry gate since. `entry_reason` and
    `entry_event` are the answer it entered by. `no_grace`: it came back moments after leaving. `of_old_record`: it
    began with a record that was too old when it came to be believed by a lane. `promised_at`: the exit lane that has
    been opened for it, by the answer `promise`, and has not reported yet what became of that.
    """

    ticket_id: int
    number: str
    plate: str | None
    entered_at: datetime
    entry_gate: str
    region: str | None = None
    token: str = ""
    others_since: bool = False
    spot_type: SpotType | None = None
    awaited: bool = False
    reservation_id: int | None = None
    pass_id: int | None = None
    entry_reason: Reason = Reason.OK
    entry_event: int | None = None
    no_grace: bool = False
    of_old_record: bool = False
    promised_at: str | None = None
    promise: EarlierAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A confirmed reservation or a no-show in this lot, `spot_free` when nothing stands on its spot.

    A no-show's spot was given back, so it is never free for it. `prepaid`: its whole price has been paid or is held.
    """

    reservation_id: int
    plate: str | None
    start: datetime
    end: datetime
    region: str | None = None
    spot_free: bool = True
    no_show: bool = False
    prepaid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPass:
    """A pass for this lot; `pool_free` is the room left in its pool (None = no pool).

    `own`: it is the holder's alone, not a company's; `until` is its last day. With a full pool it `refuses` the car, or
    lets it in as a walk-in. It is for `types` of spots, empty for all. `elsewhere_at`: the plate came in on it at
    another lot then, and was not seen leaving.
    """

    pass_id: int
    plate: str | None
    valid_now: bool
    region: str | None = None
    pool_free: int | None = None
    own: bool = True
    until: date | None = None
    refuses: bool = False
    types: tuple[SpotType, ...] = ()
    elsewhere_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A plate on the blocklist, and where it is from when that is known.

    With `prepay` it is let in with a prepaid booking, and only with one.
    """

    plate: str
    region: str | None = None
    prepay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentResult:
    """How the last attempt to pay ended, and what it captured in minor units."""

    kind: PaymentKind
    captured: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What the matched stay owes at `Context.now`.

    `amount` is the balance before `automatic` and `payment` (minor units); `why_free` says why it is nothing: GRACE,
    PASS, RESERVATION or PAID. `automatic` is the outcome of charging a method agreed beforehand, `payment` of paying at
    this lane just now; `declines_so_far` counts the declines before those.
    """

    amount: int = 0
    why_free: Reason | None = None
    automatic: PaymentResult | None = None
    payment: PaymentResult | None = None
    declines_so_far: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a driver agreed to have charged for the matched stay: `limit` is what is left of it, in minor units.

    `plate` is that of the vehicle, `accounts` how many have agreed for it; `proven` by this one alone.
    `entry_confidence` is that of the camera which read the plate at the entry, None when none did; `corrected`: the
    stay's plate was read or typed again since.
    """

    plate: str
    limit: int
    accounts: int = 1
    proven: bool = True
    entry_confidence: float | None = 1.0
    corrected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything a decision depends on, at the effective time of the read.

    `stays`: at entry those of the read's plate; at exit every stay the read may mean (`match_stay` picks the one to
    price before `due` is filled in). `blocked`: plates on the blocklist, of which only the read's own counts.
    `free`: spots (or places) neither occupied, held nor in maintenance. `promised`: reservations that start within the
    lot's `protect_minutes` and have no held spot yet. `left_at`: the plate's last exit from this lot.
    `readings`: what this gate has read in the last minutes, newest first. `last_opening`: the last time it opened in
    these minutes, when it was for this plate: none passed since.
    `plate_owes`: what the stay of exactly the read's plate owes, when another stay's ticket was scanned.
    `unanswered_seconds`: how long ago this gate first answered `attend` or `pay` to this plate or ticket, when nobody
    has acted on it since. `agreement` is for the stay that the read means.
    """

    lane: Lane
    now: datetime
    policy: LotPolicy = field(default_factory=LotPolicy)
    replay: Replay | None = None
    readings: tuple[Reading, ...] = ()
    last_opening: EarlierAnswer | None = None
    blocked: frozenset[Block] = frozenset()
    stays: tuple[OpenStay, ...] = ()
    bookings: tuple[Booking, ...] = ()
    passes: tuple[HeldPass, ...] = ()
    free: Mapping[SpotType, int] = field(default_factory=dict)
    promised: Mapping[SpotType, int] = field(default_factory=dict)
    left_at: datetime | None = None
    due: Due = field(default_factory=Due)
    plate_owes: int = 0
    unanswered_seconds: int | None = None
    agreement: Agreement | None = None

    def region_of(self, read: PlateRead) -> str | None:
        """Return the region by which a read's car is told from others: None where the lot doesn't, or if unknown."""
        return read.region if self.policy.plates_by_region else None

    def meets(self, read: PlateRead, region: str | None) -> bool:
        """Return whether a read may be of a car from `region`, whose plate is the read's."""
        return regions_meet(self.region_of(read), region)

    def blocks_of(self, read: PlateRead) -> tuple[Block, ...]:
        """Return the blocks that a read's car meets; with those that only demand prepayment."""
        return tuple(one for one in self.blocked if one.plate == read.plate and self.meets(read, one.region))

    def is_blocked(self, read: PlateRead) -> bool:
        """Return whether a read's car is let in in no case."""
        return any(not block.prepay for block in self.blocks_of(read))
