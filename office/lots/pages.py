"""Contexts and pages that several lot pages share."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

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


def get_level(lot: Lot, number: int) -> Level:
    """Return a level of a lot by its number, with the lot. Raises Http404."""
    return get_object_or_404(Level.objects.select_related("lot"), lot=lot, number=number)


def row_of(lot: Lot, level: Level) -> LevelRow:
    """Return a level with its zones and counts. Raises Http404 when it is gone."""
    row = next((row for row in level_rows(lot) if row.level == level), None)
    if row is None:
        raise Http404
    return row


def level_tabs(lot: Lot, level: Level, current: str) -> dict[str, Any]:
    """Return the pages of a level, and the levels below and above it."""
    names = {"plan": ("office:level", _("Plan")), "use": ("office:level_use", _("Use"))}
    names["layout"] = ("office:level_layout", _("Layout"))
    if not lot.counts_spots:
        del names["use"]
    pages = [
        {"label": label, "href": reverse(name, args=[lot.slug, level.number]), "current": key == current}
        for key, (name, label) in names.items()
    ]
    here = names.get(current, names["plan"])[0]
    others = list(lot.levels.order_by("number"))
    place = others.index(level)
    below, above = others[place - 1] if place else None, others[place + 1] if place + 1 < len(others) else None

    def href(other: Level | None) -> str:
        return reverse(here, args=[lot.slug, other.number]) if other else ""

    return {"pages": pages, "below": below, "below_href": href(below), "above": above, "above_href": href(above)}


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
