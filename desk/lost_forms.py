"""Forms for a lost ticket: what its driver remembers, and the fee when nothing fits."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.timezone import make_aware
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.plates import MAX_RAW_LENGTH, normalise
from common.time import FIRST_YEAR, LAST_YEAR
from desk.forms import FIRST, TYPED, LaneForm, RegionField, typed_plate
from desk.station import Station
from lots.calendar import zone_of
from tickets.remembered import LEAST_OF_PLATE, MOST_SHOWN


class LostForm(forms.Form):
    """What a driver without a ticket remembers."""

    part = forms.CharField(
        label=_("Plate, or a part of it"),
        required=False,
        max_length=MAX_RAW_LENGTH,
        widget=forms.TextInput(attrs=TYPED | FIRST),
    )
    day = forms.DateField(
        label=_("Came on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(date(FIRST_YEAR, 1, 1)), MaxValueValidator(date(LAST_YEAR, 12, 31))],
    )
    clock = forms.TimeField(
        label=_("Came at about"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean_part(self) -> str:
        """Return a part that is long enough to look for."""
        part: str = self.cleaned_data["part"]
        if 0 < len(normalise(typed_plate(part)) or "") < LEAST_OF_PLATE:
            raise forms.ValidationError(
                gettext("Type at least %(least)s letters or digits of the plate.") % {"least": LEAST_OF_PLATE}
            )
        return part

    def leave_focus(self) -> None:
        """Leave the focus to the matches."""
        self.fields["part"].widget.attrs.pop("autofocus", None)

    def around(self, station: Station, today: datetime) -> datetime | None:
        """Return the instant remembered, on the local day of `today` unless another was given; None without a time."""
        given = self.cleaned_data
        if given["clock"] is None:
            return None
        zone = zone_of(station.lot)
        return make_aware(datetime.combine(given["day"] or today.astimezone(zone).date(), given["clock"]), zone)


class LostFeeForm(LaneForm):
    """The car of a lost ticket whose stay is not found.

    `shown` are the numbers of the stays that were shown; `none_of_these` says that the car is none of them.
    """

    plate = forms.CharField(
        label=_("Plate"),
        required=False,
        max_length=MAX_RAW_LENGTH,
        widget=forms.TextInput(attrs=TYPED),
        help_text=_("As on the car."),
    )
    region = RegionField()
    around = forms.DateTimeField(
        required=False,
        widget=forms.HiddenInput,
        validators=[
            MinValueValidator(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)),
            MaxValueValidator(datetime(LAST_YEAR, 12, 31, tzinfo=UTC)),
        ],
    )
    shown = forms.CharField(required=False, max_length=MOST_SHOWN * 14, widget=forms.HiddenInput)
    none_of_these = forms.BooleanField(label=_("It is none of the cars above"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask to rule out what was shown, if anything was."""
        super().__init__(*args, **kwargs)
        self._require_ruling_out()

    def ask_about(self, shown: str) -> None:
        """Ask again, about the stays of these numbers, after a refusal."""
        self.data = {name: self.data[name] for name in self.data if name != "none_of_these"} | {"shown": shown}
        self._require_ruling_out()

    def _require_ruling_out(self) -> None:
        has_shown = bool(self["shown"].value())
        field = self.fields["none_of_these"]
        field.required = has_shown
        field.widget = forms.CheckboxInput() if has_shown else forms.HiddenInput()
        field.error_messages["required"] = gettext(
            "Look at the cars above first, then confirm that it is none of them."
        )

    def clean_shown(self) -> list[str]:
        """Return the numbers."""
        return str(self.cleaned_data["shown"]).split()

    def clean_plate(self) -> str | None:
        """Return a possible plate, or None."""
        return typed_plate(self.cleaned_data["plate"])
