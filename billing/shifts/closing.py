"""Counting a till blind, closing it, and an admin's reopening."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from billing.models import (
    CashMovement,
    MovementKind,
    Shift,
    ShiftCount,
    ShiftReopening,
    ShiftState,
    TenderKind,
)
from billing.shifts.counting import Counted, needs_note
from billing.shifts.opening import left_in_drawer, save_unfinished
from billing.shifts.till import TillSum, sums_of_till
from common.errors import ConflictError, DomainError, FieldError, ForbiddenError, InvalidValueError
from lots.access import has_role_at


class ShiftClosedError(ConflictError):
    """The shift is over."""

    code = "shift_closed"


class ShiftNotClosedError(ConflictError):
    """Only a closed shift can be reopened."""

    code = "shift_not_closed"


class CountedBeforeError(ConflictError):
    """A count can't be changed."""

    code = "already_counted"


class NotCountedError(ConflictError):
    """The till has to be counted first."""

    code = "not_counted"


class DifferenceNoteMissingError(DomainError):
    """The till is off by more than the operator tolerates, and nobody said why."""

    code = "note_missing"


def lock_shift(shift: Shift) -> Shift:
    """Return the shift as it is now, locked until the transaction ends, with its lot's operator."""
    rows = Shift.objects.select_for_update(of=["self"], no_key=True).select_related("lot__operator", "person", "device")
    return rows.get(pk=shift.pk)


def require_may_count(shift: Shift, by: User) -> None:
    """Raise ForbiddenError for anybody but the cashier and the lot's admins."""
    if by.pk != shift.person_id and not has_role_at(by, Role.ADMIN, shift.lot):
        raise ForbiddenError(_("Only its cashier or an admin may do that with this shift."))


@transaction.atomic
def start_count(*, shift: Shift, by: User, at: datetime) -> Shift:
    """Stop a till from taking money, so that it can be counted; idempotent.

    Sales that are being recorded are waited for. Raises ForbiddenError, ShiftClosedError (409).
    """
    require_may_count(shift, by)
    shift = lock_shift(shift)
    _require_not_closed(shift)
    if shift.is_open:
        shift.state, shift.counting_at = ShiftState.COUNTING, at
        shift.save(update_fields=["state", "counting_at"])
    return shift


@transaction.atomic
def record_count(
    *, shift: Shift, cash: Mapping[str, Counted], cards: int | None, by: User, at: datetime
) -> list[ShiftCount]:
    """Record what was counted, with what is expected, which nobody has seen before; it can't be changed after.

    `cash` is by currency: the till's own, and each other that it took. `cards` is the sum of the terminal's slips in
    the till's currency, None when nobody counts them. Raises ForbiddenError, NotCountedError (409) before
    `start_count`, CountedBeforeError (409), ShiftClosedError (409), InvalidValueError for a missing or impossible sum.
    """
    require_may_count(shift, by)
    shift = lock_shift(shift)
    _require_not_closed(shift)
    if shift.is_open:
        raise NotCountedError(_("Stop taking money first: begin the count."))
    if shift.is_counted:
        raise CountedBeforeError(_("This till has been counted, and a count can't be changed."))
    sums = sums_of_till(shift)
    counted = _counted(shift, cash, cards, sums)
    counts = ShiftCount.objects.bulk_create(
        ShiftCount(
            shift=shift,
            round=shift.round,
            tender=tender,
            currency=currency,
            counted_amount=one.amount,
            expected_amount=_expected(sums, tender, currency),
            pieces=None if one.pieces is None else {str(value): number for value, number in one.pieces.items()},
            counted_by=by,
            counted_at=at,
        )
        for (tender, currency), one in counted.items()
    )
    shift.counted_at = at
    shift.save(update_fields=["counted_at"])
    return counts


def _counted(
    shift: Shift, cash: Mapping[str, Counted], cards: int | None, sums: list[TillSum]
) -> dict[tuple[str, str], Counted]:
    """Return the counts by tender and currency. Raises InvalidValueError."""
    held = {row.currency for row in sums if row.tender == TenderKind.CASH}
    for currency in sorted(held - cash.keys()):
        raise InvalidValueError(_("Count the %(currency)s too.") % {"currency": currency}, path=f"cash_{currency}")
    counted = {(TenderKind.CASH.value, currency): one for currency, one in cash.items() if currency in held}
    for currency, one in cash.items():
        one.require_possible(f"cash_{currency}")
    if cards is not None:
        slips = Counted(cards)
        slips.require_possible("cards")
        counted[TenderKind.CARD.value, shift.currency] = slips
    return counted


def _expected(sums: list[TillSum], tender: str, currency: str) -> int:
    return sum(row.amount for row in sums if (row.tender, row.currency) == (tender, currency))


@transaction.atomic
def close_shift(*, shift: Shift, left_amount: int, note: str, by: User, at: datetime) -> Shift:
    """Close a counted till: what is left in the drawer (minor units) is for the next cashier, the rest for the safe.

    Raises ForbiddenError, ShiftClosedError (409), NotCountedError (409), InvalidValueError when more is to be left than
    was counted, DifferenceNoteMissingError when it is off by more than the operator's tolerance without a note.
    """
    require_may_count(shift, by)
    shift = lock_shift(shift)
    _require_not_closed(shift)
    if not shift.is_counted:
        raise NotCountedError(_("Count the till first."))
    counts = list(shift.counts.filter(round=shift.round))
    in_drawer = next(
        count.counted_amount for count in counts if (count.tender, count.currency) == ("cash", shift.currency)
    )
    if not 0 <= left_amount <= in_drawer:
        raise InvalidValueError(_("No more can be left than was counted."), path="left_amount")
    if needs_note(counts, shift.lot.operator) and not note.strip():
        message = _("Say what may have happened: the till is off by more than is tolerated.")
        raise DifferenceNoteMissingError(message, errors=[FieldError("note", message)])
    put_away = {MovementKind.DROP: in_drawer - left_amount, MovementKind.HANDED_OVER: left_amount}
    CashMovement.objects.bulk_create(
        CashMovement(
            shift=shift,
            kind=kind,
            amount=amount,
            reason="",
            closes_round=shift.round,
            moved_by=by,
            idempotency_key=f"close-{shift.pk}-{shift.round}-{kind.value}",
            created_at=at,
        )
        for kind, amount in put_away.items()
        if amount
    )
    shift.state, shift.closed_at, shift.closed_by, shift.note = ShiftState.CLOSED, at, by, note.strip()
    shift.save(update_fields=["state", "closed_at", "closed_by", "note"])
    return shift


@transaction.atomic
def reopen_shift(*, shift: Shift, by: User, reason: str, at: datetime) -> Shift:
    """Open a closed shift again, by an admin with a reason; its count stays on record, and it is counted again.

    What it had left in the drawer is in the till again, unless the next cashier has taken it over. Raises
    ForbiddenError, InvalidValueError without a reason, ShiftNotClosedError (409), ShiftOpenError (409) when its cashier
    has another one, DrawerTakenError (409).
    """
    if not has_role_at(by, Role.ADMIN, shift.lot):
        raise ForbiddenError(_("Only an admin may reopen a shift."))
    if not reason.strip():
        raise InvalidValueError(_("Say why in a few words."), path="reason")
    shift = lock_shift(shift)
    if not shift.is_closed:
        raise ShiftNotClosedError(_("This shift is not closed."))
    ShiftReopening.objects.create(
        shift=shift, round=shift.round, reason=reason.strip(), note=shift.note, reopened_by=by, reopened_at=at
    )
    left = 0 if shift.followers.exists() else left_in_drawer(shift)
    shift.state, shift.round, shift.note = ShiftState.OPEN, shift.round + 1, ""
    shift.counting_at = shift.counted_at = shift.closed_at = shift.closed_by = None
    save_unfinished(shift)
    if left:
        CashMovement.objects.create(
            shift=shift,
            kind=MovementKind.PAID_IN,
            amount=left,
            reason=_("Still in the drawer when the shift was reopened"),
            moved_by=by,
            idempotency_key=f"reopen-{shift.pk}-{shift.round}",
            created_at=at,
        )
    return shift


def _require_not_closed(shift: Shift) -> None:
    if shift.is_closed:
        raise ShiftClosedError(_("This shift has been closed already."))
