"""The page of a spot."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.web.htmx import page_response
from lots.access import get_managed_lot
from lots.models import Spot, SpotStatus
from office.lots.bay_forms import CloseBaysForm
from office.lots.words import STATES
from tickets.models import Ticket

LAST_STAYS = 10


@require_safe
@role_required(Role.ADMIN)
def spot_page(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Show a spot's state, its current and earlier stays, and the button that takes it out of use."""
    lot = get_managed_lot(request, slug)
    spot = get_object_or_404(Spot.objects.select_related("level__lot", "zone"), lot=lot, pk=pk)
    stays = list(Ticket.objects.filter(spot=spot).order_by("-entry_at")[: LAST_STAYS + 1])
    present = next((stay for stay in stays if stay.pk == spot.stay), None)
    before = [stay for stay in stays if stay != present][:LAST_STAYS]
    status = STATES[SpotStatus(spot.status)]
    context = {"lot": lot, "spot": spot, "status": status, "present": present, "before": before}
    context["close_form"] = CloseBaysForm(spot.level)
    return page_response(request, "office/lots/spot.html", context)
