"""The addresses of the feeds: each answers 304 while nothing has changed, and may be cached when asked again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from api.feeds.apds import observations_document, place_document, places_document
from api.feeds.counted import CountedLot, counted_lots
from api.feeds.datex import status_document, table_document
from api.feeds.geojson import features_document
from api.feeds.parkapi import city_document, city_id, index_document, sites_document
from common.two_level_cache import Kept
from common.web.etags import has_etag, weak_etag
from common.web.problem import problem
from lots.availability import CACHE_CONTROL

GEOJSON = "application/geo+json"
XML = "application/xml"
CountedLots = list[CountedLot]
_feeds = Kept("feeds", gettext_lazy("Feeds for navigation"), setting="FEED_SECONDS", most=500)


class _NothingThereError(Exception):
    """None of the lots is asked for, so that nothing is kept under what was."""


@require_safe
def parkapi_index(request: HttpRequest) -> HttpResponse:
    """List the cities of ParkAPI 1."""
    return _answered(request, lambda lots, _at: JsonResponse(index_document(lots)))


@require_safe
def parkapi_city(request: HttpRequest, city: str) -> HttpResponse:
    """Tell the lots of a city in ParkAPI 1."""
    return _city(request, lambda one: city_id(one) == city)


@require_safe
def parkapi_lot(request: HttpRequest, city: str, lot: str) -> HttpResponse:
    """Tell one lot of a city in ParkAPI 1, in a document of its city."""
    return _city(request, lambda one: (city_id(one), one.lot.slug) == (city, lot))


@require_safe
def parkapi_sites(request: HttpRequest) -> HttpResponse:
    """Tell the lots as the parking sites of ParkAPI 3."""
    site = _site_of(request)
    return _answered(request, lambda lots, _at: JsonResponse(sites_document(lots, site=site)))


@require_safe
def apds_places(request: HttpRequest) -> HttpResponse:
    """List the lots as places of APDS 4."""
    return _answered(request, lambda lots, at: JsonResponse(places_document(lots, at=at)))


@require_safe
def apds_place(request: HttpRequest, lot: str) -> HttpResponse:
    """Tell one lot as a place of APDS 4."""
    return _answered(request, lambda lots, _at: JsonResponse(place_document(lots[0])), lambda one: one.lot.slug == lot)


@require_safe
def apds_observations(request: HttpRequest) -> HttpResponse:
    """List what was observed of the lots, as APDS 4 tells it."""
    return _answered(request, lambda lots, at: JsonResponse(observations_document(lots, at=at)))


@require_safe
def datex_table(request: HttpRequest) -> HttpResponse:
    """Tell the lots as a parking table of DATEX II."""
    publisher = request.get_host()
    return _answered(request, lambda lots, at: _xml(table_document(lots, publisher=publisher, at=at)))


@require_safe
def datex_status(request: HttpRequest) -> HttpResponse:
    """Tell the status of the lots in DATEX II."""
    publisher = request.get_host()
    return _answered(request, lambda lots, at: _xml(status_document(lots, publisher=publisher, at=at)))


@require_safe
def geojson_lots(request: HttpRequest) -> HttpResponse:
    """Tell the lots as GeoJSON."""
    site = _site_of(request)

    def written(lots: CountedLots, at: datetime) -> HttpResponse:
        return JsonResponse(features_document(lots, site=site, at=at), content_type=GEOJSON)

    return _answered(request, written)


def _city(request: HttpRequest, keep: Callable[[CountedLot], bool]) -> HttpResponse:
    site = _site_of(request)
    return _answered(request, lambda lots, at: JsonResponse(city_document(lots, site=site, at=at)), keep)


def _answered(
    request: HttpRequest,
    write: Callable[[CountedLots, datetime], HttpResponse],
    keep: Callable[[CountedLot], bool] | None = None,
) -> HttpResponse:
    """Answer with the public lots that are kept, or 304 when the caller knows them; 404 when none of all is kept."""

    def load() -> list[str]:
        at = now()
        lots = [one for one in counted_lots(at) if keep is None or keep(one)]
        if keep is not None and not lots:
            raise _NothingThereError
        etag = weak_etag(request.get_host(), request.path, [one.version for one in lots])
        response = write(lots, at)
        return [etag, response["Content-Type"], response.content.decode()]

    try:
        etag, content_type, told = _feeds.get(_site_of(request) + request.path, load)
    except _NothingThereError:
        return problem(404, "not_found", _("There is nothing here, or you may not see it."))
    headers: dict[str, Any] = {"ETag": etag, "Cache-Control": CACHE_CONTROL, "Access-Control-Allow-Origin": "*"}
    if has_etag(request.headers.get("If-None-Match", ""), etag):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(told, content_type=content_type, headers=headers)


def _site_of(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _xml(document: bytes) -> HttpResponse:
    return HttpResponse(document, content_type=XML)
