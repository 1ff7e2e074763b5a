"""Forms of a cashier's shift; amounts are typed in the currency's major unit and come out in minor units."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import MovementKind, Shift
from billing.models.shifts import LONGEST_DRAWER
from billing.shifts import Counted
from common.coins import coins_and_notes
from common.money import format_amount
from common.notes import LONGEST_NOTE
from common.web.amount_field import AmountField

MOST_PIECES = 100_000
_NUMERIC = {"inputmode": "decimal", "autocomplete": "off"}


class OpenShiftForm(forms.Form):
    """A drawer and the float that was counted in it."""

    drawer = forms.CharField(
        label=_("Drawer"), max_length=LONGEST_DRAWER, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    float_amount = AmountField(label=_("Float, as counted"))
    stay = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Ask in the lot's currency."""
        super().__init__(*args, **options)
        _set_currency(self, "float_amount", currency)
        self.fields["float_amount"].widget.attrs |= {"autofocus": True}


class MovementForm(forms.Form):
    """Cash that moves without a sale."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    kind = forms.ChoiceField(
        label=_("What happens"),
        choices=[(kind.value, kind.label) for kind in (MovementKind.DROP, MovementKind.PAID_IN, MovementKind.PAID_OUT)],
        initial=MovementKind.DROP,
        widget=forms.RadioSelect,
    )
    amount = AmountField(label=_("Amount"))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Needed unless it goes to the safe."),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Ask in the till's currency."""
        super().__init__(*args, **options)
        _set_currency(self, "amount", currency)


class CountForm(forms.Form):
    """What is in the drawer: a box for each coin and note or one sum, other currencies, and the terminal's slips."""

    def __init__(self, *args: Any, shift: Shift, currencies: list[str], **options: Any) -> None:
        """Make a box for each coin and note of the till's currency, a sum for each other one."""
        super().__init__(*args, **options)
        self.shift, self.values = shift, coins_and_notes(shift.currency)
        for value in self.values:
            label = format_amount(value, shift.currency)
            self.fields[f"piece_{value}"] = forms.IntegerField(
                label=label.removesuffix(".00").removesuffix(".000"),
                required=False,
                min_value=0,
                max_value=MOST_PIECES,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-piece": value}),
            )
        words = _("Or the cash in one sum") if self.values else _("Cash")
        self.fields["total"] = AmountField(label=words, currency=shift.currency, required=not self.values)
        self.others = [currency for currency in currencies if currency != shift.currency]
        for currency in self.others:
            label = gettext("Cash in %(currency)s") % {"currency": currency}
            self.fields[f"cash_{currency}"] = AmountField(label=label, currency=currency)
        self.fields["cards"] = AmountField(
            label=_("Slips of the card terminal"),
            currency=shift.currency,
            required=False,
            help_text=_("Their sum; empty if you don’t count them."),
        )
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True

    def pieces(self) -> Iterator[BoundField]:
        """Yield the boxes of coins and notes."""
        yield from (self[f"piece_{value}"] for value in self.values)

    def sums(self) -> Iterator[BoundField]:
        """Yield the fields that take a sum."""
        yield from (self[name] for name in self.fields if not name.startswith("piece_"))

    def clean(self) -> dict[str, Any]:
        """Refuse an empty count, and boxes together with another sum."""
        given = super().clean() or {}
        boxes, total = self._boxes(), given.get("total")
        if self.values and not self.errors and not boxes and total is None:
            self.add_error("total", gettext("Count the drawer, or type 0 when it is empty."))
        if boxes and total is not None and Counted.of_pieces(boxes).amount != total:
            self.add_error("total", gettext("The boxes add up to another sum. Leave one of them empty."))
        return given

    def _boxes(self) -> dict[int, int]:
        given = self.cleaned_data
        return {value: given[f"piece_{value}"] for value in self.values if given.get(f"piece_{value}")}

    def cash(self) -> dict[str, Counted]:
        """Return the cash counted, by currency; call it after `is_valid`."""
        boxes, given = self._boxes(), self.cleaned_data
        own = Counted.of_pieces(boxes) if boxes else Counted(given["total"])
        return {self.shift.currency: own} | {currency: Counted(given[f"cash_{currency}"]) for currency in self.others}


class CloseShiftForm(forms.Form):
    """Where the counted cash goes, and why the till is over or short."""

    left_amount = AmountField(label=_("Left in the drawer for the next cashier"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=LONGEST_NOTE, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, currency: str, note_needed: bool = False, **options: Any) -> None:
        """Ask in the till's currency; `note_needed` when the till is off by more than is tolerated."""
        super().__init__(*args, **options)
        _set_currency(self, "left_amount", currency)
        self.fields["note"].required = note_needed
        self.fields["note" if note_needed else "left_amount"].widget.attrs |= {"autofocus": True}


def _set_currency(form: forms.Form, name: str, currency: str) -> None:
    field = form.fields[name]
    assert isinstance(field, AmountField)  # noqa: S101 - declared so above
    field.currency = currency
    field.label = gettext("%(label)s, in %(currency)s") % {"label": field.label, "currency": currency}
