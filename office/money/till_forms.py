"""Forms of the office's shifts."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Operator
from billing.models import Shift
from billing.shifts import Counted
from common.money import InvalidAmountError, format_amount, parse_money
from common.notes import LONGEST_NOTE
from common.translation import translated

_NUMERIC = {"inputmode": "decimal", "autocomplete": "off"}


def _minor(text: str, currency: str) -> int:
    try:
        return parse_money(text, currency)
    except InvalidAmountError as error:
        raise forms.ValidationError(translated(error.message)) from error


class ToleranceForm(forms.Form):
    """How far an operator's tills may be off before a note is needed."""

    tolerance = forms.CharField(
        label=gettext_lazy("Over or short without a note"), max_length=20, widget=forms.TextInput(attrs=dict(_NUMERIC))
    )

    def __init__(self, sent: Any = None, *, operator: Operator) -> None:
        """Start with the operator's tolerance."""
        initial = {"tolerance": format_amount(operator.till_tolerance, operator.currency)}
        super().__init__(sent, initial=initial, auto_id=f"id_{operator.slug}_%s")
        self.operator = operator

    def clean_tolerance(self) -> int:
        """Return minor units."""
        return _minor(self.cleaned_data["tolerance"], self.operator.currency)


class ReopenForm(forms.Form):
    """Why a closed shift is opened again."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_NOTE, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class ForgottenForm(forms.Form):
    """The end of a shift that its cashier has forgotten: what an admin counted, all of which goes to the safe."""

    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=LONGEST_NOTE, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, shift: Shift, currencies: list[str], **options: Any) -> None:
        """Ask for a sum in each currency of the till, unless it was counted before."""
        super().__init__(*args, **options)
        self.currencies = [] if shift.is_counted else currencies
        for currency in self.currencies:
            label = _("Cash counted, in %(currency)s") % {"currency": currency}
            self.fields[f"cash_{currency}"] = forms.CharField(
                label=label, max_length=20, widget=forms.TextInput(attrs=dict(_NUMERIC))
            )
        self.order_fields([f"cash_{currency}" for currency in self.currencies])

    def clean(self) -> dict[str, Any]:
        """Put the sums into minor units."""
        given = super().clean() or {}
        for name in [f"cash_{currency}" for currency in self.currencies]:
            try:
                given[name] = _minor(given.get(name, ""), name.removeprefix("cash_"))
            except forms.ValidationError as error:
                if name not in self.errors:
                    self.add_error(name, error)
        return given

    def cash(self) -> dict[str, Counted]:
        """Return what was counted, by currency; call it after `is_valid`."""
        return {currency: Counted(self.cleaned_data[f"cash_{currency}"]) for currency in self.currencies}
