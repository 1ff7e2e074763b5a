"""What the people of an operator can export of their lots: the same rows as the lists of the office."""

from dataclasses import fields
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, QuerySet
from django.forms import Form
from django.http import QueryDict
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import BlockedPlate, Membership, Permit, Role, User
from analytics.scope import scope_of
from billing.models import BookLine, Debt, Document, Payment
from billing.money_columns import DEBT_COLUMNS, DOCUMENT_COLUMNS, PAYMENT_COLUMNS, POSTING_COLUMNS
from common.errors import DomainError
from common.plate_hashes import MARK
from common.web.forms import cleaned
from common.web.listing import Sought
from exports.export_kinds import ExportKind
from exports.models import WhoseRows
from exports.person_columns import BLOCK_COLUMNS, MEMBER_COLUMNS, MESSAGE_COLUMNS, PERMIT_COLUMNS
from gates.event_columns import EVENT_COLUMNS
from gates.models import GateEvent
from notifications.models import Message
from office.bookings.booking_list import BOOKINGS_LIST, BookingsFilter, find_bookings
from office.exception_list import EXCEPTIONS, ExceptionsFilter, find_exceptions
from office.list_filters import DaysFilter
from office.messages.outbox_list import MESSAGES, MessagesFilter, find_messages
from office.money.debt_list import DEBTS, DebtsFilter, find_debts
from office.money.document_list import DOCUMENTS, DocumentsFilter, find_documents
from office.money.payment_filter import PAYMENTS, PaymentsFilter, find_payments
from office.passes.pass_list import PASSES, PassesFilter, find_passes, in_order
from office.people.block_list import BLOCKS, BlocksFilter, find_blocks
from office.people.member_list import MEMBERS, MembersFilter, find_members
from office.people.permit_list import PERMITS, PermitsFilter, find_permits
from office.revenue.asking import asked_by
from office.revenue.posting_list import Narrowed, lines_of
from office.stays.activity_list import ACTIVITY, ActivityFilter, find_events
from office.stays.stay_list import STAYS, StaysFilter, find_stays
from passes.models import Pass
from passes.pass_columns import PASS_COLUMNS
from reservations.booking_columns import BOOKING_COLUMNS
from reservations.models import Reservation
from tickets.models import Ticket, TicketStatus
from tickets.stay_columns import PARKED_COLUMNS, STAY_COLUMNS


def _stays(person: User, query: QueryDict) -> QuerySet[Ticket]:
    scope = scope_of(person, query.get("lot", ""))
    return STAYS.all_rows(find_stays(scope, cleaned(StaysFilter(query, scope)), now()), query)


def _payments(person: User, query: QueryDict) -> QuerySet[Payment]:
    scope = scope_of(person, query.get("lot", ""))
    return PAYMENTS.all_rows(find_payments(scope, cleaned(PaymentsFilter(query, scope))), query)


def _documents(person: User, query: QueryDict) -> QuerySet[Document]:
    scope = scope_of(person, query.get("lot", ""), Role.ATTENDANT)
    return DOCUMENTS.all_rows(find_documents(person, scope, cleaned(DocumentsFilter(query, scope))), query)


def _bookings(person: User, query: QueryDict) -> QuerySet[Reservation]:
    scope = scope_of(person, query.get("lot", ""), Role.ATTENDANT)
    return BOOKINGS_LIST.all_rows(find_bookings(scope, cleaned(BookingsFilter(query, scope))), query)


def _passes(person: User, query: QueryDict) -> QuerySet[Pass]:
    scope = scope_of(person, query.get("lot", ""), Role.ATTENDANT)
    found = find_passes(person, scope, cleaned(PassesFilter(query, scope)))
    return PASSES.all_rows(Sought(found), in_order(query))


def _debts(person: User, query: QueryDict) -> QuerySet[Debt]:
    scope = scope_of(person, query.get("lot", ""))
    return DEBTS.all_rows(find_debts(person, scope, cleaned(DebtsFilter(query, scope))), query)


def _events(person: User, query: QueryDict) -> QuerySet[GateEvent]:
    """Return the events of the list of all activity or, with `exceptions`, of the exceptions."""
    scope = scope_of(person, query.get("lot", ""))
    if "exceptions" not in query:
        return ACTIVITY.all_rows(find_events(scope, cleaned(ActivityFilter(query, scope))), query)
    return EXCEPTIONS.all_rows(find_exceptions(scope, cleaned(ExceptionsFilter(query, scope))), query)


def _vehicles(person: User, query: QueryDict) -> QuerySet[Any, Any]:
    """Return the plates that have parked at the lots, each with how often and when."""
    stays = _stays(person, query).filter(plate_normalised__isnull=False).exclude(status=TicketStatus.VOID)
    stays = stays.exclude(plate_normalised__startswith=MARK)  # what stays of those that have run out is no plate
    plates = stays.select_related(None).order_by().values("plate_normalised", "lot__slug", "lot__timezone")
    counted = plates.annotate(
        stays=Count("pk"), kind=Max("vehicle_type"), first_at=Min("entry_at"), last_at=Max("entry_at")
    )
    return counted.order_by("plate_normalised", "lot__slug")


def _messages(person: User, query: QueryDict) -> QuerySet[Message]:
    zone = ZoneInfo(scope_of(person).zone)
    return MESSAGES.all_rows(find_messages(person, cleaned(MessagesFilter(query)), zone), query)


def _members(person: User, query: QueryDict) -> QuerySet[Membership]:
    scope = scope_of(person, query.get("lot", ""))
    return MEMBERS.all_rows(find_members(person, scope, cleaned(MembersFilter(query, scope))), query)


def _blocks(person: User, query: QueryDict) -> QuerySet[BlockedPlate]:
    scope = scope_of(person, query.get("lot", ""))
    return BLOCKS.all_rows(find_blocks(person, scope, cleaned(BlocksFilter(query, scope))), query)


def _permits(person: User, query: QueryDict) -> QuerySet[Permit]:
    return PERMITS.all_rows(find_permits(person, cleaned(PermitsFilter(query))), query)


def _postings(person: User, query: QueryDict) -> QuerySet[BookLine]:
    asked = asked_by(person, query, now())
    if asked.refused:
        raise DomainError(asked.refused)
    return lines_of(asked, Narrowed.of(query))


def _fields(form: type[Form]) -> frozenset[str]:
    """Return the names of a list's filters beside days and lot; lists with columns that sort have an order, too."""
    own = frozenset(form.base_fields) - {"since", "until", "lot"}
    return own | {"sort"} if issubclass(form, DaysFilter) else own


_of_lots = partial(ExportKind, whose=WhoseRows.LOTS, role=Role.ADMIN)
_to_attendants = partial(ExportKind, whose=WhoseRows.LOTS, role=Role.ATTENDANT)
_of_operators = partial(_of_lots, lot="", whole=True, takes_days=True)
_CHARGED = "charge__lot"
KINDS = (
    _of_lots(
        "stays",
        _("Stays"),
        columns=STAY_COLUMNS,
        rows=_stays,
        filters=_fields(StaysFilter),
        moment="entry_at",
        takes_days=True,
    ),
    _of_lots(
        "payments",
        _("Payments"),
        columns=PAYMENT_COLUMNS,
        rows=_payments,
        filters=_fields(PaymentsFilter),
        moment="created_at",
        takes_days=True,
        lot=_CHARGED,
    ),
    _to_attendants(
        "documents",
        _("Documents"),
        columns=DOCUMENT_COLUMNS,
        rows=_documents,
        filters=_fields(DocumentsFilter),
        moment="issued_at",
        takes_days=True,
    ),
    _to_attendants(
        "reservations",
        _("Bookings"),
        columns=BOOKING_COLUMNS,
        rows=_bookings,
        filters=_fields(BookingsFilter),
        moment="starts_at",
        takes_days=True,
    ),
    _to_attendants(
        "passes",
        _("Passes"),
        columns=PASS_COLUMNS,
        rows=_passes,
        filters=_fields(PassesFilter) | {"sort"},
        moment="created_at",
    ),
    _of_lots(
        "debts",
        _("Open debts"),
        columns=DEBT_COLUMNS,
        rows=_debts,
        filters=_fields(DebtsFilter),
        moment="created_at",
        takes_days=True,
        lot=_CHARGED,
    ),
    _of_lots(
        "events",
        _("Events at gates"),
        columns=EVENT_COLUMNS,
        rows=_events,
        filters=_fields(ExceptionsFilter) | _fields(ActivityFilter) | {"exceptions", "day"},
        moment="at",
    ),
    _of_lots(
        "vehicles",
        _("Vehicles that parked"),
        columns=PARKED_COLUMNS,
        rows=_vehicles,
        filters=_fields(StaysFilter),
        moment="entry_at",
        takes_days=True,
    ),
    _of_operators(
        "messages",
        _("Messages"),
        columns=MESSAGE_COLUMNS,
        rows=_messages,
        filters=_fields(MessagesFilter),
        moment="created_at",
    ),
    _of_operators(
        "members",
        _("People"),
        columns=MEMBER_COLUMNS,
        rows=_members,
        filters=_fields(MembersFilter),
        moment="since",
        takes_lots=True,
    ),
    _of_operators(
        "blocks",
        _("Blocked plates"),
        columns=BLOCK_COLUMNS,
        rows=_blocks,
        filters=_fields(BlocksFilter),
        moment="blocked_at",
        takes_lots=True,
    ),
    _of_operators(
        "permits",
        _("Permits"),
        columns=PERMIT_COLUMNS,
        rows=_permits,
        filters=_fields(PermitsFilter),
        moment="valid_from",
    ),
    _of_lots(
        "revenue",
        _("Revenue postings"),
        columns=POSTING_COLUMNS,
        rows=_postings,
        filters=frozenset(one.name for one in fields(Narrowed)) | {"period"},
        moment="at",
        takes_days=True,
    ),
)
