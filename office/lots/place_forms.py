"""The forms for levels, zones and spots."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.db.choices import choices_of
from lots.checks import HIGHEST_LEVEL, LARGEST_NUMBER, LOWEST_LEVEL
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Lot, Zone
from lots.services import ZoneValues
from lots.services.zones import LARGEST_STEP, MOST_SPOTS_PER_LOT
from office.lots.row_fields import (
    PLACE,
    angle_field,
    left_field,
    metres_of,
    place_given,
    refuse_half_a_place,
    top_field,
)


class LevelForm(forms.Form):
    """A level's number and name."""

    number = forms.IntegerField(
        label=_("Number"),
        min_value=LOWEST_LEVEL,
        max_value=HIGHEST_LEVEL,
        help_text=_("0 is the ground level, -1 the first below it"),
    )
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, help_text=_("Leave empty to name it after its number")
    )


class ZoneForm(forms.Form):
    """A zone's name, type, size and distances, and how its spots are numbered."""

    count = forms.IntegerField(label=_("How many"), min_value=0, max_value=MOST_SPOTS_PER_LOT)
    spot_type = forms.ChoiceField(label=_("Spot type"), choices=choices_of(SPOT_LABELS), initial=SpotType.REGULAR)
    # No clash with `Form.prefix`: Django removes fields from the class.
    prefix = forms.CharField(  # type: ignore[assignment]
        label=_("Prefix"), max_length=20, required=False, help_text=_("“A-” makes A-1, A-2, …")
    )
    start = forms.IntegerField(label=_("First number"), min_value=0, max_value=LARGEST_NUMBER, required=False)
    step = forms.IntegerField(
        label=_("Numbers rise by"),
        min_value=1,
        max_value=LARGEST_STEP,
        initial=1,
        required=False,
        help_text=_("2 makes 1, 3, 5, …"),
    )
    name = forms.CharField(
        label=_("Zone"), max_length=60, required=False, help_text=_("Leave empty to name it after its spots")
    )
    distance = forms.IntegerField(
        label=_("Metres to the entrance"), min_value=0, max_value=LARGEST_NUMBER, required=False
    )
    elevator_distance = forms.IntegerField(
        label=_("Metres to the lift"), min_value=0, max_value=LARGEST_NUMBER, required=False
    )

    left, top, angle = left_field(), top_field(), angle_field()

    def __init__(self, *args: Any, lot: Lot, zone: Zone | None = None, **options: Any) -> None:
        """Leave out the numbering and the place where spots aren't numbered, and disable what can't change any more."""
        if zone is not None:
            options["initial"] = {name: getattr(zone, name) for name in ZoneValues.__slots__} | metres_of(zone)
        super().__init__(*args, **options)
        self.zone = zone
        if not lot.counts_spots:
            for name in ("prefix", "start", "step", *PLACE):
                del self.fields[name]
        elif zone is not None:
            for name in ("count", "spot_type"):
                self.fields[name].disabled = True

    def clean_prefix(self) -> str:
        """Refuse characters that can't be printed on a sign."""
        prefix = str(self.cleaned_data["prefix"])
        if not prefix.isprintable():
            raise forms.ValidationError(gettext("Use printable characters only."))
        return prefix

    def clean(self) -> dict[str, Any]:
        """Ask for both or neither of how far a row begins from the left and from the top."""
        given = super().clean() or {}
        refuse_half_a_place(self, given)
        return given

    def values(self) -> ZoneValues:
        """Return the cleaned values; call it after `is_valid`. An empty name stays empty."""
        cleaned = self.cleaned_data
        start, place = cleaned.get("start"), place_given(cleaned)
        prefix, step = cleaned.get("prefix", ""), cleaned.get("step") or 1
        if self.zone is not None and "prefix" not in self.data:  # what was not sent stays as it is
            prefix, start, step = self.zone.prefix, self.zone.start, self.zone.step
        if self.zone is not None and "left" not in self.data:
            place = self.zone.place
        return ZoneValues(
            name=cleaned["name"] or (self.zone.name if self.zone else ""),
            spot_type=cleaned["spot_type"],
            count=cleaned["count"],
            prefix=prefix,
            start=1 if start is None else start,
            distance=cleaned["distance"],
            elevator_distance=cleaned["elevator_distance"],
            step=step,
            left=place.left if place else None,
            top=place.top if place else None,
            angle=place.angle if place else 0,
        )


class PlacesForm(ZoneForm):
    """A new zone on a level, which is added when it doesn't exist."""

    level = forms.IntegerField(label=_("On level"), min_value=LOWEST_LEVEL, max_value=HIGHEST_LEVEL, initial=0)

    field_order = [
        *("count", "spot_type", "level", "prefix", "start", "step", "name", "distance", "elevator_distance"),
        *PLACE,
    ]
