"""What the filters of the office's lists share: days, lot, and amounts in the currencies of the lots."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.scope import Scope
from common.errors import DomainError
from common.money import LARGEST_AMOUNT, parse_money
from common.translation import translated

HOURS = 3600
LENGTHS = (
    ("1", _("1 hour")),
    ("4", _("4 hours")),
    ("12", _("12 hours")),
    ("24", _("1 day")),
    ("72", _("3 days")),
    ("168", _("7 days")),
    ("720", _("30 days")),
)


class DaysFilter(forms.Form):
    """A filter with days, the first and the last included."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def add_prefix(self, field_name: str) -> str:
        """Name the days `from` and `to` in the address, as the API does."""
        return {"since": "from", "until": "to"}.get(field_name, field_name)


class LotsFilter(DaysFilter):
    """A filter with days and a lot of the scope, which is hidden where there is nothing to choose between."""

    lot = forms.ChoiceField(label=_("Lot"), required=False)

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data)
        offer_lots(self, scope)


class AmountsFilter(LotsFilter):
    """A filter with amounts, typed in major units and compared in the currencies of the scope's lots."""

    least = forms.CharField(label=_("At least"), required=False, max_length=20)
    most = forms.CharField(label=_("At most"), required=False, max_length=20)

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data, scope)
        self.currencies = {lot.currency for lot in scope.lots}

    def clean_least(self) -> dict[str, int]:
        """Return the amount in minor units by currency."""
        return self._amounts("least")

    def clean_most(self) -> dict[str, int]:
        """Return the amount in minor units by currency."""
        return self._amounts("most")

    def _amounts(self, name: str) -> dict[str, int]:
        text = self.cleaned_data[name].strip()
        found: dict[str, int] = {}
        refused: DomainError | None = None
        for currency in sorted(self.currencies) if text else ():
            try:
                found[currency] = parse_money(text, currency)
            except DomainError as error:
                refused = error
        if refused is not None and not found:
            raise forms.ValidationError(translated(refused.message))
        return {currency: min(amount, LARGEST_AMOUNT) for currency, amount in found.items()}


def offer_lots(form: forms.Form, scope: Scope) -> None:
    """Offer the lots of the scope in the field `lot` of a form, hidden where there is nothing to choose between."""
    lots = [(lot.slug, lot.name) for lot in scope.lots]
    form.fields["lot"].choices = [("", _("All lots")), *lots]  # type: ignore[attr-defined]
    if len(lots) < 2:  # noqa: PLR2004 - nothing to choose between
        form.fields["lot"].widget = forms.HiddenInput()


def amounts_asked(wanted: dict[str, Any], amount: str, currency: str) -> Q:
    """Match the rows whose `amount` a valid AmountsFilter asks for, each in its own `currency`."""
    asked = Q()
    for name, comparison in (("least", "gte"), ("most", "lte")):
        by_currency = wanted.get(name)
        if by_currency:
            matching = Q(pk=None)
            for code, limit in by_currency.items():
                matching |= Q(**{currency: code, f"{amount}__{comparison}": limit})
            asked &= matching
    return asked


def length_asked(wanted: dict[str, Any]) -> timedelta | None:
    """Return the length that a filter with LENGTHS asks for."""
    hours = wanted.get("length")
    return timedelta(seconds=int(hours) * HOURS) if hours else None


def choices_with(first: Any, choices: Collection[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return choices after one for anything."""
    return [("", first), *choices]
