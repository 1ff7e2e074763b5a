"""What can be done with the bays that are selected on the plan of a level: a form for each act."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.db.choices import choices_of
from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH
from common.web.wall_clock import WallClockField, as_typed, clear_time, rounded_up
from lots.calendar import zone_of
from lots.models import SPOT_LABELS, Level, Spot
from reservations.booked_time import USUAL_TIME, BookedTime

STEP = timedelta(minutes=5)
MOST_PLATES = 50


class BaysForm(forms.Form):
    """An act on selected bays of a level; it is not bound before it is sent."""

    def __init__(self, level: Level, data: QueryDict | None = None, *, prefix: str | None = None) -> None:
        super().__init__(data, prefix=prefix)
        self.level = level
        self.spots: list[Spot] = []

    def clean(self) -> dict[str, Any]:
        """Find the selected bays, and ask for one."""
        given = super().clean() or {}
        self.spots = list(self.level.spots.filter(pk__in=asked_bays(self.data)).order_by("ordinal", "pk"))
        if not self.spots:
            raise forms.ValidationError(gettext("Select at least one spot."))
        return given

    @property
    def numbers(self) -> list[str]:
        """Return the numbers of the selected bays; call it after `is_valid`."""
        return [spot.number for spot in self.spots]


class CloseBaysForm(BaysForm):
    """Why bays are out of use, and until when."""

    reason = forms.CharField(
        label=_("Why?"), max_length=LONGEST_NOTE, help_text=_("Shown to colleagues, such as “wet floor”")
    )

    def __init__(self, level: Level, data: QueryDict | None = None) -> None:
        """Ask for the end on the lot's clock."""
        super().__init__(level, data)
        self.fields["end"] = WallClockField(
            zone=zone_of(level.lot),
            label=_("Until"),
            required=False,
            help_text=_("They come back by themselves then. Empty: until somebody puts them back."),
        )


class OpenBaysForm(BaysForm):
    """Bays that come back into use."""


class RetypeBaysForm(BaysForm):
    """The other type that bays have from now on."""

    spot_type = forms.ChoiceField(label=_("Spot type"), choices=choices_of(SPOT_LABELS))


class HoldBaysForm(BaysForm):
    """The cars that bays are kept for, and when these are expected."""

    plates = forms.CharField(
        label=_("Plates"),
        max_length=MOST_PLATES * (MAX_RAW_LENGTH + 2),
        help_text=_("One for each spot, with commas between them"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def __init__(self, level: Level, data: QueryDict | None = None) -> None:
        """Ask for the times on the lot's clock."""
        super().__init__(level, data, prefix="hold")
        zone, start = zone_of(level.lot), rounded_up(now(), STEP)
        self.fields["start"] = WallClockField(
            zone=zone, label=_("Expected"), initial=as_typed(start, zone), help_text=_("Held from now on")
        )
        self.fields["end"] = WallClockField(zone=zone, label=_("Until"), initial=as_typed(start + USUAL_TIME, zone))

    def clean(self) -> dict[str, Any]:
        """Take the plates apart, and of an hour that the clock shows twice the one that makes sense."""
        given = super().clean()
        if given.get("start") and given.get("end"):
            given["end"] = clear_time(self["end"], given["end"], after=given["start"], strictly=True)
        return given

    @property
    def each_plate(self) -> list[str]:
        """Return the plates; call it after `is_valid`."""
        return [plate.strip() for plate in self.cleaned_data["plates"].split(",") if plate.strip()]

    @property
    def time(self) -> BookedTime:
        """Return what is booked; call it after `is_valid`."""
        return BookedTime(self.cleaned_data["start"], self.cleaned_data["end"])


def asked_bays(data: QueryDict | Any) -> set[int]:
    """Return the keys of bays that an address or a form names."""
    return {int(key) for key in data.getlist("bay") if key.isascii() and key.isdecimal() and len(key) < len(str(2**63))}
