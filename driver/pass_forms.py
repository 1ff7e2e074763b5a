"""The forms by which drivers buy passes and change what is theirs to change."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import SavedMethod
from billing.services import PayBy
from common.money import LARGEST_AMOUNT
from common.plates import MAX_RAW_LENGTH
from driver.book_forms import SAVED, card_field, pay_by_of
from passes.models import Pass, PassOffer
from passes.models.terms import RENEWAL_LABELS
from passes.pass_rules import PassRenewal
from passes.services import PassWish

MOST_TYPED = 10
PLATE_INPUT = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "list": "own-plates"}


def pay_pass_by(payment: str, driver: User, return_url: str) -> PayBy:
    """Return by what a pass is paid, by the choice that `card_field` offered."""
    by = pay_by_of(payment, driver, return_url)
    return PayBy(token=by.token, saved_method=by.saved_method, return_url=return_url)


class BuyPassForm(forms.Form):
    """Which plates, from which day on, and the card; `amount` is the price that was shown, `key` buys once."""

    plates = forms.CharField(
        label=_("Plates"),
        max_length=MOST_TYPED * (MAX_RAW_LENGTH + 2),
        widget=forms.Textarea(attrs={"rows": 2, **PLATE_INPUT}),
        help_text=_("As on the cars, one a line."),
    )
    valid_from = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    amount = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, data: Any, *, offer: PassOffer, driver: User, today: date) -> None:
        """Start with the driver's vehicle and today; ask for a card where the price is not nothing."""
        super().__init__(data, initial={"valid_from": today, "amount": offer.price_amount})
        self.offer, self.driver = offer, driver
        self.vehicles = list(driver.vehicles.all())
        if self.vehicles:
            self.fields["plates"].initial = self.vehicles[0].plate
        if offer.most_plates == 1:
            self.fields["plates"].label = _("Plate")
            self.fields["plates"].help_text = _("As on the car, such as ZH 123456. The gate opens for it.")
            self.fields["plates"].widget = forms.TextInput(attrs=dict(PLATE_INPUT))
        if offer.price_amount and (field := card_field(driver)):
            self.fields["payment"] = field

    def clean(self) -> dict[str, Any]:
        """Refuse a price that is another by now."""
        given = super().clean() or {}
        if "amount" in given and given["amount"] != self.offer.price_amount:
            self.add_error(None, _("The price has changed. Please look at it again."))
        return given

    @property
    def wish(self) -> PassWish:
        """Return the pass that is bought; call it after `is_valid`."""
        typed = self.cleaned_data["plates"].replace(",", "\n").splitlines()
        plates = [line.strip() for line in typed if line.strip()]
        return PassWish(offer=self.offer, plates=plates, valid_from=self.cleaned_data["valid_from"])


class PayPeriodForm(forms.Form):
    """The card for the next period of a pass; `key` makes a double submit one payment."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, data: Any, *, driver: User) -> None:
        super().__init__(data)
        if field := card_field(driver):
            self.fields["payment"] = field


class AddPlateForm(forms.Form):
    """A plate to add to a pass, and whose it is."""

    plate = forms.CharField(
        label=_("Plate"), max_length=MAX_RAW_LENGTH, widget=forms.TextInput(attrs=dict(PLATE_INPUT))
    )
    label = forms.CharField(label=_("Whose it is"), required=False, max_length=80)


class SwapPlateForm(forms.Form):
    """The plate that comes in place of another one."""

    old = forms.ChoiceField(label=_("In place of"))
    plate = forms.CharField(
        label=_("Plate"), max_length=MAX_RAW_LENGTH, widget=forms.TextInput(attrs=dict(PLATE_INPUT))
    )

    def __init__(self, data: Any, *, plates: list[str]) -> None:
        """Offer the plates that the pass has."""
        super().__init__(data, prefix="swap")
        self.fields["old"].choices = [(plate, plate) for plate in plates]  # type: ignore[attr-defined]


class RenewalForm(forms.Form):
    """What comes after the last day of a pass: nothing, a saved card, or an invoice where that was agreed."""

    renewal = forms.ChoiceField(label=_("After the last day"), widget=forms.RadioSelect)

    def __init__(self, data: Any, *, held: Pass, driver: User) -> None:
        """Offer what the holder may choose."""
        super().__init__(data, prefix="renewal")
        self.cards = list(SavedMethod.objects.usable().filter(owner=driver))
        choices: list[tuple[str, Any]] = [(PassRenewal.NONE, RENEWAL_LABELS[PassRenewal.NONE])]
        choices += [(f"{SAVED}{card.pk}", _("Charge %(card)s") % {"card": card}) for card in self.cards]
        if held.may_be_invoiced:
            choices.append((PassRenewal.INVOICE, RENEWAL_LABELS[PassRenewal.INVOICE]))
        self.fields["renewal"].choices = choices  # type: ignore[attr-defined]
        by_card = held.renewal == PassRenewal.CHARGE and held.saved_method_id
        self.initial = {"renewal": f"{SAVED}{held.saved_method_id}" if by_card else held.renewal}

    @property
    def wished(self) -> tuple[str, SavedMethod | None]:
        """Return what comes after the last day, and the card; call it after `is_valid`."""
        chosen = self.cleaned_data["renewal"]
        card = next((one for one in self.cards if chosen == f"{SAVED}{one.pk}"), None)
        return (PassRenewal.CHARGE, card) if card else (chosen, None)


class EndPassForm(forms.Form):
    """A pass that its holder cancels; `refund` is what was shown to go back."""

    refund = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT, widget=forms.HiddenInput)


class PassPersonForm(forms.Form):
    """A colleague who is to manage a company's passes, by the address of the account."""

    email = forms.EmailField(label=_("Email of a colleague"), help_text=_("Of their account here."))
