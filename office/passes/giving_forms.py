"""The forms by which an operator's people give passes and change them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import operators_of
from accounts.models import Role, User
from common.db.choices import choices_of
from common.money import LARGEST_AMOUNT
from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH
from office.forms import WhyForm
from office.passes.offer_forms import MOST_CARS
from passes.models import Company, Pass, PassOffer
from passes.models.terms import POOL_FULL_LABELS
from passes.services import HeldBy, PassWish, person_called

PLATE = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"})
LONGEST_PLATES = 200_000


def last_day_field(**options: Any) -> forms.DateField:
    """Return a field for a day in the format that browsers send."""
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class GrantForm(forms.Form):
    """A pass that is given: which, to whom, for which plates, from when on."""

    offer = forms.ModelChoiceField(label=_("Pass"), queryset=PassOffer.objects.none(), empty_label=None)
    company = forms.ModelChoiceField(
        label=_("Company"), queryset=Company.objects.none(), required=False, empty_label=_("None, it is a person's")
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=120)
    email = forms.EmailField(
        label=_("Email"), required=False, help_text=_("Who has an account with it finds the pass there.")
    )
    plates = forms.CharField(
        label=_("Plates"),
        required=False,
        max_length=LONGEST_PLATES,
        widget=forms.Textarea(attrs={"rows": 3, "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("One a line."),
    )
    valid_from = last_day_field(label=_("First day"))
    valid_until = last_day_field(label=_("Last day"), required=False, help_text=_("Empty: after a whole period."))
    most_plates = forms.IntegerField(
        label=_("Plates at most"), required=False, min_value=1, max_value=MOST_CARS, help_text=_("Empty: as sold.")
    )
    spaces = forms.IntegerField(
        label=_("Cars inside at once"), required=False, min_value=1, max_value=MOST_CARS, help_text=_("Empty: as sold.")
    )
    invoiced = forms.BooleanField(label=_("Send an invoice for the first period, else it is free"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE)

    def __init__(self, data: Any, *, person: User, initial: dict[str, Any]) -> None:
        """Offer what the person's operators sell, and their companies."""
        super().__init__(data, initial=initial)
        operators = operators_of(person, Role.ADMIN)
        offers = PassOffer.objects.filter(operator__in=operators, archived_at=None).select_related("operator")
        companies = Company.objects.filter(operator__in=operators, archived_at=None)
        self.fields["offer"].queryset = offers  # type: ignore[attr-defined]
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a pass that nobody has, or another operator's company."""
        given = super().clean() or {}
        company, offer = given.get("company"), given.get("offer")
        if company is None and not (given.get("name") or given.get("email") or "email" in self.errors):
            self.add_error("name", _("Who is it for? Choose a company, or give a name or an address."))
        if company is not None and offer is not None and company.operator_id != offer.operator_id:
            self.add_error("company", _("This is a company of another operator."))
        return given

    @property
    def wish(self) -> PassWish:
        """Return the pass that is to be given; call it after `is_valid`."""
        given = self.cleaned_data
        plates = [line.strip() for line in given["plates"].replace(",", "\n").splitlines() if line.strip()]
        return PassWish(
            offer=given["offer"], plates=plates, valid_from=given["valid_from"], valid_until=given["valid_until"]
        )

    @property
    def holder(self) -> HeldBy:
        """Return who is to have it; call it after `is_valid`."""
        company, name = self.cleaned_data["company"], self.cleaned_data["name"]
        if company is not None:
            return HeldBy(company=company, name=name)
        return person_called(name, email=self.cleaned_data["email"])

    @property
    def changed(self) -> dict[str, Any]:
        """Return the terms that differ from what is sold; call it after `is_valid`."""
        names = ("most_plates", "spaces")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name] is not None}


class ChangePassForm(WhyForm):
    """What may change of a pass that somebody has."""

    field_order = ["valid_until", "most_plates", "spaces", "pool_full", "why"]
    valid_until = last_day_field(label=_("Last day"))
    most_plates = forms.IntegerField(label=_("Plates at most"), min_value=1, max_value=MOST_CARS)
    spaces = forms.IntegerField(
        label=_("Cars inside at once"),
        required=False,
        min_value=1,
        max_value=MOST_CARS,
        help_text=_("Empty: as it is."),
    )
    pool_full = forms.ChoiceField(
        label=_("When one more car comes"), choices=choices_of(POOL_FULL_LABELS), widget=forms.RadioSelect
    )

    def __init__(self, data: Any, *, held: Pass) -> None:
        """Start with the pass as it is."""
        names = ("valid_until", "most_plates", "spaces", "pool_full")
        super().__init__(data, initial={name: getattr(held, name) for name in names})

    @property
    def wished(self) -> dict[str, Any]:
        """Return the values that were given; call it after `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "why"}


class CancelPassForm(WhyForm):
    """Why a pass is cancelled; `refund` is what was shown to go back."""

    refund = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)


class PassPlateForm(forms.Form):
    """A plate to add to a pass, and whose it is."""

    plate = forms.CharField(label=_("Plate"), max_length=MAX_RAW_LENGTH, widget=PLATE)
    label = forms.CharField(label=_("Whose it is"), required=False, max_length=80)


class PlateOfPassForm(forms.Form):
    """A plate of a pass to change or take off; without a new one it is taken off."""

    old = forms.CharField(max_length=MAX_RAW_LENGTH, widget=forms.HiddenInput)
    plate = forms.CharField(label=_("Plate"), required=False, max_length=MAX_RAW_LENGTH, widget=PLATE)
