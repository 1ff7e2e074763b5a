"""What a gate decision says: the answer, and the effects that make it true."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from lots.compatibility import SpotType
from tickets.matching import MatchKind


class Action(StrEnum):
    """What the gate does; ERROR is refused as a conflict and never shown at a lane."""

    OPEN = "open"
    PAY = "pay"
    DENY = "deny"
    ATTEND = "attend"
    ERROR = "error"


class Reason(StrEnum):
    """Why the gate does it."""

    OK = "ok"
    RESERVATION = "reservation"
    PASS = "pass"  # noqa: S105  a season ticket, no password
    REENTRY = "reentry"
    GRACE = "grace"
    PAID = "paid"
    CHARGED = "charged"
    WAIVED = "waived"
    BY_HAND = "by_hand"
    HELD_OPEN = "held_open"
    OWED = "owed"
    UNATTENDED = "unattended"
    FEE_DUE = "fee_due"
    FULL = "full"
    POOL_FULL = "pool_full"
    CLOSED = "closed"
    BLOCKED = "blocked"
    PREPAY = "prepay"
    PASSBACK = "passback"
    LOW_CONFIDENCE = "low_confidence"
    NO_TICKET = "no_ticket"
    AMBIGUOUS = "ambiguous"
    EVENT_CONFLICT = "event_conflict"


class Concern(StrEnum):
    """Something about a decision that a person should see in a list."""

    BLOCKED = "blocked"
    PREPAY = "prepay"
    CLOSED = "closed"
    NO_SPOT = "no_spot"
    POOL_FULL = "pool_full"
    LOW_CONFIDENCE = "low_confidence"
    PASSBACK = "passback"
    MISSED_EXIT = "missed_exit"
    BROKEN_PROMISE = "broken_promise"
    OUT_OF_ORDER = "out_of_order"
    PLATE_MISMATCH = "plate_mismatch"
    REGION_MISMATCH = "region_mismatch"
    UNANSWERED = "unanswered"
    NO_TICKET = "no_ticket"
    OWED = "owed"
    WAIVED = "waived"
    BY_HAND = "by_hand"
    REPEATED = "repeated"
    REENTERED = "reentered"
    CLOCK = "clock"
    OLD_RECORD = "old_record"
    PROMISED_TWICE = "promised_twice"
    HELD_OPEN = "held_open"
    UNDONE = "undone"


class DebtCause(StrEnum):
    """Why a car left owing, in the words that people read beside the debt."""

    DECLINED = "card declined twice"
    PARTIAL = "card paid only a part"
    UNAVAILABLE = "card payment did not work"
    UNANSWERED = "nobody answered at the exit"
    UNPAID = "left without paying"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Open a stay; `no_grace` when the car left this lot moments ago: no grace and no free minutes."""

    name: ClassVar[str] = "open_ticket"
    plate: str | None
    reason: Reason
    reservation_id: int | None = None
    pass_id: int | None = None
    no_grace: bool = False


@dataclass(frozen=True, slots=True)
class TakeSpot:
    """Take a free spot of one of `types` (best first) by the lot's strategy.

    More than `keep` spots of these types must be free at that moment, else the decision is made again.
    """

    name: ClassVar[str] = "take_spot"
    types: tuple[SpotType, ...]
    keep: int = 0


@dataclass(frozen=True, slots=True)
class TakeReservedSpot:
    """Take the spot the reservation holds."""

    name: ClassVar[str] = "take_reserved_spot"
    reservation_id: int


@dataclass(frozen=True, slots=True)
class TakeOtherSpot:
    """Take another free spot of one of `types` for a reservation whose own is occupied, and move it there."""

    name: ClassVar[str] = "take_other_spot"
    reservation_id: int
    types: tuple[SpotType, ...]


@dataclass(frozen=True, slots=True)
class ActivateReservation:
    """Mark the reservation's driver as arrived."""

    name: ClassVar[str] = "activate_reservation"
    reservation_id: int


@dataclass(frozen=True, slots=True)
class CorrectPlate:
    """Give a stay the plate as its camera read it better a moment later; both readings are kept.

    Its region stays when the better reading tells none.
    """

    name: ClassVar[str] = "correct_plate"
    ticket_id: int
    plate: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewTicket:
    """Send a stay to review; nobody is charged for it without a person."""

    name: ClassVar[str] = "review_ticket"
    ticket_id: int


@dataclass(frozen=True, slots=True)
class FreeOldSpot:
    """Free the spot of a stay that went to review."""

    name: ClassVar[str] = "free_old_spot"
    ticket_id: int


@dataclass(frozen=True, slots=True)
class CloseTicket:
    """Close a stay; `why` is recorded with it."""

    name: ClassVar[str] = "close_ticket"
    ticket_id: int
    number: str
    why: Reason


@dataclass(frozen=True, slots=True)
class FreeSpot:
    """Free the spot of a stay that closed."""

    name: ClassVar[str] = "free_spot"
    ticket_id: int


@dataclass(frozen=True, slots=True)
class CompleteReservation:
    """Complete the reservation of a stay that closed."""

    name: ClassVar[str] = "complete_reservation"
    reservation_id: int


@dataclass(frozen=True, slots=True)
class Capture:
    """Capture an agreed automatic payment, in minor units."""

    name: ClassVar[str] = "capture"
    ticket_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class AddDebt:
    """Record what stays unpaid as a debt on the plate, in minor units."""

    name: ClassVar[str] = "add_debt"
    ticket_id: int
    plate: str
    amount: int
    cause: DebtCause


@dataclass(frozen=True, slots=True)
class Review:
    """List the event itself for review: it has no stay to hang on."""

    name: ClassVar[str] = "review"
    concern: Concern


Effect: TypeAlias = (
    OpenTicket
    | CorrectPlate
    | TakeSpot
    | TakeReservedSpot
    | TakeOtherSpot
    | ActivateReservation
    | ReviewTicket
    | FreeOldSpot
    | CloseTicket
    | FreeSpot
    | CompleteReservation
    | Capture
    | AddDebt
    | Review
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to one read.

    `effects` are applied in order and together. `ticket_id` is the stay that was meant (a new one has none yet).
    `repeats` is the key of the earlier event whose answer stands. `amount_due` is what the lane asks for or what stays
    owed, in minor units; it may be shown only when `show_fee`. `ask_again`: a payment was declined once.
    `concerns` are listed for people; `suggestions` are the tickets that may be meant, likeliest first.
    """

    action: Action
    reason: Reason
    effects: tuple[Effect, ...] = ()
    ticket_id: int | None = None
    reservation_id: int | None = None
    pass_id: int | None = None
    match_kind: MatchKind = MatchKind.NONE
    amount_due: int = 0
    show_fee: bool = True
    ask_again: bool = False
    repeats: int | None = None
    concerns: tuple[Concern, ...] = ()
    suggestions: tuple[int, ...] = ()
