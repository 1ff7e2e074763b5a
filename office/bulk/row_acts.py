"""What can be done with many rows of the office's lists, each row by the service that does it with one."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import operators_of
from accounts.models import Role, User
from billing.models import Debt
from billing.services import write_off_debt
from common.errors import ConflictError
from lists.bulk_acts import BulkAct, RowToDo
from lots.access import lots_visible_to
from notifications.models import Message
from notifications.services import send_again, stuck
from office.bookings.bookings_at_work import shown_bookings
from office.messages.outbox_queries import messages_of
from office.money.debt_list import debts_managed_by
from reservations.models import Reservation
from reservations.policy import cancel_fee
from reservations.services import cancel_booking
from tickets.models import Ticket
from tickets.queries import with_fee_parts
from tickets.services import return_from_review, review_ticket, void_from_review


class NotAsShownError(ConflictError):
    """The row is no longer as its person saw it."""

    code = "not_as_shown"


def _stays(person: User, keys: Collection[int]) -> QuerySet[Ticket]:
    return with_fee_parts().filter(pk__in=keys, lot__in=lots_visible_to(person, Role.ADMIN))


def _debts(person: User, keys: Collection[int]) -> QuerySet[Debt]:
    return debts_managed_by(person).filter(pk__in=keys)


def _messages(person: User, keys: Collection[int]) -> QuerySet[Message]:
    return stuck(messages_of(operators_of(person, Role.ADMIN))).filter(pk__in=keys)


def _bookings(person: User, keys: Collection[int]) -> QuerySet[Reservation]:
    return shown_bookings().filter(pk__in=keys, lot__in=lots_visible_to(person, Role.ADMIN))


def _stay_name(stay: Ticket) -> str:
    return stay.plate or stay.number


def _return(one: RowToDo) -> None:
    return_from_review(ticket=one.row, at=one.at, why=one.given["why"], by=one.by)


def _back_to_review(one: RowToDo) -> None:
    review_ticket(ticket=one.row, at=one.at, why=one.given["why"], by=one.by)


def _void(one: RowToDo) -> None:
    void_from_review(ticket=one.row, at=one.at, why=one.given["why"], by=one.by)


def _write_off(one: RowToDo) -> None:
    if not write_off_debt(debt=one.row, agreed=one.agreed, reason=one.given["why"], by=one.by, at=one.at):
        raise NotAsShownError(gettext("Nothing is owed any more, or more than was shown."))


def _send(one: RowToDo) -> None:
    send_again(message=one.row, at=one.at)


def _cancel(one: RowToDo) -> None:
    booking, is_free = one.row, bool(one.given.get("free"))
    if not is_free and fee_of_cancelling(booking, one.at) != one.agreed:
        raise NotAsShownError(gettext("Cancelling costs something else by now. Please look at it again."))
    cancel_booking(booking=booking, at=one.at, free=is_free, by_operator=one.by, why=one.given["why"])


def fee_of_cancelling(booking: Reservation, at: Any) -> int:
    """Return what cancelling a booking costs its driver now, in minor units."""
    return cancel_fee(booking.price_amount, booking.late_cancel_percent, booking.cancel_free_until, at=at)


RETURN = BulkAct("return", _("Mark as still parked"), _stays, _stay_name, _return, undo=_back_to_review)
VOID = BulkAct("void", _("Void as never a stay"), _stays, _stay_name, _void)
WRITE_OFF = BulkAct("write_off", _("Write off"), _debts, lambda debt: debt.plate or debt.charge.label, _write_off)
SEND = BulkAct("send", _("Send again"), _messages, lambda message: message.recipient, _send)
CANCEL = BulkAct("cancel", _("Cancel the bookings"), _bookings, lambda booking: booking.code, _cancel)
ACTS = (RETURN, VOID, WRITE_OFF, SEND, CANCEL)
