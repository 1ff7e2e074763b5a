"""Pages on which drivers find a lot, see its places and prices, and ask what a stay costs."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from billing.models import Tariff
from billing.offers import Offer, offers_of
from billing.pricing import Price
from billing.quoting import quote
from billing.tariffs import rules_of
from billing.words import tariff_words
from common.errors import DomainError
from common.web.htmx import live_response, page_response
from driver.find_form import FindLotsForm
from driver.lot_facts import facts_of
from driver.quote_form import QuoteForm
from lots.access import get_public_lot
from lots.boards import lot_counts
from lots.models import Lot
from lots.queries import find_lots, with_car_counts

LOTS_PER_PAGE = 24


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """List lots by words, spot type and nearness, with their free spots now."""
    form, at = FindLotsForm(request.GET), now()
    is_valid = form.is_valid()
    spot_type = form.search["spot_type"]
    found = find_lots(**form.search) if spot_type else with_car_counts(find_lots(**form.search))
    page: Page[Any] = Paginator(found, LOTS_PER_PAGE).get_page(request.GET.get("page"))
    offers = offers_of(list(page), at, spot_type)
    context = {"form": form, "page": page, "offers": offers, "near": form.near, "at": at}
    if not is_valid:
        return page_response(request, "driver/find.html#live", context, status=422)
    shown = [page.paginator.count, [[*_shown(offer), offer.free, offer.total] for offer in offers]]
    return live_response(request, "driver/find.html#live", context, etag_source=shown)


@require_safe
def lot_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a lot: free spots (the live part), prices, opening hours, and the answer to a quote."""
    lot, at = get_public_lot(slug), now()
    counts, [offer] = lot_counts(lot), offers_of([lot], at)
    form = QuoteForm(lot, counts.kinds, at, request.GET)
    answer = _answer(lot, form, offer.tariff)

    def context() -> dict[str, Any]:
        live = {"lot": lot, "counts": counts, "offer": offer, "at": at}
        return live | _prices(offer.tariff) | facts_of(lot) | {"form": form, "answer": answer}

    if form.errors:
        return page_response(request, "driver/lot.html#live", context(), status=422)
    shown = [_shown(offer), [(level.number, level.name, level.by_type) for level in counts.levels]]
    return live_response(request, "driver/lot.html#live", context, etag_source=shown)


def _answer(lot: Lot, form: QuoteForm, tariff: Tariff | None) -> Price | None:
    """Price what the form asks for; a refusal becomes the form's error."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return quote(lot, form.wish, known=tariff)
    except DomainError as error:
        path = error.errors[0].path if error.errors else None
        form.add_error(path if path in form.fields else None, error.message)
        return None


def _prices(tariff: Tariff | None) -> dict[str, Any]:
    return {"tariff": tariff, "words": None if tariff is None else tariff_words(rules_of(tariff))}


def _shown(offer: Offer) -> list[Any]:
    """Return what is shown of an offer and may change; the distance depends on the URL alone."""
    lot = offer.lot
    return [lot.slug, lot.name, offer.opened, offer.changes_at, offer.price and offer.price.amount]
