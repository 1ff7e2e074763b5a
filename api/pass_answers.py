"""How passes look to programs: money in minor units, days of the lot's calendar."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from lots.calendar import zone_of
from lots.models import Lot
from passes.models import Pass, PassOffer, PassStatus
from passes.models.terms import PassTerms
from passes.pass_words import holder_words
from passes.services import swaps_left, waiting_page

_SAME = (
    *("name", "kind", "period_months", "period_days", "days", "opens_minute", "closes_minute", "spot_types"),
    *("most_plates", "spaces", "entries", "per_day", "renewal", "grace_days", "swaps_per_month", "pool_full"),
)


def offer_out(offer: PassOffer) -> dict[str, Any]:
    """Return what is sold as an answer shows it; its lots are loaded before."""
    return _terms(offer, list(offer.lots.all())) | {"id": offer.pk, "terms": offer.terms}


def listed_pass(held: Pass) -> dict[str, Any]:
    """Return a pass as a list shows it; its lots and its use are loaded before."""
    same = ("code", "status", "valid_from", "valid_until", "entries_left")
    return _terms(held, list(held.lots.all())) | {
        "id": held.pk,
        "company": held.company.name if held.company else None,
        "holder": holder_words(held),
        "inside": held.cars_inside,  # type: ignore[attr-defined] # by with_use
        **{name: getattr(held, name) for name in same},
    }


def whole_pass(request: HttpRequest, held: Pass, at: datetime) -> dict[str, Any]:
    """Return a pass with its plates and periods; its lots and its use are loaded before."""
    zone = zone_of(held.lot)
    page = waiting_page(held) if held.status == PassStatus.DRAFT else ""
    return listed_pass(held) | {
        "swaps_left": swaps_left(held, at=at),
        "plates": [
            {"plate": one.plate, "label": one.label, "added_at": one.added_at.astimezone(zone)}
            for one in held.plates.current().order_by("pk")
        ],
        "periods": [
            {
                "number": one.number,
                "first_day": one.first_day,
                "last_day": one.last_day,
                "price": one.price_amount,
                "owed": one.charge.balance_amount if one.charge else None,
                "begun": one.begun_at is not None,
                "dropped": one.dropped_at is not None,
            }
            for one in held.periods.select_related("charge").order_by("number")
        ],
        "page_url": request.build_absolute_uri(page) if page else None,
    }


def _terms(terms: PassTerms, lots: list[Lot]) -> dict[str, Any]:
    in_order = sorted(lots, key=lambda lot: lot.pk)
    return {name: getattr(terms, name) for name in _SAME} | {
        "lots": [lot.slug for lot in in_order],
        "currency": in_order[0].currency,
        "price": terms.price_amount,
        "tax_percent": f"{terms.tax_percent.normalize():f}",
        "cancel_fee": terms.cancel_fee_amount,
    }
