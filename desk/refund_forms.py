"""Forms of refunds at the desk."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Payment
from billing.words import REFUND_KINDS
from common.money import format_amount
from common.notes import LONGEST_NOTE
from common.translation import money_said
from common.web.amount_field import AmountField
from desk.forms import FIRST, DeskForm
from desk.station import Station


class RefundAtDeskForm(DeskForm):
    """Money of one of a stay's payments to give back; `payment` is a choice only when there are several."""

    payment = forms.TypedChoiceField(label=_("Of"), widget=forms.RadioSelect)
    amount = AmountField(label=_("Amount"))
    kind = forms.ChoiceField(label=_("Kind"), choices=REFUND_KINDS, initial="goodwill", widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_NOTE, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, station: Station, *args: Any, payments: list[Payment], **kwargs: Any) -> None:
        """Offer the payments of which something is left."""
        super().__init__(station, *args, **kwargs)
        payment, amount = self.fields["payment"], self.fields["amount"]
        assert isinstance(payment, forms.TypedChoiceField)  # noqa: S101 - declared so above
        assert isinstance(amount, AmountField)  # noqa: S101 - declared so above
        payment.choices = [(str(paid.pk), _said_of(paid)) for paid in payments]
        payment.coerce = {str(paid.pk): paid for paid in payments}.__getitem__
        payment.initial = str(payments[0].pk)
        if len(payments) == 1:
            payment.widget = forms.HiddenInput()
        amount.currency = payments[0].charge.currency
        amount.initial = format_amount(_left(payments[0]), amount.currency)
        amount.widget.attrs |= FIRST

    def order(self) -> dict[str, Any]:
        """Return what to give back, as the services name it."""
        given = self.cleaned_data
        return {
            "payment": given["payment"],
            "amount": given["amount"],
            "reason": given["reason"],
            "goodwill": given["kind"] == "goodwill",
            "idempotency_key": f"refund-{given['key']}",
        }


class HandOverForm(DeskForm):
    """An approved refund that is handed over."""

    refund = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


def _left(paid: Payment) -> int:
    return paid.captured_amount - paid.refunded_amount


def _said_of(paid: Payment) -> str:
    return f"{money_said(_left(paid), paid.charge.currency)}, {paid.get_method_display()}"
