"""The form that asks what a stay would cost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _

from billing.quoting import Wish
from common.time import FIRST_YEAR, LAST_YEAR
from lots.calendar import zone_of
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Lot

FIVE_MINUTES = 300
USUAL_STAY = timedelta(hours=2)


class WallClockField(forms.CharField):
    """A date and time on the clock of `zone`, as browsers send it; cleaned to an aware datetime."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def __init__(self, *, zone: ZoneInfo, **options: Any) -> None:
        """Read what is typed on the clock of `zone`."""
        super().__init__(**options)
        self.zone = zone

    def clean(self, value: Any) -> Any:
        """Return the instant; of an hour that the clock shows twice, the first one."""
        text = super().clean(value)
        if not text:
            return None
        try:
            local = datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
        except ValueError as error:
            raise forms.ValidationError(_("Enter a date and a time, such as 2026-03-02T08:15.")) from error
        if not FIRST_YEAR < local.year < LAST_YEAR:
            raise forms.ValidationError(
                _("Enter a year from %(first)s to %(last)s.") % {"first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}
            )
        return local.replace(tzinfo=self.zone).astimezone(UTC)


class QuoteForm(forms.Form):
    """A stay to be priced, on the lot's clock."""

    def __init__(self, lot: Lot, types: tuple[SpotType, ...], at: datetime, data: Any = None) -> None:
        """Offer a stay that begins now; `types` are the spot types of the lot."""
        zone = zone_of(lot)
        start = datetime.fromtimestamp(at.timestamp() // FIVE_MINUTES * FIVE_MINUTES, tz=zone)
        initial = {"entry": _typed(start), "exit": _typed((start.astimezone(UTC) + USUAL_STAY).astimezone(zone))}
        asked = data is not None and "entry" in data
        super().__init__(data if asked else None, initial=initial, auto_id="quote_%s")
        usual = sorted(types, key=lambda kind: kind != SpotType.REGULAR)
        choices = [(kind, SPOT_LABELS[kind]) for kind in usual]
        self.fields["entry"] = WallClockField(zone=zone, label=_("From"))
        self.fields["exit"] = WallClockField(zone=zone, label=_("Until"))
        self.fields["spot_type"] = forms.ChoiceField(label=_("Spot"), choices=choices)

    @property
    def wish(self) -> Wish:
        """Return the stay to price; call it after `is_valid`."""
        cleaned = self.cleaned_data
        return Wish(entry=cleaned["entry"], exit=cleaned["exit"], spot_type=cleaned["spot_type"])


def _typed(local: datetime) -> str:
    return local.strftime("%Y-%m-%dT%H:%M")
