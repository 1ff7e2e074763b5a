"""A lot over a period, as drivers see it in a list and on its own page."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from common.translation import metres_said
from common.web.wall_clock import as_typed
from lots.calendar import zone_of
from reservations.lot_offers import FoundLot

FEW_PERCENT, FEW = 10, 3


@dataclass(frozen=True, slots=True)
class Card:
    """A lot that was found, as a page shows it."""

    offer: FoundLot

    @property
    def places(self) -> int | None:
        """Return the places that can be had: what may still be booked, else what is free if it is for now."""
        offer = self.offer
        if offer.left or not (offer.begins_now and offer.opened):
            return offer.left
        return offer.free

    @property
    def can_be_booked(self) -> bool:
        """Return whether a place can be booked for all of the period."""
        return bool(self.offer.left)

    @property
    def is_few(self) -> bool:
        """Return whether hardly any places are left."""
        return 0 < (self.places or 0) <= max(FEW, self.offer.total * FEW_PERCENT // 100)

    @property
    def metres(self) -> str:
        """Return the greatest height of a vehicle in metres."""
        return metres_said(self.offer.lot.max_height_cm)

    @property
    def length(self) -> timedelta | None:
        """Return how long the period is."""
        time = self.offer.time
        return None if time is None else time.end - time.start

    @property
    def page(self) -> str:
        """Return the address of the lot's page for this period."""
        return reverse("driver:lot", args=[self.offer.lot.slug]) + self._query

    @property
    def book(self) -> str:
        """Return the address of the page that books this period."""
        return reverse("driver:book", args=[self.offer.lot.slug]) + self._query

    @property
    def _query(self) -> str:
        """Return what carries the period, on the lot's clock, and the kind of spot on."""
        if self.offer.time is None:
            return ""
        zone = zone_of(self.offer.lot)
        times = {name: as_typed(instant, zone) for name, instant in self.offer.time._asdict().items()}
        return f"?{urlencode(times | {'spot_type': self.offer.kind})}"
