"""Forms of merchants and of what they may give."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from common.money import LARGEST_AMOUNT
from common.web.amount_field import AmountField
from lots.models import Lot
from merchants.models import BudgetKind
from office.merchants.discount_form import DiscountForm
from office.money.company_invoices import countries

COLUMNS = ("name", "legal_name", "address", "country", "tax_id", "email")


class MerchantForm(forms.Form):
    """A merchant, who gets its invoices, and the lots at which its customers park."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As drivers read it on their fee."))
    lots = forms.MultipleChoiceField(label=_("Its customers park at"), widget=forms.CheckboxSelectMultiple)
    legal_name = forms.CharField(label=_("Company"), max_length=120, required=False)
    address = forms.CharField(
        label=_("Address"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    tax_id = forms.CharField(label=_("Tax id"), max_length=40, required=False)
    email = forms.EmailField(label=_("Email for invoices"), required=False)

    def __init__(self, data: Any = None, *, lots: Sequence[Lot], merchant: Merchant | None = None) -> None:
        """Offer lots, and start with what is known of a merchant."""
        self.by_key = {str(lot.pk): lot for lot in lots}
        initial: dict[str, Any] = {}
        if merchant is not None:
            initial = {name: getattr(merchant, name) for name in COLUMNS}
            initial["lots"] = [str(place.lot_id) for place in merchant.places.all()]
        super().__init__(data, initial=initial)
        self.fields["lots"].choices = [(key, lot.name) for key, lot in self.by_key.items()]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", "–"), *countries()]  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        """Return the merchant's columns; call it after `is_valid`."""
        return {name: self.cleaned_data[name] for name in COLUMNS}

    @property
    def chosen(self) -> list[Lot]:
        """Return the chosen lots; call it after `is_valid`."""
        return [self.by_key[key] for key in self.cleaned_data["lots"]]


class ValidationTypeForm(DiscountForm):
    """One thing a merchant may give."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As on the merchant’s button."))
    max_per_stay = forms.IntegerField(label=_("Times per stay"), min_value=1, max_value=20, initial=1)
    max_per_plate = forms.IntegerField(
        label=_("Times per car and month"), min_value=1, max_value=1000, required=False, help_text=_("Empty for any.")
    )
    stackable = forms.BooleanField(label=_("Can be combined with other discounts"), required=False)
    budget_kind = forms.ChoiceField(label=_("Monthly budget"), choices=BudgetKind.choices, required=False)
    budget = forms.CharField(
        label=_("At most a month"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    share_percent = forms.IntegerField(
        label=_("Merchant pays (percent)"),
        min_value=0,
        max_value=100,
        initial=100,
        help_text=_("Of what it takes off."),
    )
    by_code = forms.BooleanField(label=_("Customers may take it with the shop’s code of the day"), required=False)
    field_order = ("name", "gives", "value", "share_percent", "max_per_stay", "max_per_plate", "budget_kind", "budget")

    def clean(self) -> dict[str, Any]:
        """Read the budget as its kind says."""
        given = super().clean() or {}
        kind, text = given.get("budget_kind", ""), (given.get("budget") or "").strip()
        if bool(kind) != bool(text):
            self.add_error("budget", _("A budget needs its kind and how much it is."))
        elif kind:
            given["budget_limit"] = self._limit(kind, text)
        return given

    def _limit(self, kind: str, text: str) -> int | None:
        field = AmountField(currency=self.currency) if kind == BudgetKind.AMOUNT else forms.IntegerField()
        try:
            limit = int(field.clean(text))
        except forms.ValidationError as error:
            self.add_error("budget", error)
            return None
        if not 0 < limit <= LARGEST_AMOUNT:
            self.add_error("budget", _("Enter more than nothing."))
        return limit

    @property
    def values(self) -> dict[str, Any]:
        """Return the type's columns; call it after `is_valid`."""
        same = ("name", "max_per_stay", "max_per_plate", "stackable", "budget_kind", "share_percent", "by_code")
        given = {name: self.cleaned_data[name] for name in same}
        return given | {"discount": self.discount, "budget_limit": self.cleaned_data.get("budget_limit")}


class BudgetForm(forms.Form):
    """Another limit of a month's budget."""

    def __init__(self, data: Any = None, *, currency: str, is_money: bool) -> None:
        """Ask for an amount, or for a number."""
        super().__init__(data)
        number = forms.IntegerField(label=_("At most a month"), min_value=1, max_value=LARGEST_AMOUNT)
        amount = AmountField(label=_("At most a month"), currency=currency)
        self.fields["limit"] = amount if is_money else number


class InviteValidatorForm(forms.Form):
    """Who may validate for a merchant."""

    email = forms.EmailField(label=_("Email"))
