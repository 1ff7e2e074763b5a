"""What drivers ask of lots, as clean values."""

from typing import Any

from django import forms

from common.db.choices import choices_of
from lots.models import SPOT_LABELS
from lots.queries import LONGEST_QUERY, Position


class FindLotsForm(forms.Form):
    """Words, a spot type and a position to search lots by; all may be left out."""

    q = forms.CharField(
        label="Where to",
        required=False,
        max_length=LONGEST_QUERY,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, city or postal code"}),
    )
    spot_type = forms.ChoiceField(label="Spot", required=False, choices=[("", "Any spot"), *choices_of(SPOT_LABELS)])
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lng = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)

    @property
    def near(self) -> Position | None:
        """Return the position to search from, when both of its numbers are given."""
        latitude, longitude = self.cleaned_data.get("lat"), self.cleaned_data.get("lng")
        return None if latitude is None or longitude is None else Position(latitude, longitude)

    @property
    def search(self) -> dict[str, Any]:
        """Return what `lots.queries.find_lots` takes; call it after `is_valid`, what was wrong is left out."""
        cleaned = self.cleaned_data
        return {"near": self.near, "query": cleaned.get("q", ""), "spot_type": cleaned.get("spot_type", "")}
