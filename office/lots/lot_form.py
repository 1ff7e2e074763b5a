"""The settings of a lot as a person types them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.text import slugify

from accounts.models import Operator
from common.errors import DomainError
from common.money import InvalidAmountError, currency_exponent, parse_money
from common.web.forms import add_problem
from lots.models import Lot, Tracking
from lots.services import InvalidLotError
from office.lots.timezones import zone_choices, zones_by_region

if TYPE_CHECKING:
    LotModelForm = forms.ModelForm[Lot]
else:
    LotModelForm = forms.ModelForm

BASICS = ("name", "slug", "city", "timezone", "currency")
GROUPS = {
    "Where it is": ("address", "postal_code", "latitude", "longitude", "max_height_cm", "amenities"),
    "When it is open": ("opening_hours", "holidays_country", "holidays_subdivision", "holidays_extra"),
    "How spots are given": ("tracking", "allocation"),
    "At the gates": (
        *("low_confidence", "confidence_threshold", "dedupe_seconds", "reentry_minutes", "lane_fee_limit"),
        *("early_minutes", "protect_minutes"),
    ),
    "Bookings": (
        *("hold_minutes", "turnaround_minutes", "no_show_minutes", "cancel_minutes"),
        *("early_grace_minutes", "late_grace_minutes"),
    ),
}
TYPED = ("amenities", "opening_hours", "holidays_country", "holidays_subdivision", "holidays_extra", "lane_fee_limit")
EMPTY_MEANS_EMPTY = ("city", "address", "postal_code", "latitude", "longitude", "max_height_cm")
PLAIN = tuple(name for name in (*BASICS, *(name for names in GROUPS.values() for name in names)) if name not in TYPED)


class Group(NamedTuple):
    """Fields that belong together; opened when one of them is wrong."""

    title: str
    fields: list[BoundField]
    is_wrong: bool


class LotForm(LotModelForm):
    """All settings of a lot. Only a name and a timezone are needed; what stays empty takes the usual value."""

    timezone = forms.ChoiceField(choices=zones_by_region)
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180)
    amenities = forms.CharField(required=False, help_text="Words with commas between, such as lift, toilet, cctv")
    opening_hours = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One line each, such as “mon-fri: 06:00-24:00” or “sun,holiday: closed”. Empty: always open.",
    )
    holidays_country = forms.CharField(label="Holidays of", required=False, help_text="A country code, such as CH")
    holidays_subdivision = forms.CharField(label="Part of that country", required=False, help_text="Such as ZH")
    holidays_extra = forms.CharField(label="More holidays", required=False, help_text="Days such as 2026-04-20")
    lane_fee_limit = forms.CharField(
        label="Largest fee shown at a lane", required=False, help_text="A higher one shows once the ticket is scanned"
    )

    class Meta:
        model = Lot
        fields = PLAIN
        labels = {
            "slug": "Short name",
            "max_height_cm": "Height limit in cm",
            "tracking": "What is counted",
            "allocation": "Which spot a car gets",
            "low_confidence": "When a plate is hard to read",
            "confidence_threshold": "A plate is hard to read below",
            "dedupe_seconds": "Seconds in which a second read is the same car",
            "reentry_minutes": "Minutes in which coming back gets no grace",
            "early_minutes": "Minutes a booked car may come early",
            "protect_minutes": "Minutes ahead in which bookings keep their place",
            "hold_minutes": "Minutes a booked spot is held before",
            "turnaround_minutes": "Minutes between two bookings of a spot",
            "no_show_minutes": "Minutes until a booking counts as a no-show",
            "cancel_minutes": "Minutes before start until which cancelling is free",
            "early_grace_minutes": "Minutes early without a fee",
            "late_grace_minutes": "Minutes late without a fee",
        }
        error_messages: ClassVar = {
            "slug": {
                "unique": "Another lot has this short name. Choose another.",
                "invalid": "Use letters, digits, dashes and underscores only.",
            }
        }
        help_texts = {
            "slug": "Part of the lot's address on the web; empty: made from the name",
            "city": "Drivers search by it",
            "currency": "A code such as CHF",
        }

    def __init__(self, *args: Any, operator: Operator, **options: Any) -> None:
        """Begin with the lot's present settings, or with the operator's currency for a new one."""
        super().__init__(*args, **options)
        lot = self.instance
        for name, field in self.fields.items():
            field.required = name in {"name", "timezone"}
        self.initial.update(_as_typed(lot))
        cast("forms.ChoiceField", self.fields["timezone"]).choices = zone_choices(lot.timezone)
        if not lot.pk:
            self.initial["currency"] = operator.currency
        self.fields["tracking"].disabled = bool(lot.pk and lot.levels.filter(zones__isnull=False).exists())
        self.operator = operator

    def basics(self) -> list[BoundField]:
        """Return the fields that everyone fills in."""
        return [self[name] for name in BASICS]

    def groups(self) -> Iterator[Group]:
        """Return the other fields by subject."""
        for title, names in GROUPS.items():
            fields = [self[name] for name in names]
            yield Group(title, fields, is_wrong=any(field.errors for field in fields))

    def clean_slug(self) -> str:
        """Make the short name from the name when none is given."""
        given = self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name", ""))[:60]
        if not given or given == "new":
            raise forms.ValidationError("Give a short name of letters, digits and dashes.")
        return str(given)

    def clean_currency(self) -> str:
        """Take the operator's currency when none is given."""
        return str(self.cleaned_data["currency"] or self.operator.currency).upper()

    def clean_opening_hours(self) -> dict[str, str]:
        """Read one line for each group of days."""
        lines = [line.strip() for line in self.cleaned_data["opening_hours"].splitlines() if line.strip()]
        hours = {}
        for line in lines:
            days, colon, times = line.partition(":")
            if not colon or days.strip() in hours:
                raise forms.ValidationError(f"“{line}” is not of the form “mon-fri: 06:00-24:00”, each day once.")
            hours[days.strip()] = times.strip()
        return hours

    def clean_lane_fee_limit(self) -> int | None:
        """Read an amount in the lot's currency."""
        typed = self.cleaned_data["lane_fee_limit"]
        try:
            return parse_money(typed, self.cleaned_data.get("currency", self.operator.currency)) if typed else None
        except InvalidAmountError as error:
            raise forms.ValidationError(error.message) from error
        except DomainError as error:
            raise forms.ValidationError("Name a known currency first.") from error

    def clean_amenities(self) -> list[str]:
        """Split the words."""
        return _words(self.cleaned_data["amenities"], r",")

    def values(self) -> dict[str, Any]:
        """Return clean settings for the services; call it after `is_valid`."""
        cleaned = self.cleaned_data
        plain = {name: cleaned[name] for name in PLAIN if not self.fields[name].disabled}
        given = {name: value for name, value in plain.items() if value not in {None, ""} or name in EMPTY_MEANS_EMPTY}
        holidays = {
            "country": cleaned["holidays_country"].upper(),
            "subdivision": cleaned["holidays_subdivision"],
            "extra": _words(cleaned["holidays_extra"], r"[\s,]"),
        }
        return given | {
            "amenities": cleaned["amenities"],
            "opening_hours": cleaned["opening_hours"],
            "lane_fee_limit": cleaned["lane_fee_limit"],
            "holidays": {name: value for name, value in holidays.items() if value},
        }

    def refuse(self, error: DomainError) -> None:
        """Show what a service refused."""
        if isinstance(error, InvalidLotError):
            error = InvalidLotError(error.message, errors=[one for one in error.errors if one.path not in self.errors])
        add_problem(self, error)


def _words(text: str, between: str) -> list[str]:
    return [word.strip() for word in re.split(between, text) if word.strip()]


def _as_typed(lot: Lot) -> dict[str, str]:
    limit = "" if lot.lane_fee_limit is None else _typed_money(lot.lane_fee_limit, lot.currency)
    return {
        "amenities": ", ".join(lot.amenities),
        "opening_hours": "\n".join(f"{days}: {times}" for days, times in lot.opening_hours.items()),
        "holidays_country": lot.holidays.get("country") or "",
        "holidays_subdivision": lot.holidays.get("subdivision") or "",
        "holidays_extra": " ".join(lot.holidays.get("extra") or ()),
        "lane_fee_limit": limit,
        "tracking": lot.tracking or Tracking.SPOTS,
    }


def _typed_money(amount: int, currency: str) -> str:
    exponent = currency_exponent(currency)
    return f"{amount / 10**exponent:.{exponent}f}"
