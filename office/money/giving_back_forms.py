"""Forms of refunds: what to give back, and what becomes of one that did not arrive."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from billing.models import Payment
from billing.words import REFUND_KINDS
from common.money import format_amount
from common.notes import LONGEST_NOTE
from common.web.amount_field import AmountField

_NOTE = {"autocomplete": "off"}


class RefundForm(forms.Form):
    """A refund of one payment; `key` makes a double submit one refund, `currency` is the one that was shown."""

    amount = AmountField(label=_("Amount"))
    kind = forms.ChoiceField(label=_("Kind"), choices=REFUND_KINDS, initial="goodwill", widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why?"), max_length=LONGEST_NOTE, strip=True, widget=forms.TextInput(attrs=_NOTE))
    currency = forms.CharField(max_length=3, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, payment: Payment) -> None:
        """Offer what is left of the payment."""
        self.payment, self.shown_in = payment, payment.charge.currency
        left = format_amount(payment.captured_amount - payment.refunded_amount, self.shown_in)
        initial = {"amount": left, "currency": self.shown_in, "key": uuid4()}
        super().__init__(data, initial=initial)
        amount = self.fields["amount"]
        assert isinstance(amount, AmountField)  # noqa: S101 - declared so above
        amount.currency = self.shown_in

    def clean_currency(self) -> str:
        """Refuse another currency than that of the payment."""
        currency: str = self.cleaned_data["currency"]
        if currency != self.shown_in:
            raise forms.ValidationError(gettext("This payment was in %(currency)s.") % {"currency": self.shown_in})
        return currency

    def order(self) -> dict[str, Any]:
        """Return what to give back, as the services name it."""
        given = self.cleaned_data
        return {
            "payment": self.payment,
            "amount": given["amount"],
            "reason": given["reason"],
            "goodwill": given["kind"] == "goodwill",
            "idempotency_key": f"refund-{given['key']}",
        }


class RefundLimitForm(forms.Form):
    """What one person may refund of a stay, in the operator's currency; empty for any amount."""

    largest = AmountField(label=_("Largest refund"), required=False)

    def __init__(self, data: Any = None, *, operator: Operator) -> None:
        """Start with the current limit."""
        self.operator = operator
        limit = operator.refund_limit
        shown = "" if limit is None else format_amount(limit, operator.currency)
        super().__init__(data, initial={"largest": shown}, auto_id=f"id_{operator.slug}_%s")
        largest = self.fields["largest"]
        assert isinstance(largest, AmountField)  # noqa: S101 - declared so above
        largest.currency = operator.currency
