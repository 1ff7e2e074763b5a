"""Lots: the list, a new lot, and one lot with its settings and closing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, operator_required, operators_of, role_required
from accounts.models import Operator, Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.htmx import live_response, page_response
from common.web.paging import page_of
from lots.access import get_managed_lot, lots_visible_to
from lots.models import Lot
from lots.queries import with_counts, with_words
from lots.services import close_lot, create_lot, reopen_lot, update_lot
from office.lots.lot_form import LotForm
from office.lots.pages import lot_context

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@role_required(Role.ADMIN)
def lot_list(request: PersonRequest) -> HttpResponse:
    """List the person's lots with their occupancy.

    `?q=` filters by name and address; `?archived=yes` lists the archived lots instead.
    """
    text, archived = request.GET.get("q", ""), request.GET.get("archived") == "yes"
    lots = lots_visible_to(request.user, Role.ADMIN)
    listed = with_counts(with_words(lots.exclude(archived_at=None) if archived else lots.in_use(), text))
    page = page_of(listed.select_related("operator").order_by("name", "pk"), request)
    count = lots.exclude(archived_at=None).count()
    context = {"page": page, "q": text, "archived": archived, "archived_count": count}
    return page_response(request, "office/lots/list.html", context)


@form_page
@operator_required
def lot_new(request: PersonRequest) -> HttpResponse:
    """Add a lot, which is not public until it is published."""
    operator, operators = chosen_operator(request)
    form = LotForm(request.POST or None, operator=operator, initial={"timezone": _usual_timezone(operator)})
    if request.method == "POST" and form.is_valid():
        try:
            lot = create_lot(operator=operator, values=form.values(), at=now())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("%(lot)s added. Next: its spots.") % {"lot": lot.name})
            return redirect("office:lot", lot.slug)
    context = {"form": form, "operator": operator, "operators": operators}
    return page_response(request, "office/lots/new.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(Role.ADMIN)
def lot_page(request: PersonRequest, slug: str) -> HttpResponse:
    """Show a lot's levels with their free spots (the live part), and the form that adds spots."""
    lot = get_managed_lot(request, slug)
    context = lot_context(lot)
    shown = [[row.level.pk, row.level.name, [zone.name for zone in row.zones], row.totals] for row in context["rows"]]
    return live_response(request, "office/lots/lot.html#live", context, etag_source=[lot.is_closed, shown])


@form_page
@role_required(Role.ADMIN)
def lot_settings(request: PersonRequest, slug: str) -> HttpResponse:
    """Change a lot's settings."""
    lot = get_managed_lot(request, slug)
    form = LotForm(request.POST or None, operator=lot.operator, instance=lot)
    if request.method == "POST" and form.is_valid():
        try:
            lot = update_lot(lot=lot, values=form.values())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Settings saved."))
            return redirect("office:lot_settings", lot.slug)
    shown = Lot.objects.get(pk=lot.pk)  # the form has put unsaved values into `lot`
    context = {"form": form, "lot": shown}
    return page_response(request, "office/lots/settings.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(Role.ADMIN)
def lot_closing(request: PersonRequest, slug: str) -> HttpResponse:
    """Close a lot for walk-ins, or reopen it."""
    lot = get_managed_lot(request, slug)
    if request.POST.get("closed") == "yes":
        close_lot(lot=lot)
        messages.success(
            request, _("%(lot)s is closed for walk-ins. Exits, passes and bookings still work.") % {"lot": lot.name}
        )
    else:
        reopen_lot(lot=lot)
        messages.success(
            request, _("%(lot)s is open for walk-ins again, within its opening hours.") % {"lot": lot.name}
        )
    return redirect("office:lot", lot.slug)


def chosen_operator(request: PersonRequest) -> tuple[Operator, list[Operator]]:
    """Return the operator chosen for a new lot, and all the choices."""
    operators = list(operators_of(request.user, Role.ADMIN))
    wished = _asked_operator(request)
    return next((one for one in operators if one.slug == wished), operators[0]), operators


def _asked_operator(request: HttpRequest) -> str:
    return str(request.POST.get("operator") or request.GET.get("operator") or "")


def _usual_timezone(operator: Operator) -> str:
    """Return the timezone of the operator's newest lot, or UTC."""
    lot = Lot.objects.filter(operator=operator).order_by("-created_at").first()
    return lot.timezone if lot else "UTC"
