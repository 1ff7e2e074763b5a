"""Forms of debts: many written off at once, what they lead to and their reminders cost, and answers to appeals."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import DebtConsequence, Operator
from common.money import format_amount
from common.notes import LONGEST_NOTE
from common.web.amount_field import AmountField
from lists.services.batches import MOST_ROWS
from office.forms import OperatorForm

_KEYS = rf"\d{{1,18}}(?:,\d{{1,18}}){{0,{MOST_ROWS - 1}}}"


class OldDebtsForm(OperatorForm):
    """Which debts to write off: at least so many days old, and owing at most so much."""

    days = forms.IntegerField(label=_("Older than, in days"), min_value=0, max_value=36500, initial=180)
    most = AmountField(label=_("Owing at most"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the amount in the currency of the chosen operator."""
        super().__init__(*args, **kwargs)
        chosen = self.operators.get(str(self.data.get("operator", "")), next(iter(self.operators.values())))
        most = self.fields["most"]
        assert isinstance(most, AmountField)  # noqa: S101 - declared so above
        most.currency = chosen.currency


class WriteOffForm(forms.Form):
    """The debts that were shown, by their keys, the largest amount among them, and why they are written off."""

    debts = forms.RegexField(rf"^{_KEYS}$", widget=forms.HiddenInput)
    agreed = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    why = forms.CharField(
        label=_("Why?"), max_length=LONGEST_NOTE, strip=True, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_debts(self) -> list[int]:
        """Return the keys."""
        return [int(key) for key in self.cleaned_data["debts"].split(",")]


class DebtRulesForm(forms.Form):
    """What three open debts of a plate lead to at an operator, and what reminders cost, in its currency."""

    consequence = forms.ChoiceField(
        label=_("Three open debts of a plate"), choices=DebtConsequence.choices, widget=forms.RadioSelect
    )
    fee = AmountField(label=_("Fee of each reminder"), required=False)
    cap = AmountField(
        label=_("All fees of one debt at most"), required=False, help_text=_("What the law allows. Needed for a fee.")
    )

    def __init__(self, data: QueryDict | None = None, *, operator: Operator) -> None:
        """Start with the present rules."""
        self.operator = operator
        fees = {"fee": operator.debt_reminder_fee or None, "cap": operator.debt_fee_cap}
        shown = {name: format_amount(fee, operator.currency) for name, fee in fees.items() if fee is not None}
        shown["consequence"] = operator.debt_consequence
        super().__init__(data, initial=shown, auto_id=f"id_{operator.slug}_%s")
        for name in fees:
            field = self.fields[name]
            assert isinstance(field, AmountField)  # noqa: S101 - declared so above
            field.currency = operator.currency

    def clean(self) -> dict[str, Any]:
        """Refuse a fee without a cap."""
        given = super().clean() or {}
        if given.get("fee") and given.get("cap") is None and "cap" not in self.errors:
            self.add_error("cap", gettext("Say how much the law allows for all reminders together."))
        return given


class AnswerForm(forms.Form):
    """An admin's answer to an appeal; it is mailed to the driver."""

    accept = forms.TypedChoiceField(
        label=_("The driver"),
        choices=[("yes", _("is right: write it off")), ("no", _("is wrong: it stays owed"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer"), max_length=LONGEST_NOTE, strip=True, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
