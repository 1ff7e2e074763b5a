"""Forms that take a car's old debts and its fee in one go."""

from django import forms
from django.utils.translation import gettext

from billing.models import Debt
from desk.forms import DeskForm, ExitCardForm, ExitCashForm

DEBTS = r"(?:\d{1,19}:\d{1,15},?){1,20}"


class TogetherForm(DeskForm):
    """The debts that were shown, as `key:amount` in minor units; `agreed` is the sum with the fee."""

    debts = forms.RegexField(DEBTS, max_length=400, widget=forms.HiddenInput)

    def clean_debts(self) -> dict[int, int]:
        """Return the amounts by the debts' keys."""
        parts = [part.split(":") for part in self.cleaned_data["debts"].split(",") if part]
        return {int(key): int(amount) for key, amount in parts}

    def clean(self) -> dict[str, object]:
        """Refuse a sum that can't be of these debts."""
        given = super().clean() or {}
        if given.get("debts") and given.get("agreed") is not None and sum(given["debts"].values()) > given["agreed"]:
            self.add_error(None, gettext("Another amount is owed by now. It is shown; take that instead."))
        return given

    @staticmethod
    def written(debts: list[Debt]) -> str:
        """Return the value of `debts`."""
        return ",".join(f"{debt.pk}:{debt.charge.balance_amount}" for debt in debts)


class TogetherCashForm(TogetherForm, ExitCashForm):
    """Cash for all of it."""


class TogetherCardForm(TogetherForm, ExitCardForm):
    """A card for all of it."""
