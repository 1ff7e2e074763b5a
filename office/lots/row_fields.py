"""Where a row of bays lies on the plan, as people type it: in metres, and its angle in degrees."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lots.drawn_rows import FARTHEST, FULL_TURN, RowPlace
from lots.models import Zone

PLACE = ("left", "top", "angle")
DECIMETRES = 10
_FARTHEST = FARTHEST // DECIMETRES


def _metres(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=_FARTHEST, max_digits=5, decimal_places=1, required=False
    )


def left_field() -> forms.DecimalField:
    """Return the field for how far from the left a row begins."""
    return _metres(_("Metres from the left"))


def top_field() -> forms.DecimalField:
    """Return the field for how far from the top a row begins."""
    return _metres(_("Metres from the top"))


def angle_field() -> forms.IntegerField:
    """Return the field for the direction in which a row goes on."""
    return forms.IntegerField(
        label=_("Angle"),
        min_value=0,
        max_value=FULL_TURN - 1,
        required=False,
        help_text=_("0 goes to the right, 90 down"),
    )


def metres_of(zone: Zone) -> dict[str, Any]:
    """Return the place of a zone as these fields show it."""
    place = zone.place
    if place is None:
        return {"left": None, "top": None, "angle": None}
    return {"left": _shown(place.left), "top": _shown(place.top), "angle": place.angle}


def place_given(given: Mapping[str, Any]) -> RowPlace | None:
    """Return the place in cleaned values; None where there is none."""
    left, top = given.get("left"), given.get("top")
    if left is None or top is None:
        return None
    return RowPlace(int(left * DECIMETRES), int(top * DECIMETRES), given.get("angle") or 0)


def refuse_half_a_place(form: forms.Form, given: Mapping[str, Any]) -> None:
    """Refuse a row that is given only one of both distances."""
    missing = [name for name in ("left", "top") if given.get(name) is None and name not in form.errors]
    if len(missing) == 1 and not {"left", "top"} & {*form.errors} and missing[0] in form.fields:
        form.add_error(missing[0], gettext("A row needs both distances, or neither."))


def _shown(decimetres: int) -> Decimal:
    metres = Decimal(decimetres) / DECIMETRES
    return metres.quantize(Decimal(1)) if metres == metres.to_integral_value() else metres


class RowForm(forms.Form):
    """Where one row lies."""

    left, top, angle = left_field(), top_field(), angle_field()

    def __init__(self, zone: Zone, data: Any = None) -> None:
        super().__init__(data, prefix=f"row-{zone.pk}", initial=metres_of(zone))
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        """Ask for both or neither distance."""
        given = super().clean() or {}
        refuse_half_a_place(self, given)
        return given

    @property
    def place(self) -> RowPlace | None:
        """Return where the row lies; call it after `is_valid`."""
        return place_given(self.cleaned_data)
