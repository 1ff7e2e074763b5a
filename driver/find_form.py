"""The search form for lots."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.db.choices import choices_of
from lots.models import SPOT_LABELS
from lots.queries import LONGEST_QUERY, Position


class FindLotsForm(forms.Form):
    """Words, a spot type and a position to search lots by; all are optional."""

    q = forms.CharField(
        label=_("Where to"),
        required=False,
        max_length=LONGEST_QUERY,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, city or postal code")}),
    )
    spot_type = forms.ChoiceField(
        label=_("Spot"), required=False, choices=[("", _("Any spot")), *choices_of(SPOT_LABELS)]
    )
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lng = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)

    @property
    def near(self) -> Position | None:
        """Return the position to search from, when both of its numbers are given."""
        latitude, longitude = self.cleaned_data.get("lat"), self.cleaned_data.get("lng")
        return None if latitude is None or longitude is None else Position(latitude, longitude)

    @property
    def search(self) -> dict[str, Any]:
        """Return the arguments of `lots.queries.find_lots` after `is_valid`, without invalid ones."""
        cleaned = self.cleaned_data
        return {"near": self.near, "query": cleaned.get("q", ""), "spot_type": cleaned.get("spot_type", "")}
