"""The form of a first lot: an address, how many spots, prices to begin from, cameras or none; the rest follows."""

import re
from typing import Any, cast

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from common.web.countries import CountryFacts, country_choices, country_of_zone, facts_of
from common.web.timezones import zones_by_region
from gates.starting import FirstLot
from lots.services.zones import MOST_SPOTS_PER_LOT
from office.tariffs.first_rules import FIRST_RULES, FirstRules

OFFERED = tuple(one for one in FIRST_RULES if one.key != "event")
CAMERAS, NO_CAMERAS = "cameras", "none"
LONGEST_NAME = 60
_TOWN = re.compile(r"(?:[A-Za-z]{1,2}-)?(?P<code>\d{4,6})\s+(?P<city>\D.*)")
_HOUSE = re.compile(r"^\d+\w?\s+|\s+\d+\w?$")


class FirstLotForm(forms.Form):
    """Five fields, and a fold with what follows from the country."""

    address = forms.CharField(
        label=_("Address"),
        max_length=200,
        help_text=_("Such as Bahnhofstrasse 1, 8001 Zürich"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    spots = forms.IntegerField(
        label=_("How many spots"),
        min_value=1,
        max_value=MOST_SPOTS_PER_LOT,
        help_text=_("All of them. Levels and kinds can come later."),
    )
    start = forms.ChoiceField(
        label=_("Prices"),
        initial=OFFERED[0].key,
        widget=forms.RadioSelect,
        help_text=_("To begin from. You can change each price later."),
    )
    cameras = forms.ChoiceField(
        label=_("Cameras"),
        choices=[
            (CAMERAS, _("They read the plates at the entry and the exit")),
            (NO_CAMERAS, _("None yet: people let the cars in and out")),
        ],
        initial=CAMERAS,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        required=False,
        help_text=_("Leave empty to name it after its street."),
    )
    country = forms.ChoiceField(label=_("Country"), help_text=_("Its public holidays count for prices and hours."))
    timezone = forms.ChoiceField(label=_("Timezone"), required=False, help_text=_("Leave empty to take the country's."))
    currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False, help_text=_("Leave empty to take the country's.")
    )

    FOLD = ("name", "country", "timezone", "currency")

    def __init__(self, *args: Any, operator: Operator, **options: Any) -> None:
        """Begin in the operator's country, which its timezone tells."""
        super().__init__(*args, **options)
        cast("forms.ChoiceField", self.fields["start"]).choices = [(one.key, _explained(one)) for one in OFFERED]
        cast("forms.ChoiceField", self.fields["country"]).choices = country_choices()
        cast("forms.ChoiceField", self.fields["timezone"]).choices = [("", "–"), *zones_by_region()]
        self.initial["country"] = country_of_zone(operator.timezone) or "CH"

    def first(self) -> list[forms.BoundField]:
        """Return the fields outside the fold."""
        return [self[name] for name in self.fields if name not in self.FOLD]

    def folded(self) -> list[forms.BoundField]:
        """Return the fields in the fold."""
        return [self[name] for name in self.FOLD]

    def is_wrong(self) -> bool:
        """Return whether something in the fold is wrong, so that it opens."""
        return any(self.errors.get(name) for name in self.FOLD)

    def following(self) -> CountryFacts | None:
        """Return what follows from the country that is chosen."""
        return facts_of(str(self["country"].value() or ""))

    def values(self) -> FirstLot:
        """Return what the service needs; call it after `is_valid`."""
        given, facts = self.cleaned_data, facts_of(self.cleaned_data["country"])
        assert facts is not None  # noqa: S101 - one of the choices
        prices = next(one for one in OFFERED if one.key == given["start"])
        street, code, city = parts_of_address(given["address"])
        settings = {
            "name": given["name"] or name_of_street(street),
            "address": street,
            "postal_code": code,
            "city": city,
            "timezone": given["timezone"] or facts.timezone,
            "currency": (given["currency"] or facts.currency).upper(),
            "holidays": {"country": facts.holidays} if facts.holidays else {},
        }
        return FirstLot(settings, given["spots"], str(prices.name), prices.rules, given["cameras"] == CAMERAS)


def _explained(rules: FirstRules) -> SafeString:
    return format_html('<span>{}<br><span class="small muted">{}</span></span>', rules.name, rules.text)


def parts_of_address(address: str) -> tuple[str, str, str]:
    """Split an address at its commas into street, postal code and city; what is not there is empty."""
    street, *rest = [part.strip() for part in address.split(",") if part.strip()] or [""]
    if not rest:
        return street, "", ""
    town = _TOWN.fullmatch(rest[0])
    return (street, town["code"], town["city"][:80]) if town else (street, "", rest[0][:80])


def name_of_street(street: str) -> str:
    """Return the name of a street without the number of a house."""
    return (_HOUSE.sub("", street) or street)[:LONGEST_NAME]
