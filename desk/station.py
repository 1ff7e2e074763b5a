"""Where an attendant works: a lot and one of its exit lanes, remembered in the session."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.access import PersonRequest, View, has_role, login_required_page
from accounts.models import Role, User
from lots.access import LotName, lot_names
from lots.gate_rules import Direction
from lots.models import Gate, Lot
from tickets.models import Ticket, TicketStatus
from tickets.numbers import InvalidNumberError, parse_number
from tickets.queries import with_fee_parts

P = ParamSpec("P")

LOT_KEY = "desk_lot"
LANES_KEY = "desk_lanes"


@dataclass(frozen=True, slots=True)
class Station:
    """A lot of the attendant's, all gates of it, and the exit lane they work at (None: the lot has no exit)."""

    lot: Lot
    lots: tuple[LotName, ...]
    gates: list[Gate]
    lane: Gate | None

    @property
    def lane_query(self) -> str:
        """Return the query string that keeps the lane."""
        return urlencode({"lane": self.lane.code}) if self.lane else ""

    @property
    def query(self) -> str:
        """Return the query string that keeps lot and lane, so that two windows at two lots don't mix."""
        return "&".join(filter(None, [urlencode({"lot": self.lot.slug}), self.lane_query]))

    @property
    def exits(self) -> list[Gate]:
        """Return the lanes on which cars leave."""
        return [gate for gate in self.gates if gate.direction == Direction.EXIT]

    @property
    def entries(self) -> list[Gate]:
        """Return the lanes on which cars come in."""
        return [gate for gate in self.gates if gate.direction == Direction.ENTRY]


DeskView = Callable[Concatenate[PersonRequest, Station, P], HttpResponseBase]
StayView = Callable[Concatenate[PersonRequest, Station, Ticket, P], HttpResponseBase]


def at_desk(view: DeskView[P]) -> View[P]:
    """Pass the attendant's station to a view; without any lot, answer what to do."""

    @wraps(view)
    def shown(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        lots = _lots_of(request.user)
        if not lots:
            return _without_lot(request)
        return view(request, _station(request, lots, _lot(_chosen_lot(request, lots))), *args, **kwargs)

    return login_required_page(shown)


def at_stay(view: StayView[[]]) -> View[[str]]:
    """Pass a view the stay of the number in its address, in a lot of the attendant's, and the station there."""

    @wraps(view)
    def shown(request: PersonRequest, number: str) -> HttpResponseBase:
        lots = _lots_of(request.user)
        ticket = _ticket(lots, number)
        lot_id = _lot_to_serve_in(request, lots, ticket)
        lot = ticket.lot if lot_id == ticket.lot_id else _lot(lot_id)
        return view(request, _station(request, lots, lot), ticket)

    return login_required_page(shown)


def _lots_of(user: User) -> tuple[LotName, ...]:
    """Return the lots at which the person works, or end the page with 403 for one who works nowhere."""
    lots = lot_names(user)
    if not lots and not has_role(user, Role.ATTENDANT):
        raise PermissionDenied
    return lots


def _ticket(lots: tuple[LotName, ...], number: str) -> Ticket:
    try:
        found = with_fee_parts().filter(lot__in=[lot.pk for lot in lots], number=parse_number(number)).first()
    except InvalidNumberError as error:
        raise Http404(error.message) from error
    if found is None:
        raise Http404("There is no such ticket.")
    return found


def _lot_to_serve_in(request: PersonRequest, lots: tuple[LotName, ...], ticket: Ticket) -> int:
    """Return the lot of a stay that is open; a debt can be paid at any lot of its operator."""
    if ticket.status != TicketStatus.CLOSED:
        return ticket.lot_id
    own = {lot.slug: lot.pk for lot in lots if lot.operator_id == ticket.lot.operator_id}
    code = request.GET.get("lane", "").replace("\0", "")
    lanes = Gate.objects.filter(code=code, lot__in=own.values()).values_list("lot_id", flat=True)
    asked = lanes.first() if code else None
    return asked or own.get(request.session.get(LOT_KEY, ""), ticket.lot_id)


def _chosen_lot(request: PersonRequest, lots: tuple[LotName, ...]) -> int:
    by_slug = {lot.slug: lot.pk for lot in lots}
    asked = request.GET.get("lot")
    if asked is not None and asked not in by_slug:
        raise Http404("There is no such lot.")
    return by_slug.get(asked or request.session.get(LOT_KEY, "")) or _first_with_exit(lots)


def _first_with_exit(lots: tuple[LotName, ...]) -> int:
    keys = [lot.pk for lot in lots]
    ways_out = set(Gate.objects.filter(lot__in=keys, direction=Direction.EXIT).values_list("lot_id", flat=True))
    return next((key for key in keys if key in ways_out), keys[0])


def _lot(lot_id: int) -> Lot:
    return Lot.objects.get(pk=lot_id)


def _station(request: PersonRequest, lots: tuple[LotName, ...], lot: Lot) -> Station:
    gates = list(Gate.objects.filter(lot=lot).select_related("held_open_by").order_by("direction", "code"))
    remembered: dict[str, str] = request.session.get(LANES_KEY, {})
    asked = request.GET.get("lane")
    exits = {gate.code: gate for gate in gates if gate.direction == Direction.EXIT}
    if asked is not None and asked not in exits:
        # A ticket of another lot was scanned: go on there, at a lane of that lot.
        if not Gate.objects.filter(code=asked, lot__in=[one.pk for one in lots], direction=Direction.EXIT).exists():
            raise Http404("There is no such lane.")
        asked = None
    lane = exits.get(asked or remembered.get(lot.slug, "")) or next(iter(exits.values()), None)
    if request.headers.get("HX-Request") != "true":  # a refresh chooses nothing
        _remember(request, lot, lane)
    return Station(lot, lots, gates, lane)


def _remember(request: PersonRequest, lot: Lot, lane: Gate | None) -> None:
    if request.session.get(LOT_KEY) != lot.slug:
        request.session[LOT_KEY] = lot.slug
    remembered: dict[str, str] = request.session.get(LANES_KEY, {})
    if lane is not None and remembered.get(lot.slug) != lane.code:
        request.session[LANES_KEY] = remembered | {lot.slug: lane.code}


def _without_lot(request: PersonRequest) -> HttpResponse:
    context: dict[str, Any] = {"is_admin": has_role(request.user, Role.ADMIN)}
    return render(request, "desk/no_lot.html", context)
