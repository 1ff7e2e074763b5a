"""The search form for lots."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from common.db.choices import choices_of
from common.errors import DomainError, FieldError
from common.web.forms import refuse
from common.web.wall_clock import as_typed, instant_after, instant_of, read_wall_clock, rounded_up
from driver.book_forms import STEP
from lots.lot_search import LotSearch
from lots.models import SPOT_LABELS
from lots.positions import Position
from lots.queries import LONGEST_QUERY
from reservations.booked_time import USUAL_TIME, BookedTime, InvalidPeriodError, check_period
from reservations.lot_offers import Wanted
from reservations.ranking import SortBy

SORT_LABELS = {SortBy.NEAR: _("Nearest"), SortBy.CHEAP: _("Cheapest"), SortBy.BEST: _("Best overall")}
JUST_PAST = timedelta(minutes=30)
"""A start that has passed no longer ago means now: the page may have stood open."""


class FindLotsForm(forms.Form):
    """Where, when, on which kind of spot, and what a lot must have; all of it is optional."""

    q = forms.CharField(
        label=_("Where to"),
        required=False,
        max_length=LONGEST_QUERY,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, city or postal code")}),
    )
    start = forms.CharField(
        label=_("From"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    end = forms.CharField(
        label=_("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    spot_type = forms.ChoiceField(
        label=_("Spot"), required=False, choices=[("", _("Any spot")), *choices_of(SPOT_LABELS)]
    )
    sort = forms.ChoiceField(label=_("First"), required=False, choices=choices_of(SORT_LABELS))
    electric = forms.BooleanField(label=_("Charging"), required=False)
    accessible = forms.BooleanField(label=_("Accessible spots"), required=False)
    covered = forms.BooleanField(label=_("Covered"), required=False)
    open = forms.BooleanField(label=_("Open all of this time"), required=False)
    height = forms.FloatField(
        label=_("Height of my vehicle in metres"),
        required=False,
        min_value=0.5,
        max_value=10,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
    )
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lng = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, at: datetime) -> None:
        """Read a search at an instant; call `is_valid` before anything else."""
        self.typed = data.copy()
        super().__init__(self.typed, auto_id="find_%s")
        self.at = at

    def clean_start(self) -> datetime | None:
        """Return when, on the clock of each lot."""
        return _typed(self.cleaned_data["start"])

    def clean_end(self) -> datetime | None:
        """Return until when, on the clock of each lot."""
        return _typed(self.cleaned_data["end"])

    @property
    def near(self) -> Position | None:
        """Return the position to search from, when both of its numbers are given."""
        latitude, longitude = self.cleaned_data.get("lat"), self.cleaned_data.get("lng")
        return None if latitude is None or longitude is None else Position(latitude, longitude)

    @property
    def wanted(self) -> Wanted:
        """Return what to find, without what is invalid."""
        given = self.cleaned_data
        search = LotSearch(
            query=given.get("q", ""),
            near=self.near,
            spot_type=given.get("spot_type", ""),
            electric=given.get("electric", False),
            accessible=given.get("accessible", False),
            covered=given.get("covered", False),
            height_cm=round(100 * given["height"]) if given.get("height") else None,
        )
        sort = SortBy(given.get("sort") or SortBy.NEAR)
        return Wanted(lots=search, time_in=self.time_in, sort=sort, open_then=given.get("open", False))

    @property
    def has_filters(self) -> bool:
        """Return whether it asks for more than where and when."""
        given = self.cleaned_data
        return any(given.get(name) for name in ("electric", "accessible", "covered", "open", "height"))

    def time_in(self, zone: ZoneInfo) -> BookedTime:
        """Return the period on the clock of a zone: two hours from now, where nothing else is typed.

        An hour that the clock shows twice is the second one, where only that makes sense. Raises InvalidPeriodError.
        """
        if wrong := [FieldError(name, str(one)) for name in ("start", "end") for one in self.errors.get(name, [])]:
            raise InvalidPeriodError(wrong[0].message, errors=wrong)
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        this_minute = self.at.replace(second=0, microsecond=0)
        since = rounded_up(self.at, STEP)
        if start is not None:
            since = instant_after(_instant("start", start, zone), zone, this_minute - JUST_PAST).astimezone(UTC)
            if this_minute - JUST_PAST <= since < this_minute:
                since = this_minute
        if end is None:
            return BookedTime(since, since + USUAL_TIME)
        until = instant_after(_instant("end", end, zone), zone, since, strictly=True).astimezone(UTC)
        return BookedTime(since, until)

    def settle(self, zone: ZoneInfo) -> None:
        """Say what is wrong with the period on the clock of the first lot, and fill in what was not typed."""
        try:
            time = self.time_in(zone)
            check_period(time, at=self.at)
        except DomainError as error:
            refuse(self, error)
            return
        for name, instant in time._asdict().items():
            if not self.data.get(name):
                self.typed[name] = as_typed(instant, zone)


def _typed(text: str) -> datetime | None:
    return read_wall_clock(text) if text else None


def _instant(field: str, local: datetime, zone: ZoneInfo) -> datetime:
    try:
        return instant_of(local, zone)
    except forms.ValidationError as error:
        raise InvalidPeriodError(str(error.message), errors=[FieldError(field, str(error.message))]) from error
