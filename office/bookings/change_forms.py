"""Forms by which the operator's people make and change bookings; times are on the lot's clock."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import VEHICLE_LABELS
from accounts.vehicles import VehicleType
from common.db.choices import choices_of
from common.errors import DomainError
from common.money import LARGEST_AMOUNT
from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH
from common.translation import translated
from common.web.wall_clock import WallClockField, as_typed, clear_time, rounded_up
from lots.calendar import zone_of
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Lot
from reservations.booked_time import BookedTime
from reservations.models import Reservation, ReservationStatus
from reservations.services import BookingChange, BookingWish
from reservations.services.booking import readable_plate

STEP, USUAL = timedelta(minutes=5), timedelta(hours=2)
BY_POLICY, IN_FULL = "policy", "full"
PLATE = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"})


class BookedForm(forms.Form):
    """What is booked: the period, the kind or number of the spot, and the plate; `amount` is what was shown."""

    spot_type = forms.ChoiceField(label=_("Kind of spot"))
    spot = forms.CharField(
        label=_("Spot"), required=False, max_length=32, help_text=_("A number for a particular one, empty for any.")
    )
    plate = forms.CharField(label=_("Plate"), max_length=MAX_RAW_LENGTH, widget=PLATE)
    amount = forms.IntegerField(
        required=False, min_value=-LARGEST_AMOUNT, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput
    )

    def __init__(self, lot: Lot, types: tuple[SpotType, ...], *args: Any, **options: Any) -> None:
        """Offer the `types` of spots that the lot has."""
        super().__init__(*args, **options)
        self.zone = zone_of(lot)
        times = {
            "start": WallClockField(zone=self.zone, label=_("From")),
            "end": WallClockField(zone=self.zone, label=_("Until")),
        }
        self.fields = times | self.fields
        self.fields["spot_type"].choices = [(kind, SPOT_LABELS[kind]) for kind in types]  # type: ignore[attr-defined]
        if not lot.counts_spots:
            del self.fields["spot"]

    def agrees_to(self, amount: int) -> bool:
        """Return whether what was shown before is this amount, and is agreed to."""
        return "agree" in self.data and self.cleaned_data.get("amount") == amount

    def clean_plate(self) -> str:
        """Refuse what is no plate before the price is shown."""
        try:
            readable_plate(self.cleaned_data["plate"])
        except DomainError as error:
            raise forms.ValidationError(translated(error.message)) from error
        return str(self.cleaned_data["plate"])

    def clean(self) -> dict[str, Any]:
        """Take the second of an hour that the clock shows twice where only that comes after the start."""
        given = super().clean() or {}
        if given.get("start") and given.get("end"):
            given["end"] = clear_time(self["end"], given["end"], after=given["start"], strictly=True)
        return given


class CallerForm(BookedForm):
    """A booking for a caller; `key` makes a double submit one booking."""

    vehicle_type = forms.ChoiceField(
        label=_("Vehicle"), choices=choices_of(VEHICLE_LABELS), initial=VehicleType.REGULAR
    )
    email = forms.EmailField(
        label=_("Email"), required=False, help_text=_("The booking goes there, with a link to change it.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, lot: Lot, types: tuple[SpotType, ...], at: datetime, data: Any) -> None:
        """Start with two hours from now."""
        start = rounded_up(at, STEP)
        super().__init__(lot, types, data)
        self.initial = {"start": as_typed(start, self.zone), "end": as_typed(start + USUAL, self.zone)}
        if SpotType.REGULAR in types:
            self.initial["spot_type"] = SpotType.REGULAR

    @property
    def wish(self) -> BookingWish:
        """Return what is to be booked; call it after `is_valid`."""
        given = self.cleaned_data
        return BookingWish(
            time=BookedTime(given["start"], given["end"]),
            plate=given["plate"],
            spot_type=given["spot_type"],
            spot=given.get("spot", ""),
            vehicle_type=given["vehicle_type"],
        )


class OfficeChangeForm(BookedForm):
    """What to change of a booking; of one whose car is inside, only its end."""

    def __init__(self, booking: Reservation, types: tuple[SpotType, ...], data: Any) -> None:
        """Start with the booking as it is."""
        super().__init__(booking.lot, types, data)
        self.booking = booking
        asked = booking.spot.number if booking.asked_for and booking.spot else ""
        self.initial = {
            "start": as_typed(booking.starts_at, self.zone),
            "end": as_typed(booking.ends_at, self.zone),
            "spot_type": booking.spot_type,
            "spot": asked,
            "plate": booking.plate,
        }
        if booking.status == ReservationStatus.ACTIVE:
            for name in ("start", "spot_type", "spot", "plate"):
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        """Keep the instants that are shown as they are booked."""
        given = super().clean()
        for name, booked in (("start", self.booking.starts_at), ("end", self.booking.ends_at)):
            if given.get(name) and as_typed(given[name], self.zone) == as_typed(booked, self.zone):
                given[name] = booked
        return given

    @property
    def change(self) -> BookingChange:
        """Return the change; call it after `is_valid`. What is as it was stays untouched."""
        names = ("start", "end", "spot_type", "spot", "plate")
        given = {name: self.cleaned_data[name] for name in names if name in self.fields}
        return BookingChange(**{name: value for name, value in given.items() if value != self.initial[name]})


class OfficeCancelForm(forms.Form):
    """How a booking is cancelled: by what was agreed to, or in full and why; `fee` is what was shown."""

    how = forms.ChoiceField(label=_("What its driver pays"), widget=forms.RadioSelect, initial=BY_POLICY)
    why = forms.CharField(label=_("Why?"), required=False, max_length=LONGEST_NOTE)
    fee = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, fee: int, fee_words: str, may_refund: bool) -> None:
        """Offer the full refund to those who may give it."""
        super().__init__(data, initial={"fee": fee})
        choices = [(BY_POLICY, gettext("What was agreed to: %(fee)s") % {"fee": fee_words})]
        choices += [(IN_FULL, gettext("Nothing: all goes back"))] if may_refund else []
        self.fields["how"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a reason where the operator gives more back than was agreed to."""
        given = super().clean() or {}
        if given.get("how") == IN_FULL and not given.get("why"):
            self.add_error("why", _("Say why all goes back."))
        return given
