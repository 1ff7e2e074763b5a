"""Where a driver's car stands: the plan of its level with its bay marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, login_required_page
from driver.own_stays import stays_of
from lots.models import Level, Spot, Zone
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class PlanBay:
    """A bay as the plan draws it; whether others' bays are taken is not told."""

    number: str
    spot_type: str
    status: str
    is_mine: bool


@require_safe
@login_required_page
def own_place(request: PersonRequest, number: str) -> HttpResponse:
    """Show the plan of the level on which an open stay's car has a bay; 404 for another's stay and without a bay."""
    ticket = stays_of(request.user).open().filter(number=number, spot__isnull=False).first()
    if ticket is None or ticket.level is None:
        raise Http404("There is no such stay with a spot.")
    return render(request, "driver/me/plan.html", {"ticket": ticket, "zones": list(_zones(ticket, ticket.level))})


def _zones(ticket: Ticket, level: Level) -> Iterator[tuple[Zone, list[PlanBay]]]:
    spots = Spot.objects.filter(level=level).select_related("zone").order_by("zone__pk", "ordinal", "pk")
    for zone, bays in groupby(spots, key=lambda spot: spot.zone):
        yield zone, [_bay(spot, is_mine=spot.pk == ticket.spot_id) for spot in bays]


def _bay(spot: Spot, *, is_mine: bool) -> PlanBay:
    return PlanBay(spot.number, spot.spot_type, "occupied" if is_mine else "available", is_mine=is_mine)
