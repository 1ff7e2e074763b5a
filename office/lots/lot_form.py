"""The form for a lot's settings."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from common.errors import DomainError
from common.money import InvalidAmountError, currency_exponent, parse_money
from common.web.timezones import zone_choices, zones_by_region
from lots.booking_rules import MOST_PERCENT
from lots.compatibility import SpotType
from lots.models import LANGUAGE_CHOICES, SPOT_LABELS, Lot, Tracking
from office.lots.kept_fields import KEPT, kept_fields, said_of_days

if TYPE_CHECKING:
    LotModelForm = forms.ModelForm[Lot]
else:
    LotModelForm = forms.ModelForm

SHARES = {f"share_{kind}": kind for kind in SpotType}
BASICS = ("name", "slug", "city", "timezone", "currency")
GROUPS = {
    _("Where it is"): ("address", "postal_code", "latitude", "longitude", "max_height_cm", "amenities"),
    _("When it is open"): ("opening_hours", "holidays_country", "holidays_subdivision", "holidays_extra"),
    _("How spots are assigned"): ("tracking", "allocation", "counts_reset_hour"),
    _("At the gates"): (
        *("language", "second_language"),
        *(
            "low_confidence",
            "confidence_threshold",
            "dedupe_seconds",
            "passing_seconds",
            "reentry_minutes",
            "lane_fee_limit",
        ),
        *("early_minutes", "protect_minutes", "oldest_record_days", "plates_by_region"),
    ),
    _("At the desk"): ("cash_rounding",),
    _("Bookings"): (
        *(
            "bookable",
            "asks_phone",
            "prepay",
            "hold_minutes",
            "turnaround_minutes",
            "cancel_minutes",
            "late_cancel_percent",
        ),
        *("no_show_minutes", "no_show_percent", "early_grace_minutes", "late_grace_minutes"),
        *SHARES,
    ),
    _("For how many days data is kept"): tuple(KEPT),
}
TYPED = (
    *("amenities", "opening_hours", "holidays_country", "holidays_subdivision", "holidays_extra", "lane_fee_limit"),
    *SHARES,
    *KEPT,
)
EMPTY_MEANS_EMPTY = (
    *("city", "address", "postal_code", "latitude", "longitude", "max_height_cm"),
    "counts_reset_hour",
)
PLAIN = tuple(name for name in (*BASICS, *(name for names in GROUPS.values() for name in names)) if name not in TYPED)


class Group(NamedTuple):
    """Related fields in one fold, which is open when one of them is wrong."""

    title: str
    fields: list[BoundField]
    is_wrong: bool


class LotForm(LotModelForm):
    """All settings of a lot. Only name and timezone are required; other empty fields get their default."""

    timezone = forms.ChoiceField(label=_("Timezone"), choices=zones_by_region)
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    amenities = forms.CharField(
        label=_("Amenities"), required=False, help_text=_("Separated by commas, such as lift, toilet, cctv, covered")
    )
    opening_hours = forms.CharField(
        label=_("Opening hours"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One line each, such as “mon-fri: 06:00-24:00” or “sun,holiday: closed”. Leave empty if always open."
        ),
    )
    holidays_country = forms.CharField(
        label=_("Holidays of"), required=False, help_text=_("A country code, such as CH")
    )
    holidays_subdivision = forms.CharField(label=_("Region of that country"), required=False, help_text=_("Such as ZH"))
    holidays_extra = forms.CharField(label=_("More holidays"), required=False, help_text=_("Days such as 2026-04-20"))
    lane_fee_limit = forms.CharField(
        label=_("Largest fee shown at a lane"),
        required=False,
        help_text=_("A higher fee is shown only once the ticket is scanned"),
    )

    class Meta:
        model = Lot
        fields = PLAIN
        labels = {
            "name": _("Name"),
            "city": _("City"),
            "currency": _("Currency"),
            "address": _("Address"),
            "postal_code": _("Postal code"),
            "slug": _("Short name"),
            "max_height_cm": _("Height limit in cm"),
            "tracking": _("What is counted"),
            "allocation": _("Which spot a car gets"),
            "counts_reset_hour": _("Hour at which corrections of counts end"),
            "language": _("Displays speak"),
            "second_language": _("And then"),
            "low_confidence": _("When a plate is hard to read"),
            "confidence_threshold": _("A plate is hard to read below this confidence"),
            "dedupe_seconds": _("Seconds in which a second read is the same car"),
            "passing_seconds": _("Seconds after which an opened gate counts as passed"),
            "oldest_record_days": _("Days after which a late record sets no price at a lane"),
            "plates_by_region": _("The same plate from two regions is two cars"),
            "cash_rounding": _("Smallest coin for cash"),
            "reentry_minutes": _("Minutes in which a return gets no free minutes"),
            "early_minutes": _("Minutes a booked car may come early"),
            "protect_minutes": _("Minutes ahead for which spots are kept for bookings"),
            "hold_minutes": _("Minutes a booked spot is held before the start"),
            "turnaround_minutes": _("Minutes between two bookings of a spot"),
            "no_show_minutes": _("Minutes until a booking counts as a no-show"),
            "cancel_minutes": _("Minutes before the start until which cancelling is free"),
            "bookable": _("Drivers can book"),
            "asks_phone": _("A phone number is verified before booking"),
            "prepay": _("When a booking is paid"),
            "late_cancel_percent": _("Percent of the price for cancelling later"),
            "no_show_percent": _("Percent of the price for a no-show"),
            "early_grace_minutes": _("Minutes early without a fee"),
            "late_grace_minutes": _("Minutes late without a fee"),
        }
        error_messages: ClassVar = {
            "slug": {
                "unique": _("Another lot has this short name. Choose another."),
                "invalid": _("Use letters, digits, dashes and underscores only."),
            }
        }
        help_texts = {
            "counts_reset_hour": _("0 to 23, where only cars are counted. Empty: they stay"),
            "slug": _("Part of the lot's web address. Leave empty to make it from the name."),
            "city": _("Drivers search by it"),
            "currency": _("A code such as CHF"),
            "cash_rounding": _(
                "Cash is rounded to it, in the smallest unit: 5 for CHF 0.05, 100 for SEK 1.00. 1 rounds nothing."
            ),
            "plates_by_region": _(
                "For cameras that tell where a plate is from. Without its region a plate counts as any car that has it."
            ),
        }

    def __init__(self, *args: Any, operator: Operator, **options: Any) -> None:
        """Start with the lot's current settings; for a new lot, with the operator's currency."""
        super().__init__(*args, **options)
        lot = self.instance
        for name, field in self.fields.items():
            field.required = name in {"name", "timezone"}
        for name, kind in SHARES.items():
            label = gettext("%(kind)s: percent that may be booked") % {"kind": SPOT_LABELS[kind]}
            self.fields[name] = forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST_PERCENT)
            self.initial[name] = lot.booking_share_percent.get(kind, MOST_PERCENT)
        self.fields.update(kept_fields(lot))
        self.initial.update(_as_typed(lot))
        cast("forms.ChoiceField", self.fields["timezone"]).choices = zone_choices(lot.timezone)
        for name, unset in (("language", _("As the installation")), ("second_language", _("Nothing else"))):
            cast("forms.ChoiceField", self.fields[name]).choices = [("", unset), *LANGUAGE_CHOICES]
        if not lot.pk:
            self.initial["currency"] = operator.currency
        self.fields["tracking"].disabled = bool(lot.pk and lot.levels.filter(zones__isnull=False).exists())
        self.operator = operator

    def basics(self) -> list[BoundField]:
        """Return the fields outside the folds."""
        return [self[name] for name in BASICS]

    def groups(self) -> Iterator[Group]:
        """Yield the other fields, grouped by subject."""
        for title, names in GROUPS.items():
            fields = [self[name] for name in names]
            yield Group(str(title), fields, is_wrong=any(field.errors for field in fields))

    def clean_slug(self) -> str:
        """Default to a slug of the name."""
        given = self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name", ""))[:60]
        if not given or given == "new":
            raise forms.ValidationError(gettext("Give a short name of letters, digits and dashes."))
        return str(given)

    def clean_currency(self) -> str:
        """Default to the operator's currency."""
        return str(self.cleaned_data["currency"] or self.operator.currency).upper()

    def clean_opening_hours(self) -> dict[str, str]:
        """Parse one line for each group of days."""
        lines = [line.strip() for line in self.cleaned_data["opening_hours"].splitlines() if line.strip()]
        hours = {}
        for line in lines:
            days, colon, times = line.partition(":")
            if not colon or days.strip() in hours:
                raise forms.ValidationError(
                    gettext("“%(line)s” is not in the form “mon-fri: 06:00-24:00”, with each day once.")
                    % {"line": line}
                )
            hours[days.strip()] = times.strip()
        return hours

    def clean_lane_fee_limit(self) -> int | None:
        """Parse an amount in the lot's currency."""
        typed = self.cleaned_data["lane_fee_limit"]
        try:
            return parse_money(typed, self.cleaned_data.get("currency", self.operator.currency)) if typed else None
        except InvalidAmountError as error:
            raise forms.ValidationError(error.message) from error
        except DomainError as error:
            raise forms.ValidationError(gettext("Enter a known currency first.")) from error

    def clean_amenities(self) -> list[str]:
        """Split the list at its commas."""
        return _words(self.cleaned_data["amenities"], r",")

    def values(self) -> dict[str, Any]:
        """Return the cleaned settings for the services; call it after `is_valid`."""
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
            "booking_share_percent": {
                str(kind): cleaned[name] for name, kind in SHARES.items() if cleaned[name] not in {None, MOST_PERCENT}
            },
            "kept_days": said_of_days(cleaned),
        }


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
