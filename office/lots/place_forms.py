"""The forms for levels, zones and spots."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.db.choices import choices_of
from common.notes import LONGEST_NOTE
from lots.checks import HIGHEST_LEVEL, LARGEST_NUMBER, LOWEST_LEVEL
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Level, Lot, Zone
from lots.services import ZoneValues
from lots.services.zones import MOST_SPOTS_PER_LOT

_SPAN = re.compile(r"(?P<prefix>.*?)(?P<first>\d{1,9})\s*(?:…|\.\.\.?|–)\s*(?P=prefix)(?P<last>\d{1,9})", re.ASCII)


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
    name = forms.CharField(
        label=_("Zone"), max_length=60, required=False, help_text=_("Leave empty to name it after its spots")
    )
    distance = forms.IntegerField(
        label=_("Metres to the entrance"), min_value=0, max_value=LARGEST_NUMBER, required=False
    )
    elevator_distance = forms.IntegerField(
        label=_("Metres to the lift"), min_value=0, max_value=LARGEST_NUMBER, required=False
    )

    def __init__(self, *args: Any, lot: Lot, zone: Zone | None = None, **options: Any) -> None:
        """Leave out the numbering where spots aren't numbered or exist already, and disable what can't change then."""
        if zone is not None:
            options["initial"] = {name: getattr(zone, name) for name in ZoneValues.__slots__}
        super().__init__(*args, **options)
        self.zone = zone
        made = zone is not None and lot.counts_spots
        for name in ("prefix", "start") if not lot.counts_spots or made else ():
            del self.fields[name]
        if made:
            for name in ("count", "spot_type"):
                self.fields[name].disabled = True

    def clean_prefix(self) -> str:
        """Refuse characters that can't be printed on a sign."""
        prefix = str(self.cleaned_data["prefix"])
        if not prefix.isprintable():
            raise forms.ValidationError(gettext("Use printable characters only."))
        return prefix

    def values(self) -> ZoneValues:
        """Return the cleaned values; call it after `is_valid`. An empty name stays empty."""
        cleaned = self.cleaned_data
        start = cleaned.get("start")
        return ZoneValues(
            name=cleaned["name"] or (self.zone.name if self.zone else ""),
            spot_type=cleaned["spot_type"],
            count=cleaned["count"],
            prefix=cleaned.get("prefix", ""),
            start=1 if start is None else start,
            distance=cleaned["distance"],
            elevator_distance=cleaned["elevator_distance"],
        )


class PlacesForm(ZoneForm):
    """A new zone on a level, which is added when it doesn't exist."""

    level = forms.IntegerField(label=_("On level"), min_value=LOWEST_LEVEL, max_value=HIGHEST_LEVEL, initial=0)

    field_order = ["count", "spot_type", "level", "prefix", "start", "name", "distance", "elevator_distance"]


class MaintenanceForm(forms.Form):
    """The spots of a level to take out of use, and why."""

    spots = forms.CharField(
        label=_("Spots"),
        max_length=4_000,
        help_text=_("Separated by spaces or commas. A-1…A-9 means all from A-1 to A-9."),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("Shown to colleagues, such as “wet floor”"),
    )

    def __init__(self, *args: Any, level: Level, **options: Any) -> None:
        """Accept only names of spots on this level."""
        super().__init__(*args, **options)
        self.level = level

    def clean_spots(self) -> list[str]:
        """Return the spots' names with ranges expanded; each must be on the level."""
        known = set(self.level.spots.values_list("number", flat=True))
        if self.cleaned_data["spots"] in known:
            return [self.cleaned_data["spots"]]
        names = [name for part in re.split(r"[,\s]+", _tight(self.cleaned_data["spots"])) for name in _spelled(part)]
        unknown = [name for name in names if name not in known]
        if unknown or not names:
            raise forms.ValidationError(
                _("There is no spot %(number)s on this level.") % {"number": unknown[0] if unknown else ""}
            )
        return list(dict.fromkeys(names))


def _tight(text: str) -> str:
    """Remove the spaces inside ranges."""
    return re.sub(r"\s*(…|\.\.\.?|–)\s*", r"\1", text).strip()


def _spelled(part: str) -> list[str]:
    span = _SPAN.fullmatch(part)
    if span is None:
        return [part] if part else []
    first, last = int(span["first"]), int(span["last"])
    return [f"{span['prefix']}{number}" for number in range(first, min(last, first + MOST_SPOTS_PER_LOT) + 1)]
