"""The form of one's own profile, and the word that deletes the account."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.languages import LOCALES
from common.web.timezones import zones_by_region

PROFILE = ("name", "phone", "address", "postal_code", "locale", "timezone")
FILLED_BY_BROWSERS = {"name": "name", "phone": "tel", "address": "street-address", "postal_code": "postal-code"}


class ProfileForm(forms.Form):
    """What a person says of themselves; all of it may stay empty."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False, help_text=_("It stands on invoices."))
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        help_text=_("With + and the country’s code, such as +41 79 123 45 67."),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
    )
    address = forms.CharField(
        label=_("Street and city"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    postal_code = forms.CharField(label=_("Postal code"), max_length=16, required=False)
    locale = forms.ChoiceField(
        label=_("Language, numbers and dates"), choices=[("", _("As the browser says")), *LOCALES], required=False
    )
    timezone = forms.ChoiceField(
        label=_("Your timezone"),
        required=False,
        help_text=_("Times of parking are always on the clock of the lot."),
    )

    def __init__(self, data: QueryDict | None = None, *, person: User) -> None:
        """Show what is known of the person."""
        super().__init__(data, initial={name: getattr(person, name) for name in PROFILE})
        zone = self.fields["timezone"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101 for the type
        zone.choices = [("", _("Not chosen: UTC")), *zones_by_region()]
        for name, filled in FILLED_BY_BROWSERS.items():
            self.fields[name].widget.attrs["autocomplete"] = filled


class DeleteAccountForm(forms.Form):
    """The word of a person that their account is to be deleted."""

    understood = forms.BooleanField(
        label=_("Delete my account for good"),
        error_messages={"required": _("Tick the box if you want to delete your account.")},
    )
