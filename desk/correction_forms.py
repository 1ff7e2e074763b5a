"""Forms of what an attendant corrects."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH
from desk.forms import FIRST, TYPED, DeskForm


class PlateCorrectionForm(DeskForm):
    """The plate that a stay's car really has; a button for each of the cameras' other `readings` sends that one."""

    plate = forms.CharField(
        label=_("Plate as on the car"), max_length=MAX_RAW_LENGTH, widget=forms.TextInput(attrs=TYPED | FIRST)
    )
    why = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, readings: Sequence[str], **kwargs: Any) -> None:
        """Keep the readings that are offered."""
        super().__init__(*args, **kwargs)
        self.readings = readings


class UndoForm(DeskForm):
    """An exit that is taken back, by its event."""

    exit = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep two of these on one page apart."""
        super().__init__(*args, auto_id=False, **kwargs)
