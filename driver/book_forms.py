"""The forms by which a place is booked: the period, and who comes."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import VEHICLE_LABELS, User
from accounts.vehicles import VehicleType
from billing.models import SavedMethod
from billing.providers import cards_are_simulated, pages_take_cards
from billing.providers.simulated import TEST_CARDS
from billing.services import PayBy
from common.db.choices import choices_of
from common.errors import DomainError
from common.money import LARGEST_AMOUNT
from common.plates import MAX_RAW_LENGTH, normalise
from common.translation import translated
from common.web.forms import refuse
from common.web.wall_clock import WallClockField, as_typed, clear_time, rounded_up, second_time
from driver.code_field import code_field
from lots.calendar import zone_of
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Lot
from reservations.booked_time import USUAL_TIME, BookedTime

STEP = timedelta(minutes=5)
AGAIN = ("start_again", "end_again")
"""Whether the second of two equal times is meant, on a day on which the clock is put back."""
LONGEST_SPOT_NUMBER = 20
LONGEST_TYPED_PHONE = 30
LONGEST_CODE = 12
SAVED, OTHER_CARD = "saved-", "other"
"""How the choice of a saved card begins, and the one of another card on the provider's page."""


class PeriodForm(forms.Form):
    """From when until when, and on which kind of spot or which one; times are on the lot's clock."""

    def __init__(self, lot: Lot, types: tuple[SpotType, ...], at: datetime, data: Any) -> None:
        """Complete what is given with two hours from now; `types` are the spot types of the lot."""
        zone, start = zone_of(lot), rounded_up(at, STEP)
        usual = sorted(types, key=lambda kind: kind != SpotType.REGULAR)
        given = {"start": as_typed(start, zone), "end": as_typed(start + USUAL_TIME, zone)}
        given |= {"spot_type": usual[0] if usual else "", **dict.fromkeys(("spot", "promo_code", *AGAIN), "")}
        given |= {name: data[name] for name in given if name in data}
        super().__init__(given, auto_id="period_%s")
        self.at, self.zone = at, zone
        self.time: BookedTime | None = None
        self.fields["start"] = WallClockField(zone=zone, label=_("From"))
        self.fields["end"] = WallClockField(zone=zone, label=_("Until"))
        for name in AGAIN:
            self.fields[name] = forms.BooleanField(required=False, widget=forms.HiddenInput)
        choices = [(kind, SPOT_LABELS[kind]) for kind in usual]
        self.fields["spot_type"] = forms.ChoiceField(label=_("Kind of spot"), choices=choices)
        if lot.counts_spots:
            self.fields["spot"] = spot_field()
        self.fields["promo_code"] = code_field()

    def clean(self) -> dict[str, Any]:
        """Read an hour that the clock shows twice as the second one, where that is said or only that makes sense."""
        given = super().clean() or {}
        for name in ("start", "end"):
            if given.get(name) and given[f"{name}_again"]:
                given[name] = second_time(given[name], self.zone)
        if start := given.get("start"):
            given["start"] = clear_time(self["start"], start, after=self.at.replace(second=0, microsecond=0))
            if end := given.get("end"):
                given["end"] = clear_time(self["end"], end, after=given["start"], strictly=True)
                self.time = BookedTime(given["start"], given["end"])
        return given


def typed_times(time: BookedTime, zone: ZoneInfo) -> dict[str, str]:
    """Return what stands for a period in its form; a time that a clock put forward skips is an hour later."""
    ends = [(name, instant.astimezone(UTC).astimezone(zone)) for name, instant in time._asdict().items()]
    return {name: as_typed(local, zone) for name, local in ends} | {
        f"{name}_again": "1" for name, local in ends if local.fold
    }


class BookForm(forms.Form):
    """Which car comes and who books it, the price that was shown, and a key that makes a double submit one booking."""

    plate = forms.CharField(
        label=_("Plate"),
        max_length=MAX_RAW_LENGTH,
        help_text=_("As on the car, such as ZH 123456. The gate opens for it."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false", "list": "own-plates"}),
    )
    vehicle_type = forms.ChoiceField(
        label=_("Vehicle"), choices=choices_of(VEHICLE_LABELS), initial=VehicleType.REGULAR
    )
    email = forms.EmailField(
        label=_("Email"),
        help_text=_("Your booking and its calendar entry go there."),
        error_messages={"invalid": _("Enter a valid email address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Mobile phone"),
        max_length=LONGEST_TYPED_PHONE,
        help_text=_("With its country code, such as +41 79 123 45 67. We send a code there."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    phone_code = forms.CharField(
        label=_("Code from our text"),
        max_length=LONGEST_CODE,
        required=False,
        help_text=_("Leave it empty to get a new one."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    amount = forms.IntegerField(label=_("Amount"), min_value=0, max_value=LARGEST_AMOUNT)

    def __init__(self, *args: Any, driver: User | None, asks_card: bool, asks_phone: bool, **kwargs: Any) -> None:
        """Ask a guest for an address, and for a card where the price is held or taken now.

        With `asks_phone` also for a phone, and for the code once it was sent there.
        """
        super().__init__(*args, **kwargs)
        self.auto_id = "book_%s"
        self.driver = driver
        self.vehicles = list(driver.vehicles.all()) if driver else []
        if driver:
            del self.fields["email"]
        if not asks_phone:
            del self.fields["phone"]
        if not asks_phone or "phone_code" not in self.data:
            del self.fields["phone_code"]
        if self.vehicles:
            self.fields["plate"].initial = self.vehicles[0].plate
            self.fields["vehicle_type"].initial = self.vehicles[0].vehicle_type
        self.asks_card = False
        if asks_card:
            self.ask_card()

    @property
    def vehicle(self) -> str:
        """Return the kind of vehicle that is chosen, or will be if nothing is; a wrong one counts as regular."""
        if self.is_bound and self.is_valid():
            return str(self.cleaned_data["vehicle_type"])
        shown = self["vehicle_type"].value()
        return shown if shown in VEHICLE_LABELS else VehicleType.REGULAR

    def ask_card(self) -> None:
        """Ask for a card, too, unless the provider's own page does."""
        self.asks_card = True
        if field := card_field(self.driver):
            self.fields["payment"] = field

    def ask_code(self) -> None:
        """Ask for the code that was sent to the phone."""
        self.fields["phone_code"] = copy.deepcopy(self.base_fields["phone_code"])

    def clean(self) -> dict[str, Any]:
        """Take the kind of a vehicle of one's own from its entry."""
        given = super().clean() or {}
        own = {vehicle.plate_normalised: vehicle.vehicle_type for vehicle in self.vehicles}
        try:
            plate = normalise(given.get("plate") or "") or ""
        except DomainError:
            return given  # the service says what is wrong with it
        return given | ({"vehicle_type": own[plate]} if plate in own else {})


def spot_field() -> forms.CharField:
    """Return the field for the number of a particular spot."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    hint = _("A number, if you want a particular one.")
    return forms.CharField(
        label=_("Spot"), required=False, max_length=LONGEST_SPOT_NUMBER, help_text=hint, widget=widget
    )


def card_field(driver: User | None) -> forms.ChoiceField | None:
    """Return the field for a card on our own page; None where only the provider's page asks for one.

    It offers the driver's saved cards, then the test cards, where cards are simulated, or another one on that page.
    """
    usable = SavedMethod.objects.usable().filter(owner=driver) if driver else ()
    saved = [(f"{SAVED}{method.pk}", str(method)) for method in usable]
    if pages_take_cards() and not saved:
        return None
    others: list[tuple[str, Any]] = []
    if pages_take_cards():
        others = [(OTHER_CARD, _("Another card, on the page of our payment provider"))]
    elif cards_are_simulated():
        others = [(card.token, f"{card.label} – {card.shows}") for card in TEST_CARDS]
    choices = [*saved, *others]
    initial = choices[0][0] if choices else None
    hint = _("These are test cards: no money moves.") if cards_are_simulated() else ""
    return forms.ChoiceField(
        label=_("Card"), widget=forms.RadioSelect, choices=choices, initial=initial, help_text=hint
    )


def pay_by_of(payment: str, driver: User | None, return_url: str) -> PayBy:
    """Return by what is paid, by the choice that `card_field` offered."""
    if payment.startswith(SAVED) and driver is not None:
        method = SavedMethod.objects.usable().filter(owner=driver, pk=payment.removeprefix(SAVED)).first()
        return PayBy(saved_method=method, return_url=return_url)
    return PayBy(token="" if payment == OTHER_CARD else payment, return_url=return_url)


def refuse_at(forms_of_page: tuple[forms.Form, ...], error: DomainError) -> None:
    """Show a refusal at the fields it names, in whichever of a page's forms they are; else above all of the last."""
    rest = list(error.errors)
    for form in forms_of_page:
        mine = [one for one in rest if one.path.partition(".")[0] in form.fields]
        rest = [one for one in rest if one not in mine]
        if mine:
            refuse(form, DomainError(error.message, errors=mine))
    if rest or not error.errors:
        forms_of_page[-1].add_error(None, translated(error.message))
