"""What a person can export of their own: the same rows as the lists of My parking."""

from functools import partial

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Vehicle
from billing.models import Document, Payment
from billing.money_columns import DOCUMENT_COLUMNS, OWN_PAYMENT_COLUMNS
from common.web.forms import cleaned
from driver.own_bookings import bookings
from driver.own_history import HistoryFilter, kept_stays
from driver.own_stays import past_stays, stays_of
from exports.export_kinds import ExportKind
from exports.models import WhoseRows
from exports.person_columns import VEHICLE_COLUMNS
from passes.access import passes_of
from passes.models import PassQuerySet
from passes.pass_columns import PASS_COLUMNS
from reservations.booking_columns import BOOKING_COLUMNS
from reservations.models import ReservationQuerySet, ReservationStatus
from tickets.access import payments_of
from tickets.models import TicketQuerySet
from tickets.queries import documents_about
from tickets.stay_columns import STAY_COLUMNS


def _stays(person: User, query: QueryDict) -> TicketQuerySet:
    # The list names its days otherwise than the API.
    for list_name, name in (("since", "from"), ("until", "to")):
        query.setdefault(list_name, query.get(name, ""))
    return kept_stays(past_stays(stays_of(person)), cleaned(HistoryFilter(query, driver=person)))


def _payments(person: User, _query: QueryDict) -> QuerySet[Payment]:
    return payments_of(person).order_by("-created_at", "-pk")


def _documents(person: User, _query: QueryDict) -> QuerySet[Document]:
    return documents_about(person)


def _bookings(person: User, _query: QueryDict) -> ReservationQuerySet:
    return bookings().filter(driver=person).exclude(status=ReservationStatus.LAPSED).order_by("-starts_at", "-pk")


def _passes(person: User, _query: QueryDict) -> PassQuerySet:
    return passes_of(person).order_by("-created_at", "-pk")


def _vehicles(person: User, _query: QueryDict) -> QuerySet[Vehicle]:
    return person.vehicles.all()


_own = partial(ExportKind, whose=WhoseRows.OWN)
_CHARGED = "charge__lot"
KINDS = (
    _own(
        "stays",
        _("Stays"),
        columns=STAY_COLUMNS,
        rows=_stays,
        moment="entry_at",
        takes_days=True,
        filters=frozenset({"q", "plate"}),
    ),
    _own(
        "payments", _("Payments"), columns=OWN_PAYMENT_COLUMNS, rows=_payments, moment="created_at", lot="charge__lot"
    ),
    _own("documents", _("Documents"), columns=DOCUMENT_COLUMNS, rows=_documents, moment="issued_at"),
    _own("reservations", _("Bookings"), columns=BOOKING_COLUMNS, rows=_bookings, moment="starts_at"),
    _own("passes", _("Passes"), columns=PASS_COLUMNS, rows=_passes, moment="created_at"),
    _own("vehicles", _("Vehicles"), columns=VEHICLE_COLUMNS, rows=_vehicles, moment="added_at", lot=""),
)
