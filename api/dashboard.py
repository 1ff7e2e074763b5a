"""API endpoints for signed-in people: dashboard, activities, revenue, and their own data."""

from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Query, Router

from accounts.models import Role
from analytics.scope import scope_of
from api.auth import people_auth, person_of
from api.dashboard_answers import USUAL_PERIOD, analytics_json, dashboard_json
from api.dashboard_examples import ANALYTICS, DASHBOARD
from api.dashboard_schemas import (
    ActivitiesOut,
    AnalyticsOut,
    DashboardOut,
    MeOut,
    OwnTicketIn,
    TicketOut,
    TicketsOut,
    TicketsQuery,
)
from api.described_calls import described
from api.lot_examples import ACTIVITIES, REVENUE
from api.page_numbers import paged
from api.revenue_answers import revenue_json, span_of
from api.revenue_schemas import RevenueQuery, RevenueSummaryOut
from api.stay_examples import ME, OWN_STAY, STAYS
from billing.models import SavedMethod
from common.errors import ForbiddenError, InvalidValueError
from common.time import parse_instant
from gates.feed import recent_activities
from lots.access import load_lot, lots_visible_to
from tickets.lookups import look_up_own
from tickets.models import Ticket, TicketStatus
from tickets.queries import with_fee_parts
from tickets.services import prove_stay

router = Router(tags=["People"], auth=people_auth)


@router.get(
    "/lots/{slug}/dashboard",
    response=DashboardOut,
    summary="A lot’s figures of today",
    openapi_extra=described(answers={200: DASHBOARD}, refused={403: {"forbidden": "You are no admin of the lot."}}),
)
def get_dashboard(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Return a lot's figures of today and what needs attention. For its admins."""
    return dashboard_json(load_lot(person_of(request), slug, Role.ADMIN), now())


@router.get(
    "/lots/{slug}/analytics",
    response=AnalyticsOut,
    summary="A lot’s figures of the last days",
    by_alias=True,
    openapi_extra=described(
        answers={200: ANALYTICS},
        refused={403: {"forbidden": "You are no admin of the lot."}},
    ),
)
def get_analytics(
    request: HttpRequest, slug: str, period: Annotated[str, Field(max_length=10)] = USUAL_PERIOD
) -> dict[str, Any]:
    """Return cars, money and how full a lot was on each of its last days, and in total. For its admins.

    The `period` is a number of days, weeks or months, such as `7d`, `4w` or `3m`, of a year at most. Today is its last
    day.
    """
    return analytics_json(load_lot(person_of(request), slug, Role.ADMIN), period, now())


@router.get(
    "/lots/{slug}/activities",
    response=ActivitiesOut,
    summary="What happened last at a lot’s gates",
    openapi_extra=ACTIVITIES,
)
def get_activities(request: HttpRequest, slug: str, limit: Annotated[int, Field(ge=1, le=100)] = 10) -> dict[str, Any]:
    """Return the latest events at a lot's gates, newest first. For its attendants and admins."""
    lot = load_lot(person_of(request), slug)
    return {"items": recent_activities([lot.pk], limit=limit)}


@router.get(
    "/revenue-summary", response=RevenueSummaryOut, by_alias=True, summary="Revenue of days", openapi_extra=REVENUE
)
def get_revenue_summary(request: HttpRequest, query: Query[RevenueQuery]) -> dict[str, Any]:
    """Return what was charged, credited, captured and refunded from one day to another. For admins.

    Grouped by `day`, `lot` or `method`; without days, of today. All figures are those of the books.
    """
    person = person_of(request)
    if query.lot:
        load_lot(person, query.lot, Role.ADMIN)
    scope = scope_of(person, query.lot)
    if not scope.lots:
        raise ForbiddenError(_("Only admins can see revenue."))
    return revenue_json(scope, span_of(query.since, query.until, scope, now()), query.group_by)


@router.get("/me", response=MeOut, summary="Who I am", openapi_extra=ME)
def get_me(request: HttpRequest) -> dict[str, Any]:
    """Return your name, your memberships, your vehicles and your saved cards."""
    person = person_of(request)
    return {
        "email": person.email,
        "name": person.name,
        "memberships": list(person.memberships.select_related("operator", "user").order_by("operator__name")),
        "vehicles": list(person.vehicles.all()),
        "saved_methods": list(SavedMethod.objects.usable().filter(owner=person)),
    }


@router.post("/me/tickets", response=TicketOut, summary="Add a stay to your own", openapi_extra=OWN_STAY)
def add_ticket(request: HttpRequest, body: OwnTicketIn) -> dict[str, Any]:
    """Add a stay to your own by the number, token or link of its ticket. Idempotent."""
    person = person_of(request)
    ticket, kind = look_up_own(request, person, body.ticket)
    prove_stay(ticket=ticket, driver=person, kind=kind, at=now())
    return _ticket(ticket)


@router.get("/tickets", response=TicketsOut, summary="List stays", openapi_extra=STAYS)
def get_tickets(request: HttpRequest, query: Query[TicketsQuery]) -> dict[str, Any]:
    """List stays, newest first: your own, and all at the lots you work for. `from` and `to` limit the time of entry."""
    person = person_of(request)
    own = Ticket.objects.proven_by(person).values("pk")
    # Evaluated here, so that a driver, who works nowhere, gets a query for their own stays only.
    lots = list(lots_visible_to(person).order_by().values_list("pk", flat=True))
    stays = with_fee_parts().filter(Q(pk__in=own) | Q(lot__in=lots))
    if query.status:
        if query.status not in TicketStatus.values:
            raise InvalidValueError(
                _("The status must be one of %(statuses)s.") % {"statuses": ", ".join(TicketStatus.values)},
                path="status",
            )
        stays = stays.filter(status=query.status)
    if query.since:
        stays = stays.filter(entry_at__gte=parse_instant(query.since, path="from"))
    if query.until:
        stays = stays.filter(entry_at__lt=parse_instant(query.until, path="to"))
    answer = paged(stays.order_by("-entry_at", "-pk"), query.page, query.page_size)
    return answer | {"items": [_ticket(ticket) for ticket in answer["items"]]}


def _ticket(ticket: Ticket) -> dict[str, Any]:
    charge = ticket.charge
    return {
        "number": ticket.number,
        "status": ticket.status,
        "lot": ticket.lot.slug,
        "plate": ticket.plate,
        "entry_time": ticket.entry_at,
        "exit_time": ticket.exit_at,
        "spot": ticket.spot.number if ticket.spot else None,
        "level": ticket.level.number if ticket.level else None,
        "currency": ticket.lot.currency,
        "due": charge.due_amount if charge else 0,
        "paid": charge.captured_amount - charge.refunded_amount if charge else 0,
        "owed": charge.balance_amount if charge else 0,
    }
