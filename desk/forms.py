"""Forms of the desk. Each carries an idempotency key, so that a double submit acts once."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import VEHICLE_LABELS
from accounts.vehicles import VehicleType
from billing.models import PaymentMethod
from billing.providers import cards_are_simulated
from billing.providers.simulated import TEST_CARDS
from common.db.choices import choices_of
from common.money import LARGEST_AMOUNT, InvalidAmountError, parse_money, rounded_to
from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH, PlateError, as_typed, normalise
from common.regions import LONGEST_REGION
from common.translation import money_said, translated
from desk.station import Station
from gates.reads.body import ReadBody
from gates.services import Tender
from lots.calendar import zone_of
from lots.models import Gate, Lot
from tickets.services import Settlement, StayEnding

TYPED = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
FIRST = {"autofocus": True}


class DeskForm(forms.Form):
    """A form of the desk."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, station: Station, *args: Any, **kwargs: Any) -> None:
        """Keep the station."""
        super().__init__(*args, **kwargs)
        self.station = station


class LaneField(forms.TypedChoiceField):
    """One of the lanes that the station has loaded, by its code."""

    def offer(self, lanes: list[Gate]) -> None:
        """Let one of these be chosen."""
        self.choices = [(lane.code, str(lane)) for lane in lanes]
        self.coerce = {lane.code: lane for lane in lanes}.__getitem__


class LaneForm(DeskForm):
    """A form that acts at a lane, the `gate`."""

    gate = LaneField(label=_("Gate"), widget=forms.HiddenInput)

    def __init__(self, station: Station, *args: Any, **kwargs: Any) -> None:
        """Offer the lanes that this form may act at; the station's own is preselected."""
        super().__init__(station, *args, **kwargs)
        gate = self.fields["gate"]
        assert isinstance(gate, LaneField)  # noqa: S101 - declared so above
        lanes = self.lanes(station)
        gate.offer(lanes)
        first = station.lane if station.lane in lanes else next(iter(lanes), None)
        gate.initial = first.code if first else None
        if not station.lot.plates_by_region:
            self.fields.pop("region", None)

    def lanes(self, station: Station) -> list[Gate]:
        """Return the gates that may be chosen."""
        return station.exits


class BackForm(LaneForm):
    """A stay in review whose car stands at the lane."""


class CashForm(DeskForm):
    """Cash handed over; empty means the exact amount, rounded to coins. `agreed` is the fee that was shown.

    `counted`: the amount must be typed: a card has just failed, and Enter may be meant for another card.
    """

    agreed = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)
    tendered = forms.CharField(
        label=_("Cash handed over"),
        required=False,
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "data-key": "F9", "aria-keyshortcuts": "F9"}
        ),
    )

    kept = forms.CharField(
        label=_("Of the change, not given"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(
        self, station: Station, *args: Any, lot: Lot | None = None, counted: bool = False, **kwargs: Any
    ) -> None:
        """Take an amount in the currency and coins of the stay's lot, by default the station's."""
        super().__init__(station, *args, **kwargs)
        lot = lot or station.lot
        self.currency, self.step = lot.currency, lot.cash_rounding
        tendered = self.fields["tendered"]
        tendered.required = counted
        if counted:
            tendered.widget.attrs |= {"data-start": True}
        tendered.error_messages["required"] = gettext("Type what was handed over.")

    def clean_tendered(self) -> int | None:
        """Return the cash in minor units, None for the exact amount."""
        return self._amount("tendered")

    def clean_kept(self) -> int:
        """Return the change that can't be given, in minor units."""
        return self._amount("kept") or 0

    def _amount(self, name: str) -> int | None:
        text = self.cleaned_data[name].strip()
        if not text:
            return None
        try:
            return parse_money(text, self.currency)
        except InvalidAmountError as error:
            raise forms.ValidationError(translated(error.message)) from error

    def clean(self) -> dict[str, Any]:
        """Refuse too little cash, naming what is missing."""
        given = super().clean() or {}
        tendered, agreed = given.get("tendered"), given.get("agreed")
        due = None if agreed is None else rounded_to(agreed, self.step)
        if tendered is not None and due is not None and tendered < due:
            missing = money_said(due - tendered, self.currency)
            self.add_error("tendered", gettext("%(missing)s is missing.") % {"missing": missing})
        return given

    def tender(self) -> Tender:
        """Return what was handed over."""
        given = self.cleaned_data
        return Tender(
            method=PaymentMethod.CASH,
            key=given["key"],
            tendered=given["tendered"],
            agreed=given["agreed"],
            kept=given["kept"],
        )


class CardForm(DeskForm):
    """A card: a test card where the terminal is simulated, else the terminal beside the desk."""

    agreed = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)
    token = forms.ChoiceField(label=_("Card"), choices=())

    def __init__(self, station: Station, *args: Any, **kwargs: Any) -> None:
        """Ask for a card only where one can be chosen."""
        super().__init__(station, *args, **kwargs)
        token = self.fields["token"]
        assert isinstance(token, forms.ChoiceField)  # noqa: S101 - declared so above
        if cards_are_simulated():
            token.choices = [(card.token, f"{str(card.shows).capitalize()} ({card.label})") for card in TEST_CARDS]
        else:
            del self.fields["token"]

    def tender(self) -> Tender:
        """Return the card, or the slip."""
        given = self.cleaned_data
        method = PaymentMethod.CARD if "token" in given else PaymentMethod.TERMINAL
        return Tender(method=method, key=given["key"], token=given.get("token", ""), agreed=given["agreed"])


class ExitCashForm(CashForm, LaneForm):
    """Cash for a car that leaves."""


class ExitCardForm(CardForm, LaneForm):
    """A card for a car that leaves."""


class NotedForm(LaneForm):
    """An act that needs a reason."""

    note = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_NOTE,
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
    )


class LetOutForm(NotedForm):
    """A car that leaves without paying."""

    how = forms.ChoiceField(
        label=_("The fee"),
        choices=Settlement.choices,
        initial=Settlement.DEBT,
        widget=forms.RadioSelect,
    )
    field_order = ["key", "how", "note"]

    def __init__(self, station: Station, *args: Any, **kwargs: Any) -> None:
        """Focus the reason: the fee mostly stays owed."""
        super().__init__(station, *args, **kwargs)
        self.fields["note"].widget.attrs |= FIRST


class EndStayForm(DeskForm):
    """The end of a stay that is not there any more.

    `left_at` is by the lot's clock; empty means `seen_at`, when the price was shown. `owed` is that price.
    """

    outcome = forms.ChoiceField(
        label=_("What happened?"),
        choices=StayEnding.choices,
        initial=StayEnding.LEFT_UNSEEN,
        widget=forms.RadioSelect,
    )
    left_at = forms.DateTimeField(
        label=_("When did it leave?"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: just now."),
    )
    settlement = forms.ChoiceField(
        label=_("The fee until then"),
        choices=Settlement.choices,
        initial=Settlement.DEBT,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Reason"), max_length=LONGEST_NOTE, widget=forms.TextInput(attrs={"autocomplete": "off"} | FIRST)
    )
    owed = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S%z"])

    @property
    def voids(self) -> bool:
        """Return whether the stay never was; call it after `is_valid`."""
        return bool(self.cleaned_data["outcome"] == StayEnding.NEVER_WAS)

    def left(self) -> datetime:
        """Return when the car left; call it after `is_valid`."""
        typed: datetime | None = self.cleaned_data["left_at"]
        seen: datetime = self.cleaned_data["seen_at"]
        return typed.replace(tzinfo=zone_of(self.station.lot)) if typed else seen


class OpenGateForm(NotedForm):
    """A gate that is opened for no stay."""

    gate = LaneField(label=_("Gate"))
    field_order = ["key", "gate", "note"]

    def __init__(self, station: Station, *args: Any, **kwargs: Any) -> None:
        """Focus the reason: the gate is mostly the attendant's own."""
        super().__init__(station, *args, **kwargs)
        self.fields["note"].widget.attrs |= FIRST

    def lanes(self, station: Station) -> list[Gate]:
        """Return every gate."""
        return station.gates


class HoldForm(OpenGateForm):
    """A gate that is held open until somebody ends that."""


class RegionField(forms.CharField):
    """Where a plate is from, asked only in a lot that tells cars by it."""

    def __init__(self) -> None:
        """Ask for it in a word."""
        super().__init__(
            label=_("Region of the plate"),
            required=False,
            max_length=LONGEST_REGION,
            widget=forms.TextInput(attrs=TYPED),
            help_text=_("Such as D or CH-ZH"),
        )


class LetInForm(NotedForm):
    """A car that an attendant lets in."""

    plate = forms.CharField(
        label=_("Plate"),
        required=False,
        max_length=MAX_RAW_LENGTH,
        widget=forms.TextInput(attrs=TYPED | FIRST),
        help_text=_("Leave empty when the car has none."),
    )
    region = RegionField()
    gate = LaneField(label=_("Gate"))
    vehicle_type = forms.ChoiceField(
        label=_("Vehicle"), choices=choices_of(VEHICLE_LABELS), initial=VehicleType.REGULAR
    )
    electric = forms.BooleanField(label=_("Electric"), required=False)
    permit = forms.BooleanField(label=_("Accessible parking permit"), required=False)
    field_order = ["key", "plate", "region", "vehicle_type", "electric", "permit", "gate", "note"]

    def lanes(self, station: Station) -> list[Gate]:
        """Return the gates that lead in."""
        return station.entries

    def clean_plate(self) -> str | None:
        """Return a possible plate, or None."""
        return typed_plate(self.cleaned_data["plate"])

    def body(self) -> ReadBody:
        """Return the car as a read of it."""
        given = self.cleaned_data
        return ReadBody(
            event_id=given["key"],
            plate=given["plate"],
            region=given.get("region") or None,
            vehicle_type=given["vehicle_type"],
            electric=given["electric"],
            permit=given["permit"],
        )


def typed_plate(text: str) -> str | None:
    """Return a typed plate as it is stored, None for a text without one; raises ValidationError."""
    try:
        return as_typed(text) if normalise(text) else None
    except PlateError as error:
        raise forms.ValidationError(translated(error.message)) from error
