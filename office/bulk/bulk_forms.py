"""The form of an act on many rows: the rows that were shown, with what was agreed to, and why."""

import re
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lists.services.batches import MOST_ROWS
from office.forms import WhyForm

_ROW = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)


class BulkForm(forms.Form):
    """Rows as pairs of key and amount; `key` makes a form that is sent twice one batch."""

    rows = forms.CharField(widget=forms.HiddenInput, max_length=MOST_ROWS * 40)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_rows(self) -> list[tuple[int, int]]:
        """Return the rows."""
        pairs = [_ROW.fullmatch(text) for text in self.cleaned_data["rows"].split(",")]
        rows = [(int(pair[1]), int(pair[2])) for pair in pairs if pair]
        if len(rows) < len(pairs):
            raise forms.ValidationError(gettext("Choose the rows in the list again."))
        return rows

    @property
    def given(self) -> dict[str, object]:
        """Return what the act is given; call it after `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"rows", "key"}}


class BulkWhyForm(BulkForm, WhyForm):
    """An act with its reason."""

    field_order = ["why"]


class BulkCancelForm(BulkWhyForm):
    """Cancelling bookings, for their fees or free of charge."""

    free = forms.BooleanField(label=_("Give everything back, also what cancelling costs"), required=False)
    field_order = ["free", "why"]
