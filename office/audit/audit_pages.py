"""The record of changes: who changed which rule, role or price, when and how."""

from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Role, User
from analytics.scope import scope_of
from audit.models import AuditEntry
from common.web.paging import page_by_time
from lots.models import Lot
from office.audit.audit_filter import AuditFilter
from office.audit.entry_words import told_entries


@require_safe
@operator_required
def audit(request: PersonRequest) -> HttpResponse:
    """List the changes at the person's operators, the latest first."""
    scope = scope_of(request.user)
    zone = ZoneInfo(scope.zone)
    own = _own(request)
    form = AuditFilter(request.GET, people=_people_of(own), lots=scope.lots)
    valid = form.is_valid()
    found = form.chosen(own, zone) if valid else own.none()
    page = page_by_time(found.select_related("operator", "by"), request)
    context = {
        "form": form,
        "page": page,
        "told": told_entries(page, zone),
        "zone": scope.zone,
        "several": operators_of(request.user, Role.ADMIN).count() > 1,
    }
    return render(request, "office/audit/list.html", context, status=200 if valid else 422)


@require_safe
@operator_required
def audit_entry(request: PersonRequest, pk: int) -> HttpResponse:
    """Show one change: each column before and after, who made it, from where, and its place in the chain."""
    entry = get_object_or_404(_own(request).select_related("operator", "by"), pk=pk)
    zone = scope_of(request.user).zone
    (told,) = told_entries([entry], ZoneInfo(zone))
    lot = Lot.objects.filter(pk=entry.lot or 0).first() if entry.subject == "billing_tariff" else None
    context = {"told": told, "entry": entry, "zone": zone, "priced_lot": lot}
    return render(request, "office/audit/entry.html", context)


def _own(request: PersonRequest) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(operator__in=operators_of(request.user, Role.ADMIN))


def _people_of(entries: QuerySet[AuditEntry]) -> QuerySet[User]:
    made = entries.order_by().values("by")
    return User.objects.filter(pk__in=made).order_by("name", "email")
