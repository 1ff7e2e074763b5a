"""The page of a lot: its places and prices, what a stay would cost, and what is left over a period."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from billing.code_tries import check_code_tries
from billing.models import Tariff
from billing.offers import Offer, offers_of
from billing.pricing import Price
from billing.quoting import quote
from billing.tariffs import next_tariff, rules_of, special_dates_ahead
from billing.words import tariff_words
from common.errors import DomainError
from common.web.htmx import live_response, page_response
from driver.buy_pass import on_sale
from driver.find_form import FindLotsForm
from driver.found_cards import Card
from driver.lot_facts import facts_of
from driver.lot_markup import parking_facility
from driver.quote_form import QuoteForm
from lots.access import get_public_lot
from lots.boards import lot_counts
from lots.calendar import local_day
from lots.known_lots import known_public_lot
from lots.models import Lot
from passes.queries import offers_online
from reservations.lot_offers import left_tomorrow, offers_for

MOST_EVENT_DAYS = 5
"""How many event days a page tells ahead."""
MOST_PASSES = 20


@require_safe
def lot_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a lot: free spots (the live part), prices, opening hours, and the answer to a quote."""
    # What a stay would cost is told by the lot as it is now.
    lot = get_public_lot(slug, with_entrance=True) if request.GET else known_public_lot(slug)
    at = now()
    counts, [offer] = lot_counts(lot), offers_of([lot], at)
    form = QuoteForm(lot, counts.kinds, at, request.GET, by_vehicle=_is_by_vehicle(offer.tariff))
    answer = _answer(request, lot, form, offer.tariff, at)

    def context() -> dict[str, Any]:
        live = {"lot": lot, "counts": counts, "offer": offer, "at": at}
        then = {"then": _then(lot, request, at), "tomorrow": left_tomorrow(lot, counts, at=at)}
        passes = {"passes_on_sale": lambda: on_sale(list(offers_online(Lot.objects.filter(pk=lot.pk))[:MOST_PASSES]))}
        prices = _prices(lot, offer.tariff, at) | passes
        url = request.build_absolute_uri(reverse("driver:lot", args=[lot.slug]))
        told = {"facility": parking_facility(lot, counts, offer.price, url=url)}
        return live | then | prices | facts_of(lot) | told | {"form": form, "answer": answer}

    if form.errors:
        return page_response(request, "driver/lot.html#live", context(), status=422)
    shown = [_shown(offer), [(level.number, level.name, level.by_type) for level in counts.levels]]
    return live_response(request, "driver/lot.html#live", context, etag_source=shown)


def _answer(request: HttpRequest, lot: Lot, form: QuoteForm, tariff: Tariff | None, at: datetime) -> Price | None:
    """Price what the form asks for; a refusal becomes the form's error."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        check_code_tries(request, form.wish.promo_code)
        return quote(lot, form.wish, known=tariff, at=at)
    except DomainError as error:
        path = error.errors[0].path if error.errors else None
        form.add_error(path if path in form.fields else None, error.message)
        return None


def _then(lot: Lot, request: HttpRequest, at: datetime) -> Card | None:
    """Return what the lot offers over the period in the address; None without one, or when it can't be booked."""
    form = FindLotsForm(request.GET, at=at)
    if not (form.is_valid() and form.cleaned_data["start"]):
        return None
    [offer] = offers_for([lot], form.wanted, at=at)
    return Card(offer) if offer.time else None


def _is_by_vehicle(tariff: Tariff | None) -> bool:
    return tariff is not None and len(rules_of(tariff).vehicles_told_apart) > 1


def _prices(lot: Lot, tariff: Tariff | None, at: datetime) -> dict[str, Any]:
    """Return the prices of today, the event days ahead, and the prices that come next."""
    today, coming = local_day(lot, at), next_tariff(lot, local_day(lot, at))
    rules = None if tariff is None else rules_of(tariff)
    return {
        "tariff": tariff,
        "words": rules and tariff_words(rules),
        "event_days": special_dates_ahead(rules, today)[:MOST_EVENT_DAYS] if rules else [],
        "coming": coming,
        "coming_words": coming and tariff_words(rules_of(coming)),
    }


def _shown(offer: Offer) -> list[Any]:
    """Return what is shown of an offer and may change; the distance depends on the URL alone."""
    lot = offer.lot
    return [lot.slug, lot.name, offer.opened, offer.changes_at, offer.price and offer.price.amount]
