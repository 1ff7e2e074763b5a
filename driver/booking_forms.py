"""Forms about a booking that exists."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.money import LARGEST_AMOUNT
from common.plates import MAX_RAW_LENGTH
from common.web.wall_clock import WallClockField, as_typed, clear_time
from driver.book_forms import card_field, spot_field
from lots.calendar import zone_of
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS
from reservations.booked_time import BookedTime
from reservations.models import Reservation, ReservationStatus
from reservations.services import BookingChange

CHANGEABLE = ("start", "end", "spot", "spot_type", "plate")


class FindBookingForm(forms.Form):
    """The code of a booking, and the address that it was made with."""

    code = forms.CharField(
        label=_("Booking code"),
        max_length=30,
        help_text=_("It starts with BK- and is in our email. Capitals, dashes and spaces don't matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "placeholder": "BK-"}
        ),
    )
    email = forms.EmailField(
        label=_("Email"),
        help_text=_("The address that you booked with."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class CancelForm(forms.Form):
    """The fee that was shown for cancelling, in minor units."""

    fee = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)


class ChangeForm(forms.Form):
    """What to change of a booking; of one whose car is inside, only its end. Times are on the lot's clock."""

    amount = forms.IntegerField(required=False, min_value=-LARGEST_AMOUNT, max_value=LARGEST_AMOUNT)

    def __init__(
        self, booking: Reservation, types: tuple[SpotType, ...], at: datetime, data: Any, *, driver: User | None
    ) -> None:
        """Offer the booking as it is; `types` are the spot types of the lot, `driver` is who is signed in."""
        self.booking, self.at, self.driver = booking, at, driver
        self.zone = zone_of(booking.lot)
        asked = booking.spot.number if booking.asked_for and booking.spot else ""
        start, end = as_typed(booking.starts_at, self.zone), as_typed(booking.ends_at, self.zone)
        initial = {"start": start, "end": end, "spot_type": booking.spot_type, "spot": asked, "plate": booking.plate}
        super().__init__(data, initial=initial, auto_id="change_%s")
        if not self.is_parked:
            self.fields["start"] = WallClockField(zone=self.zone, label=_("From"))
        self.fields["end"] = WallClockField(zone=self.zone, label=_("Until"))
        if data is not None and "payment" in data:
            self.ask_card()
        if self.is_parked:
            return
        choices = [(kind, SPOT_LABELS[kind]) for kind in types]
        self.fields["spot_type"] = forms.ChoiceField(label=_("Kind of spot"), choices=choices)
        if booking.lot.counts_spots:
            self.fields["spot"] = spot_field()
        self.fields["plate"] = forms.CharField(
            label=_("Plate"),
            max_length=MAX_RAW_LENGTH,
            widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        )

    @property
    def is_parked(self) -> bool:
        """Return whether the car is inside."""
        return self.booking.status == ReservationStatus.ACTIVE

    @property
    def shown(self) -> list[forms.BoundField]:
        """Return the fields of the booking, in their order, but the spot, which may be chosen on a plan."""
        return [self[name] for name in ("start", "end", "spot_type", "plate") if name in self.fields]

    @property
    def time(self) -> BookedTime:
        """Return the period as far as it was typed well, else as it is booked."""
        is_typed_well = self.is_bound and not {"start", "end"} & self.errors.keys()
        given = self.cleaned_data if is_typed_well else {}
        time = BookedTime(given.get("start", self.booking.starts_at), given.get("end", self.booking.ends_at))
        return time if time.start < time.end else self.booking.time

    def ask_card(self) -> None:
        """Ask for a card that pays the difference, unless the provider's own page does."""
        field = card_field(self.driver)
        if field is None:
            return
        self.fields["payment"] = field
        if self.is_bound and "payment" not in self.data:
            self.data = dict(self.data.items()) | {"payment": field.initial}

    def clean(self) -> dict[str, Any]:
        """Read an hour that the clock shows twice as it is booked, or as it makes sense."""
        given = super().clean() or {}
        for name, booked in (("start", self.booking.starts_at), ("end", self.booking.ends_at)):
            if name in given and as_typed(given[name], self.zone) == as_typed(booked, self.zone):
                given[name] = booked
        if self.data.get("plan_of", given.get("spot_type")) != given.get("spot_type"):
            self.data = {**dict(self.data.items()), "spot": ""}  # it was chosen among those of another kind
            given["spot"] = ""
        start = given.get("start", self.booking.starts_at)
        if "end" in given:
            given["end"] = clear_time(self["end"], given["end"], after=start, strictly=True)
        return given

    @property
    def change(self) -> BookingChange:
        """Return the change; call it after `is_valid`. What is as it was stays untouched."""
        given = {name: self.cleaned_data[name] for name in CHANGEABLE if name in self.cleaned_data}
        kept = [name for name in ("spot", "spot_type", "plate") if name in self.fields]
        as_it_was: dict[str, Any] = {name: self[name].initial for name in kept}
        return BookingChange(**{name: value for name, value in given.items() if value != as_it_was.get(name)})

    def agrees_to(self, difference: int) -> bool:
        """Return whether what was shown before is at least this difference, and is agreed to."""
        shown = self.cleaned_data.get("amount")
        return "agree" in self.data and shown is not None and difference <= shown

    def typed(self) -> dict[str, str]:
        """Return what was typed, to go on with it later."""
        return {name: self.data[name] for name in CHANGEABLE if name in self.data}
