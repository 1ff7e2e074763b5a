"""Contexts and pages that several lot pages share."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.timezone import now

from accounts.access import PersonRequest
from common.web.htmx import page_response
from lots.availability import STATES
from lots.models import Level, Lot, SpotCount, Zone
from office.lots.place_forms import PlacesForm
from office.lots.words import lot_words
from tickets.links import lot_pay_link


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level with its zones and its spot counts by type."""

    level: Level
    zones: list[Zone]
    counts: list[SpotCount]

    @property
    def totals(self) -> dict[str, int]:
        """Add up the counts of all types."""
        return {state: sum(getattr(count, state) for count in self.counts) for state in STATES}


def level_rows(lot: Lot) -> list[LevelRow]:
    """Return a lot's levels, highest first, in three queries."""
    levels = lot.levels.order_by("-number").prefetch_related("zones", "counts")
    return [
        LevelRow(level, list(level.zones.all()), [count for count in level.counts.all() if count.total])
        for level in levels
    ]


def lot_context(lot: Lot, form: PlacesForm | None = None) -> dict[str, Any]:
    """Return the context of a lot's page."""
    rows = level_rows(lot)
    totals = {state: sum(row.totals[state] for row in rows) for state in STATES}
    words = lot_words(lot, totals["total"])
    return {
        "lot": lot,
        "words": words,
        "rows": rows,
        "totals": totals,
        "form": form or PlacesForm(lot=lot),
        "pay_link": lot_pay_link(lot.slug) if lot.is_public else "",
        "at": now(),
    }


def confirm_page(request: PersonRequest, *, title: str, text: str, submit: str, back: str) -> HttpResponse:
    """Ask for confirmation. The form posts to the same address; `back` is where cancelling leads."""
    context = {"title": title, "text": text, "submit": submit, "back": back}
    return page_response(request, "office/confirm.html", context)
