"""The page on which drivers find a lot for a period: a list, and a map that needs nothing from outside."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import get_current_timezone, now
from django.views.decorators.http import require_safe

from accounts.setting_up import awaits_first_operator
from common.web.htmx import live_response, page_response
from driver.drawn_map import CLUSTERS_ACROSS, DrawnMap
from driver.find_form import FindLotsForm
from driver.found_cards import Card
from lots.calendar import zone_of
from lots.known_lots import known_clusters
from lots.lot_search import Cluster
from lots.positions import Area, Position
from reservations.lot_offers import FoundLots, find

LOTS_PER_PAGE = 20
MOST_LOTS = 1_000
"""So many are listed; who looks for one beyond narrows the search."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What stands on the map: a card, several lots of a cell, or one lot that is not listed."""

    x: float
    y: float
    latitude: float
    longitude: float
    href: str
    name: str
    card: Card | None = None
    lots: int = 0


class AreaForm(forms.Form):
    """The part of the earth that a map shows."""

    south = forms.FloatField(min_value=-90, max_value=90)
    north = forms.FloatField(min_value=-90, max_value=90)
    west = forms.FloatField(min_value=-180, max_value=180)
    east = forms.FloatField(min_value=-180, max_value=180)


@require_safe
def find_lots(request: HttpRequest) -> HttpResponse:
    """List lots with price and places for a period, and show them on a map."""
    at = now()
    form = FindLotsForm(request.GET, at=at)
    form.is_valid()
    found, page = _found(form, request.GET.get("page"))
    if not found.total and awaits_first_operator():
        return redirect("entrance:first_run")
    form.settle(zone_of(found.lots[0].lot) if found.lots else get_current_timezone())
    cards = [Card(offer) for offer in found.lots]
    drawn, pins = _drawn(form, cards)
    context = {
        "form": form,
        "page": page,
        "cards": cards,
        "followed": [card.offer.lot.slug for card in cards],
        "found": found,
        "drawn": drawn,
        "pins": pins,
        "you": drawn.place(form.near.latitude, form.near.longitude) if drawn and form.near else None,
        "tiles": settings.MAP_TILES,
        "attribution": settings.MAP_ATTRIBUTION,
        "most": MOST_LOTS,
        "at": at,
    }
    if form.errors:
        return page_response(request, "driver/find.html#live", context, status=422)
    shown = [page.paginator.count, [_shown(card) for card in cards], [(pin.href, pin.lots) for pin in pins]]
    return live_response(request, "driver/find.html#live", context, etag_source=shown)


@require_safe
def map_pins(request: HttpRequest) -> HttpResponse:
    """Return the lots of a search in an area as JSON, many in one cell of a geohash as one pin."""
    form, area_form = FindLotsForm(request.GET, at=now()), AreaForm(request.GET)
    if not (form.is_valid() and area_form.is_valid()):
        return JsonResponse({"pins": []}, status=422)
    area = Area(**area_form.cleaned_data)
    clusters = known_clusters(form.wanted.lots, area, cells=CLUSTERS_ACROSS)
    pins = [
        {
            "cell": cluster.geohash,
            "lat": cluster.latitude,
            "lng": cluster.longitude,
            "lots": cluster.lots,
            "name": cluster.name,
            "href": _href_of(form, cluster),
        }
        for cluster in clusters
    ]
    return JsonResponse({"pins": pins})


def _found(form: FindLotsForm, asked_page: str | None) -> tuple[FoundLots, Page[Any]]:
    """Return the page of what is found that the address asks for, or the nearest one."""
    number = int(asked_page) if asked_page and asked_page.isascii() and asked_page.isdigit() else 1
    number = min(max(number, 1), MOST_LOTS // LOTS_PER_PAGE)

    def part(wanted_page: int) -> FoundLots:
        first = (wanted_page - 1) * LOTS_PER_PAGE
        return find(form.wanted, first=first, limit=LOTS_PER_PAGE, at=form.at, most_counted=MOST_LOTS)

    found = part(number)
    page: Page[Any] = Paginator(range(found.total), LOTS_PER_PAGE).get_page(number)
    if page.number != number:
        found = part(page.number)
    return found, page


def _drawn(form: FindLotsForm, cards: list[Card]) -> tuple[DrawnMap | None, list[Pin]]:
    """Return the map that shows what is listed, and what stands on it: what is listed comes last and so on top."""
    located = [card for card in cards if card.offer.lot.latitude is not None and card.offer.lot.longitude is not None]
    positions = [Position(card.offer.lot.latitude, card.offer.lot.longitude) for card in located]
    if form.near:
        positions.append(form.near)
    if not positions:
        return None, []
    drawn = DrawnMap.of(positions)
    listed = [card.offer.lot.pk for card in located]
    others = known_clusters(form.wanted.lots, drawn.area, cells=CLUSTERS_ACROSS, without=listed)
    pins = [
        Pin(
            *drawn.place(cluster.latitude, cluster.longitude),
            latitude=cluster.latitude,
            longitude=cluster.longitude,
            href=_href_of(form, cluster),
            name=cluster.name,
            lots=cluster.lots,
        )
        for cluster in others
    ]
    for card in reversed(located):
        lot = card.offer.lot
        place = drawn.place(lot.latitude, lot.longitude)
        pins.append(Pin(*place, lot.latitude, lot.longitude, href=card.page, name=lot.name, card=card))
    return drawn, pins


def _href_of(form: FindLotsForm, cluster: Cluster) -> str:
    """Return where a pin leads: to its only lot, else to the search from there."""
    if cluster.lots == 1:
        return reverse("driver:lot", args=[cluster.slug])
    kept = {name: value for name, value in form.data.items() if value and name in form.fields}
    there = {"lat": f"{cluster.latitude:.5f}", "lng": f"{cluster.longitude:.5f}"}
    return f"{reverse('driver:find')}?{urlencode(kept | there)}"


def _shown(card: Card) -> list[Any]:
    """Return what is shown of a card and may change."""
    offer = card.offer
    return [offer.lot.slug, offer.lot.name, offer.opened, offer.changes_at, offer.price, card.places, card.page]
