"""How many bookings one person may have: counted by account, by address and by plate."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import BlockedPlate, DebtConsequence, User
from common.db.name_locks import NameLock, lock_each
from common.errors import ConflictError, FieldError, ForbiddenError
from common.translation import day_said
from lots.calendar import zone_of
from lots.models import Lot
from notifications.phone_codes import ACCOUNT
from reservations.booked_time import BookedTime
from reservations.models import LIVE, Reservation, ReservationStatus
from reservations.policy import BLOCKED_FOR, NO_SHOWS_WITHIN, blocked_until

MOST_LIVE = 5


class BookingLimitError(ConflictError):
    """The person, address or plate has as many bookings as one may have."""

    code = "booking_limit"


class BookingBlockedError(ForbiddenError):
    """The person, address or plate may not book for now."""

    code = "booking_blocked"


class AccountDeletedError(ForbiddenError):
    """The account of who books was deleted meanwhile."""

    code = "account_deleted"


class AlreadyBookedError(ConflictError):
    """The plate has a booking in this lot at this time, of the same person."""

    code = "already_booked"


@dataclass(frozen=True, slots=True)
class Booker:
    """Who books: an account or the address of a guest, for a normalised plate; without either, the operator."""

    driver: User | None
    email: str
    plate: str

    def names(self) -> list[str]:
        """Return by what this person is told from others."""
        return [*names_of(self.driver, [self.email] if self.email else []), f"plate {self.plate}"]

    def made(self, booking: Reservation) -> bool:
        """Return whether a booking is of the same account or address."""
        of_account = self.driver is not None and booking.driver_id == self.driver.pk
        return of_account or bool(self.email and booking.email == self.email)

    def same(self) -> Q:
        """Return the filter of bookings that any of these is known from."""
        found = Q(plate_normalised=self.plate)
        found |= Q(driver=self.driver) if self.driver else Q()
        return found | Q(email=self.email) if self.email else found


def names_of(person: User | None, addresses: Collection[str]) -> list[str]:
    """Return by what an account and its addresses, or those of a guest, are told from others."""
    return [*([f"{ACCOUNT}{person.pk}"] if person else []), *(f"email {address}" for address in addresses)]


def lock_booker(booker: Booker) -> None:
    """Wait until nobody else books for the same account, address or plate, in whichever lot, or deletes the account.

    Needs a transaction. The lot's lock comes first.
    """
    lock_names(booker.names())


def check_account(booker: Booker) -> None:
    """Refuse the booking of an account that was deleted meanwhile; its booker is locked. Raises AccountDeletedError."""
    if booker.driver is not None and not User.objects.filter(pk=booker.driver.pk, deleted_at=None).exists():
        raise AccountDeletedError(_("This account was deleted. Nothing was booked."))


def lock_names(names: Collection[str]) -> None:
    """Wait until nobody books under any of these names. Needs a transaction; the lot's lock comes first."""
    lock_each(NameLock.BOOKERS, names)


def check_booker(  # noqa: PLR0913 - who, what, when
    booker: Booker, lot: Lot, time: BookedTime, *, at: datetime, binds: bool, but: int = 0
) -> bool:
    """Refuse a booking beyond the limits, and return whether it has to be prepaid.

    The answer holds only while its booker is locked.

    What is limited by person `binds` drivers, not the operator's people. The booking `but` doesn't count. A person is
    not told when somebody else has booked the plate. Raises AlreadyBookedError (409), BookingLimitError (409),
    BookingBlockedError (403).
    """
    since = at - NO_SHOWS_WITHIN - BLOCKED_FOR
    no_show = Q(status=ReservationStatus.NO_SHOW, place_lost_at=None, forgiven_at=None)
    counts = Q(status__in=LIVE) | Q(no_show, missed_at__gt=since)
    rows = list(Reservation.objects.filter(booker.same(), counts).exclude(pk=but))
    if any(_overlaps(row, booker, lot, time) and (not binds or booker.made(row)) for row in rows):
        message = _("%(plate)s has a booking here at this time already.") % {"plate": booker.plate}
        raise AlreadyBookedError(message, errors=[FieldError("plate", message)])
    if not binds:
        return False
    for path, own in _by_identity(booker, rows):
        _check_own(path, own, lot, at)
    return _demands_prepayment(booker.plate, lot, time)


def missed_by(booker: Booker, *, at: datetime) -> int:
    """Return how many no-shows of a person count now."""
    missed = Reservation.objects.filter(booker.same(), status=ReservationStatus.NO_SHOW, forgiven_at=None)
    return missed.filter(missed_at__gt=at - NO_SHOWS_WITHIN).count()


def _overlaps(row: Reservation, booker: Booker, lot: Lot, time: BookedTime) -> bool:
    here = row.lot_id == lot.pk and row.plate_normalised == booker.plate and row.is_live
    return here and row.starts_at < time.end and time.start < row.ends_at


def _by_identity(booker: Booker, rows: list[Reservation]) -> Iterator[tuple[str, list[Reservation]]]:
    """Yield the bookings of the account, of the address and of the plate, with the field that names each."""
    if booker.driver is not None:
        yield "driver", [row for row in rows if row.driver_id == booker.driver.pk]
    if booker.email:
        yield "email", [row for row in rows if row.email == booker.email]
    yield "plate", [row for row in rows if row.plate_normalised == booker.plate]


def _check_own(path: str, rows: list[Reservation], lot: Lot, at: datetime) -> None:
    missed = [row.missed_at for row in rows if row.status == ReservationStatus.NO_SHOW and row.missed_at]
    until = blocked_until(missed, at=at)
    if until is not None:
        day = day_said(until.astimezone(zone_of(lot)))
        message = _("After three bookings without a car you can book again on %(day)s.") % {"day": day}
        raise BookingBlockedError(message, errors=[FieldError(path, message)])
    if sum(row.is_live for row in rows) >= MOST_LIVE:
        message = _("There are %(most)s bookings already, which is the most at a time.") % {"most": MOST_LIVE}
        raise BookingLimitError(message, errors=[FieldError(path, message)])


def _demands_prepayment(plate: str, lot: Lot, time: BookedTime) -> bool:
    """Return whether a plate owes so much that it is let in only prepaid.

    Raises BookingBlockedError for one that is blocked on the day on which the booking starts.
    """
    stopping = BlockedPlate.objects.stopping(lot_id=lot.pk, day=time.start.astimezone(zone_of(lot)).date())
    blocks = list(stopping.filter(operator=lot.operator_id, plate_normalised=plate))
    only_prepaid = lot.operator.debt_consequence == DebtConsequence.PREPAY
    if any(not (block.for_debts and only_prepaid) for block in blocks):
        message = _("This plate can't be booked here. Please ask the operator.")
        raise BookingBlockedError(message, errors=[FieldError("plate", message)])
    return bool(blocks)
