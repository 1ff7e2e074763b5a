"""The forms of the office pages: filters, review resolutions, people, plates and debts."""

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from billing.models import PaymentMethod
from common.money import LARGEST_AMOUNT, InvalidAmountError, format_amount, parse_money
from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH
from tickets.services import Settlement

MONEY = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
MOMENT = "%Y-%m-%dT%H:%M:%S"


class ExitForm(forms.Form):
    """The time at which a car left, in its lot's timezone."""

    left_at = forms.DateTimeField(
        label=_("When did the car leave?"),
        input_formats=[MOMENT, "%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=MOMENT),
    )

    def __init__(self, *args: object, zone: ZoneInfo, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through
        self.zone = zone

    def clean_left_at(self) -> datetime:
        """Interpret the time in the lot's timezone."""
        typed: datetime = self.cleaned_data["left_at"]
        return typed.replace(tzinfo=self.zone)


class WhyForm(forms.Form):
    """The reason a person gives."""

    why = forms.CharField(
        label=_("Why?"), max_length=LONGEST_NOTE, widget=forms.TextInput(attrs={"autocomplete": "off"}), strip=True
    )


class CloseForm(ExitForm, WhyForm):
    """The end of a stay: the price that was shown and what happens to what is owed."""

    field_order = ["left_at", "agreed", "settlement", "why"]
    agreed = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)
    settlement = forms.ChoiceField(
        label=_("What is owed"),
        choices=Settlement.choices,
        initial=Settlement.DEBT,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: object, zone: ZoneInfo, **kwargs: object) -> None:
        super().__init__(*args, zone=zone, **kwargs)
        self.fields["left_at"].widget = forms.HiddenInput()


class CorrectPlateForm(forms.Form):
    """The plate that a stay's car really has; `key` makes a double submit one correction.

    `seen` is the state of the stay that the page showed.
    """

    plate = forms.CharField(
        label=_("Plate as on the car"),
        max_length=MAX_RAW_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    why = forms.CharField(
        label=_("Why?"), required=False, max_length=LONGEST_NOTE, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class OperatorForm(forms.Form):
    """A form for one operator, which is chosen only when the person manages several."""

    def __init__(self, *args: object, operators: list[Operator], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through
        self.operators = {operator.slug: operator for operator in operators}
        if len(operators) > 1:
            choices = [(operator.slug, operator.name) for operator in operators]
            self.fields["operator"] = forms.ChoiceField(label=_("Operator"), choices=choices)
            self.order_fields(["operator"])

    @property
    def operator(self) -> Operator:
        """Return the chosen operator; call it after `is_valid`."""
        slug = self.cleaned_data.get("operator") or next(iter(self.operators))
        return self.operators[slug]


class WaiverLimitsForm(forms.Form):
    """How much an attendant may waive, in the operator's currency; empty for no limit."""

    largest = forms.CharField(label=_("Largest fee"), required=False, max_length=20, widget=MONEY)
    a_day = forms.CharField(label=_("Per day and attendant"), required=False, max_length=20, widget=MONEY)

    def __init__(self, data: QueryDict | None = None, *, operator: Operator) -> None:
        """Start with the current limits."""
        self.operator = operator
        limits = {"largest": operator.waiver_limit, "a_day": operator.waiver_day_limit}
        shown = {name: format_amount(limit, operator.currency) for name, limit in limits.items() if limit is not None}
        super().__init__(data, initial=shown, auto_id=f"id_{operator.slug}_%s")

    def clean_largest(self) -> int | None:
        """Return the limit in minor units."""
        return self._amount("largest")

    def clean_a_day(self) -> int | None:
        """Return the limit in minor units."""
        return self._amount("a_day")

    def _amount(self, name: str) -> int | None:
        text = self.cleaned_data[name].strip()
        try:
            return parse_money(text, self.operator.currency) if text else None
        except InvalidAmountError as error:
            raise forms.ValidationError(error.message) from error


class DebtPaymentForm(forms.Form):
    """A payment of a debt in person. `amount` is the one shown; `key` makes a double submit one payment."""

    method = forms.ChoiceField(
        label=_("Method"),
        choices=[(PaymentMethod.CASH, _("Cash")), (PaymentMethod.TERMINAL, _("Card terminal"))],
        widget=forms.RadioSelect,
    )
    amount = forms.IntegerField(min_value=1, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
