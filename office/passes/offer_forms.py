"""The form of a pass that is sold, and of a company that has passes."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.pricing.windows import DAY_MINUTES, HOLIDAY, clock_text
from billing.pricing.windows import WEEKDAYS as WEEKDAY_NAMES
from common.db.choices import choices_of
from common.money import format_amount
from common.web.amount_field import AmountField
from lots.access import lots_visible_to
from lots.models import SPOT_LABELS, Lot
from office.forms import OperatorForm
from passes.models import Company, PassOffer
from passes.models.terms import KIND_LABELS, POOL_FULL_LABELS, RENEWAL_LABELS
from passes.pass_rules import PassKind, PassRenewal, PoolFull
from passes.services import CompanyWish, OfferWish

MOST_CARS, MOST_ENTRIES, LONGEST_PERIOD, LONGEST_GRACE, MOST_SWAPS = 10_000, 10_000, 1_000, 60, 100
LONGEST_TERMS = 4_000
MONTHS, DAYS = "months", "days"
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_DAY_LABELS = [*((name, WEEKDAYS[index]) for index, name in enumerate(WEEKDAY_NAMES)), (HOLIDAY, _("Holidays"))]


class ClockField(forms.CharField):
    """A time of day such as 18:00, or 24:00 for its end; cleaned to minutes after midnight."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=5, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **options)

    def clean(self, value: Any) -> Any:
        """Return the minute of the day."""
        parts = _CLOCK.fullmatch(super().clean(value).strip())
        minute = int(parts[1]) * 60 + int(parts[2]) if parts else DAY_MINUTES + 1
        if minute > DAY_MINUTES:
            raise forms.ValidationError(gettext("Give a time of day, such as 18:00."))
        return minute


class OfferForm(forms.Form):
    """A pass as it is sold from now on."""

    name = forms.CharField(label=_("Name"), max_length=80)
    lots = forms.ModelMultipleChoiceField(
        label=_("Lots"), queryset=Lot.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=choices_of(KIND_LABELS), initial=PassKind.MONTH)
    price = AmountField(label=_("Price of a period, tax included"))
    tax_percent = forms.DecimalField(
        label=_("Tax, in percent"), min_value=0, max_value=100, max_digits=7, decimal_places=4, initial=Decimal(0)
    )
    period = forms.IntegerField(label=_("A period lasts"), min_value=1, max_value=LONGEST_PERIOD, initial=1)
    period_unit = forms.ChoiceField(
        label=_("Months or days"), choices=[(MONTHS, _("months")), (DAYS, _("days"))], initial=MONTHS
    )
    days = forms.MultipleChoiceField(
        label=_("Days"),
        choices=_DAY_LABELS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means every day."),
    )
    opens = ClockField(label=_("From"), initial=clock_text(0))
    closes = ClockField(
        label=_("Until"), initial=clock_text(DAY_MINUTES), help_text=_("Earlier than its start: on the next day.")
    )
    spot_types = forms.MultipleChoiceField(
        label=_("Kinds of spots"),
        choices=choices_of(SPOT_LABELS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means all."),
    )
    most_plates = forms.IntegerField(label=_("Plates at most"), min_value=1, max_value=MOST_CARS, initial=1)
    spaces = forms.IntegerField(
        label=_("Cars inside at once"),
        min_value=1,
        max_value=MOST_CARS,
        required=False,
        help_text=_("Empty: all of its plates."),
    )
    pool_full = forms.ChoiceField(
        label=_("When one more car comes"),
        choices=choices_of(POOL_FULL_LABELS),
        initial=PoolFull.PAY,
        widget=forms.RadioSelect,
    )
    entries = forms.IntegerField(
        label=_("Entries in a period"),
        min_value=1,
        max_value=MOST_ENTRIES,
        required=False,
        help_text=_("Empty: any number."),
    )
    per_day = forms.BooleanField(label=_("Each day of a stay takes an entry"), required=False)
    renewal = forms.ChoiceField(
        label=_("After the last day"),
        choices=choices_of(RENEWAL_LABELS),
        initial=PassRenewal.NONE,
        widget=forms.RadioSelect,
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace when it is not paid"), min_value=0, max_value=LONGEST_GRACE, initial=5
    )
    swaps_per_month = forms.IntegerField(
        label=_("Plates that its holder may swap in a month"), min_value=0, max_value=MOST_SWAPS, initial=2
    )
    cancel_fee = AmountField(label=_("Fee for cancelling"), required=False)
    online = forms.BooleanField(label=_("Sold online"), required=False)
    terms = forms.CharField(
        label=_("Terms"),
        required=False,
        max_length=LONGEST_TERMS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Read before it is bought."),
    )

    def __init__(self, data: Any, *, person: User, offer: PassOffer | None = None) -> None:
        """Start with an offer as it is; a new one may be for any lots of the person."""
        super().__init__(data, initial=_as_form(offer) if offer else None)
        lots = lots_visible_to(person, "admin").in_use().select_related("operator").order_by("name", "pk")
        if offer is not None:
            lots = lots.filter(operator=offer.operator)
        self.fields["lots"].queryset = lots  # type: ignore[attr-defined]
        chosen = [key for key in self["lots"].value() or [] if str(key).isdigit() and len(str(key)) < 19]  # noqa: PLR2004 - of a key
        first = lots.filter(pk__in=chosen).first() or lots.first()
        for name in ("price", "cancel_fee"):
            self.fields[name].currency = first.currency if first else "CHF"  # type: ignore[attr-defined]

    @property
    def wish(self) -> OfferWish:
        """Return what is to be sold; call it after `is_valid`."""
        given = self.cleaned_data
        is_months = given["period_unit"] == MONTHS
        same = ("name", "kind", "terms", "online", "tax_percent", "days", "spot_types", "most_plates", "spaces")
        more = ("entries", "per_day", "renewal", "grace_days", "swaps_per_month", "pool_full")
        return OfferWish(
            price_amount=given["price"],
            lots=list(given["lots"]),
            period_months=given["period"] if is_months else 0,
            period_days=0 if is_months else given["period"],
            opens_minute=given["opens"],
            closes_minute=given["closes"],
            cancel_fee_amount=given["cancel_fee"] or 0,
            **{name: given[name] for name in (*same, *more)},
        )


class PassCompanyForm(OperatorForm):
    """A company that has passes."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("Email"), help_text=_("Invoices and reminders go there."))
    address = forms.CharField(label=_("Address"), required=False, max_length=300)
    tax_id = forms.CharField(label=_("Tax number"), required=False, max_length=40)

    @property
    def wish(self) -> CompanyWish:
        """Return what is known of the company; call it after `is_valid`."""
        given = self.cleaned_data
        return CompanyWish(**{name: given[name] for name in ("name", "email", "address", "tax_id")})


class ManagerForm(forms.Form):
    """A person who is to manage a company's passes, by the address of the account."""

    email = forms.EmailField(label=_("Email"), help_text=_("Of an account. They change plates and add people."))


def company_as_form(company: Company) -> dict[str, str]:
    """Return a company as its form shows it."""
    return {name: getattr(company, name) for name in ("name", "email", "address", "tax_id")}


def _as_form(offer: PassOffer) -> dict[str, Any]:
    lots = list(offer.lots.order_by("pk"))
    currency = lots[0].currency
    same = ("name", "kind", "days", "spot_types", "most_plates", "spaces", "pool_full", "entries", "per_day")
    more = ("renewal", "grace_days", "swaps_per_month", "online", "terms")
    return {name: getattr(offer, name) for name in (*same, *more)} | {
        "lots": [lot.pk for lot in lots],
        "price": format_amount(offer.price_amount, currency),
        "tax_percent": offer.tax_percent.normalize(),
        "period": offer.period_months or offer.period_days,
        "period_unit": MONTHS if offer.period_months else DAYS,
        "opens": clock_text(offer.opens_minute),
        "closes": clock_text(offer.closes_minute),
        "cancel_fee": format_amount(offer.cancel_fee_amount, currency) if offer.cancel_fee_amount else "",
    }
