"""Levels, zones and spots as a person types them."""

import re
from typing import Any

from django import forms

from common.db.choices import choices_of
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Level, Lot, Zone
from lots.services import ZoneValues
from lots.services.zones import MOST_SPOTS_PER_LOT

_SPAN = re.compile(r"(?P<prefix>.*?)(?P<first>\d{1,9})\s*(?:…|\.\.\.?|–)\s*(?P=prefix)(?P<last>\d{1,9})", re.ASCII)


class LevelForm(forms.Form):
    """A floor's number and name."""

    number = forms.IntegerField(min_value=-200, max_value=500, help_text="0 is the ground, -1 the first below")
    name = forms.CharField(max_length=60, required=False, help_text="Empty: called after its number")


class ZoneForm(forms.Form):
    """A zone's name, type, size and distances; the names of its spots where spots are counted."""

    count = forms.IntegerField(label="How many", min_value=0, max_value=MOST_SPOTS_PER_LOT)
    spot_type = forms.ChoiceField(label="Spot type", choices=choices_of(SPOT_LABELS), initial=SpotType.REGULAR)
    # The form's own prefix is an attribute apart: Django takes fields out of the class.
    prefix = forms.CharField(  # type: ignore[assignment]
        max_length=20, required=False, help_text="“A-” makes A-1, A-2, …"
    )
    start = forms.IntegerField(label="First number", min_value=0, max_value=1_000_000, required=False)
    name = forms.CharField(label="Zone", max_length=60, required=False, help_text="Empty: called after the spots")
    distance = forms.IntegerField(label="Metres to the entrance", min_value=0, max_value=1_000_000, required=False)
    elevator_distance = forms.IntegerField(label="Metres to the lift", min_value=0, max_value=1_000_000, required=False)

    def __init__(self, *args: Any, lot: Lot, zone: Zone | None = None, **options: Any) -> None:
        """Leave out what can't be chosen: names of spots that are not counted, and all but names once they are made."""
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
        """Refuse characters that no sign shows."""
        prefix = str(self.cleaned_data["prefix"])
        if not prefix.isprintable():
            raise forms.ValidationError("Use printable characters only.")
        return prefix

    def values(self) -> ZoneValues:
        """Return clean values; call it after `is_valid`. An empty name stays empty."""
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
    """A zone on a level that may not be there yet."""

    level = forms.IntegerField(label="On level", min_value=-200, max_value=500, initial=0)

    field_order = ["count", "spot_type", "level", "prefix", "start", "name", "distance", "elevator_distance"]


class MaintenanceForm(forms.Form):
    """Which spots of a level go out of use, and why."""

    spots = forms.CharField(max_length=4_000, help_text="Names with spaces or commas between; A-1…A-9 is a row")
    note = forms.CharField(max_length=200, required=False, help_text="Shown to colleagues, such as “wet floor”")

    def __init__(self, *args: Any, level: Level, **options: Any) -> None:
        """Read names of the level's spots."""
        super().__init__(*args, **options)
        self.level = level

    def clean_spots(self) -> list[str]:
        """Return the names of spots, spans spelled out; every one must be on the level."""
        known = set(self.level.spots.values_list("number", flat=True))
        if self.cleaned_data["spots"] in known:
            return [self.cleaned_data["spots"]]
        names = [name for part in re.split(r"[,\s]+", _tight(self.cleaned_data["spots"])) for name in _spelled(part)]
        unknown = [name for name in names if name not in known]
        if unknown or not names:
            raise forms.ValidationError(f"There is no spot {unknown[0] if unknown else ''} on this level.")
        return list(dict.fromkeys(names))


def _tight(text: str) -> str:
    """Take the spaces out of spans."""
    return re.sub(r"\s*(…|\.\.\.?|–)\s*", r"\1", text).strip()


def _spelled(part: str) -> list[str]:
    span = _SPAN.fullmatch(part)
    if span is None:
        return [part] if part else []
    first, last = int(span["first"]), int(span["last"])
    return [f"{span['prefix']}{number}" for number in range(first, min(last, first + MOST_SPOTS_PER_LOT) + 1)]
