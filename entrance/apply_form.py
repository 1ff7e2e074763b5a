"""The forms of operators: what one begins with, what a company writes that applies, and what it is told."""

from typing import Any, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.applications import ApplicationWish
from accounts.models import LONGEST_WISHES, OperatorApplication
from common.web.countries import country_choices, operator_values

LONGEST_COMPANY = OperatorApplication._meta.get_field("company").max_length  # noqa: SLF001 - Django's documented API
LONGEST_PERSON = OperatorApplication._meta.get_field("name").max_length  # noqa: SLF001 - Django's documented API


class CountryForm(forms.Form):
    """A form with the country of an operator, of those in the language of the page."""

    country = forms.ChoiceField(
        label=_("Country"), help_text=_("Its currency and timezone are those of your documents.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the countries."""
        super().__init__(*args, **options)
        cast("forms.ChoiceField", self.fields["country"]).choices = [("", "–"), *country_choices()]


class ApplyForm(CountryForm):
    """A company that wants to run its lots here."""

    company = forms.CharField(
        label=_("Company"), max_length=LONGEST_COMPANY, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    name = forms.CharField(
        label=_("Your name"), max_length=LONGEST_PERSON, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your email"),
        help_text=_("We send a link that confirms it, and later our answer."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    wishes = forms.CharField(
        label=_("What you have in mind"),
        required=False,
        max_length=LONGEST_WISHES,
        help_text=_("How many lots, where, and since when."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = ("company", "name", "email", "country", "wishes")

    def wish(self) -> ApplicationWish:
        """Return what was written; call it after `is_valid`."""
        return ApplicationWish(**self.cleaned_data, language=get_language() or "")


class NewOperatorForm(CountryForm):
    """What an operator begins with."""

    name = forms.CharField(
        label=_("Company"),
        max_length=LONGEST_COMPANY,
        help_text=_("The operator of the lots, as drivers and colleagues read it"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    field_order: tuple[str, ...] = ("name", "country")

    def values(self) -> dict[str, Any]:
        """Return the operator's values; call it after `is_valid`."""
        return operator_values(self.cleaned_data["name"], self.cleaned_data["country"])


class DeclineForm(forms.Form):
    """A word to who applied."""

    answer = forms.CharField(
        label=_("A word to who applied"),
        required=False,
        max_length=LONGEST_WISHES,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
