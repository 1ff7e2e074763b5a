"""The form of a voucher."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.forms import TYPED, DeskForm
from desk.station import Station


class VoucherForm(DeskForm):
    """A voucher that pays a part of the fee."""

    code = forms.CharField(
        label=_("Voucher"), max_length=40, widget=forms.TextInput(attrs=TYPED | {"placeholder": "GV-"})
    )

    def __init__(self, station: Station, *args: Any, **kwargs: Any) -> None:
        """Keep its fields apart from those of the other forms on the page."""
        super().__init__(station, *args, auto_id="id_voucher_%s", **kwargs)
