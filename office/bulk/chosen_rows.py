"""Which rows of a list an act is for: those that were ticked, or all that the list's filter finds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from analytics.scope import scope_of
from common.translation import money_said
from common.web.forms import cleaned
from common.web.listing import Listing
from lists.bulk_acts import BulkAct
from lists.services.batches import MOST_ROWS
from notifications.services import stuck
from office.bookings.booking_list import BOOKINGS_LIST, BookingsFilter, find_bookings
from office.bulk.bulk_forms import BulkCancelForm, BulkForm, BulkWhyForm
from office.bulk.row_acts import CANCEL, RETURN, SEND, VOID, WRITE_OFF, fee_of_cancelling
from office.messages.outbox_list import MESSAGES, MessagesFilter, find_messages
from office.money.debt_list import DEBTS, DebtsFilter, find_debts
from office.stays.stay_list import REVIEWS, ReviewsFilter, find_reviews


@dataclass(frozen=True, slots=True)
class ListAct:
    """An act on a list's rows: `found` returns all that the list's query string asks for.

    `agreed` is the amount of a row that its person agrees to, in minor units; `currency` is its currency. `warning`
    says what can't be undone.
    """

    act: BulkAct
    listing: Listing
    found: Callable[[User, QueryDict], QuerySet[Any]]
    form: type[BulkForm] = BulkWhyForm
    tick: str = "row"
    ticked_by: str = "pk"
    agreed: Callable[[Any, datetime], int] | None = None
    currency: Callable[[Any], str] = lambda _row: ""
    warning: Any = ""


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """A row that was chosen: its key, what people call it, and the amount agreed to."""

    key: int
    name: str
    agreed: int
    currency: str

    @property
    def said(self) -> str:
        """Return the amount in words; empty where there is none."""
        return money_said(self.agreed, self.currency) if self.currency else ""


def chosen_rows(asked: ListAct, person: User, query: QueryDict, at: datetime) -> list[ChosenRow]:
    """Return the ticked rows, or with `all` those that the filter finds, at most one more than a batch may have.

    Raises DomainError for a filter that does not fit.
    """
    rows = asked.found(person, query)
    if "all" not in query:
        ticked = [value for value in query.getlist(asked.tick) if value and "\0" not in value]
        if asked.ticked_by == "pk":
            ticked = [value for value in ticked if value.isdecimal() and len(value) < 19]  # noqa: PLR2004 - a bigint
        rows = rows.filter(**{f"{asked.ticked_by}__in": ticked[: MOST_ROWS + 1]})
    return [_chosen(asked, row, at) for row in rows[: MOST_ROWS + 1]]


def _chosen(asked: ListAct, row: Any, at: datetime) -> ChosenRow:
    agreed = asked.agreed(row, at) if asked.agreed else 0
    return ChosenRow(row.pk, asked.act.name_of(row), agreed, asked.currency(row))


def _reviews(person: User, query: QueryDict) -> QuerySet[Any]:
    scope = scope_of(person, query.get("lot", ""))
    return REVIEWS.all_rows(find_reviews(scope, cleaned(ReviewsFilter(query, scope))), query)


def _debts(person: User, query: QueryDict) -> QuerySet[Any]:
    scope = scope_of(person, query.get("lot", ""))
    return DEBTS.all_rows(find_debts(person, scope, cleaned(DebtsFilter(query, scope))), query)


def _messages(person: User, query: QueryDict) -> QuerySet[Any]:
    zone = ZoneInfo(scope_of(person).zone)
    return stuck(MESSAGES.all_rows(find_messages(person, cleaned(MessagesFilter(query)), zone), query))


def _bookings(person: User, query: QueryDict) -> QuerySet[Any]:
    scope = scope_of(person, query.get("lot", ""), Role.ADMIN)
    return BOOKINGS_LIST.all_rows(find_bookings(scope, cleaned(BookingsFilter(query, scope))), query)


LIST_ACTS = {
    one.act.name: one
    for one in (
        ListAct(
            RETURN,
            REVIEWS,
            _reviews,
            tick="stay",
            ticked_by="number",
            warning=_("The stays continue from their entries, without a spot. You can undo this."),
        ),
        ListAct(
            VOID,
            REVIEWS,
            _reviews,
            tick="stay",
            ticked_by="number",
            warning=_("Nothing is charged, and the stays are left out of all figures. This can't be undone."),
        ),
        ListAct(
            WRITE_OFF,
            DEBTS,
            _debts,
            agreed=lambda debt, _at: int(debt.charge.balance_amount),
            currency=lambda debt: str(debt.charge.currency),
            warning=_("Each debt is credited with your name and reason. This can't be undone."),
        ),
        ListAct(
            SEND,
            MESSAGES,
            _messages,
            form=BulkForm,
            warning=_("Only messages that could not be delivered are sent again."),
        ),
        ListAct(
            CANCEL,
            BOOKINGS_LIST,
            _bookings,
            form=BulkCancelForm,
            agreed=fee_of_cancelling,
            currency=lambda booking: str(booking.lot.currency),
            warning=_(
                "Each driver gets an email, and back what was paid less what cancelling costs. This can't be undone."
            ),
        ),
    )
}
"""Every act, by its name in the address."""
