"""The form that asks what a stay would cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.models import VEHICLE_LABELS
from accounts.vehicles import VehicleType
from billing.quoting import Wish
from common.db.choices import choices_of
from common.web.wall_clock import WallClockField, as_typed
from driver.code_field import code_field
from lots.calendar import zone_of
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Lot

FIVE_MINUTES = 300
USUAL_STAY = timedelta(hours=2)


class QuoteForm(forms.Form):
    """A stay to be priced, on the lot's clock."""

    def __init__(
        self, lot: Lot, types: tuple[SpotType, ...], at: datetime, data: Any = None, *, by_vehicle: bool = False
    ) -> None:
        """Offer a stay that begins now; `types` are the spot types of the lot, and some prices may be `by_vehicle`."""
        zone = zone_of(lot)
        start = datetime.fromtimestamp(at.timestamp() // FIVE_MINUTES * FIVE_MINUTES, tz=UTC)
        initial = {"entry": as_typed(start, zone), "exit": as_typed(start + USUAL_STAY, zone)}
        asked = data is not None and "entry" in data
        super().__init__(data if asked else None, initial=initial, auto_id="quote_%s")
        usual = sorted(types, key=lambda kind: kind != SpotType.REGULAR)
        choices = [(kind, SPOT_LABELS[kind]) for kind in usual]
        self.fields["entry"] = WallClockField(zone=zone, label=_("From"))
        self.fields["exit"] = WallClockField(zone=zone, label=_("Until"))
        self.fields["spot_type"] = forms.ChoiceField(label=_("Spot"), choices=choices)
        if by_vehicle:
            kinds = choices_of(VEHICLE_LABELS)
            self.fields["vehicle_type"] = forms.ChoiceField(
                label=_("Vehicle"), choices=kinds, initial=VehicleType.REGULAR, required=False
            )
        self.fields["promo_code"] = code_field()

    @property
    def wish(self) -> Wish:
        """Return the stay to price; call it after `is_valid`."""
        cleaned = self.cleaned_data
        return Wish(
            entry=cleaned["entry"],
            exit=cleaned["exit"],
            spot_type=cleaned["spot_type"],
            vehicle_type=cleaned.get("vehicle_type") or VehicleType.REGULAR,
            promo_code=cleaned["promo_code"],
        )
