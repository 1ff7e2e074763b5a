"""Vouchers: those made, with what became of them, and new ones."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Operator, Role
from billing.models import Voucher
from billing.services.vouchers import MOST_AT_ONCE, make_vouchers
from common.notes import LONGEST_NOTE
from common.web.amount_field import AmountField
from common.web.paging import page_of
from office.forms import OperatorForm


class NewVouchersForm(OperatorForm):
    """Vouchers of one amount."""

    number = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=MOST_AT_ONCE, initial=1)
    amount = AmountField(label=gettext_lazy("Amount"))
    valid_until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=LONGEST_NOTE)

    def __init__(self, data: object = None, *, operators: list[Operator]) -> None:
        """Take the amount in the currency of the chosen operator, else of the first."""
        super().__init__(data, operators=operators)
        chosen = self["operator"].value() if "operator" in self.fields else None
        operator = self.operators.get(str(chosen), operators[0])
        self.fields["amount"].currency = operator.currency  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        """Refuse nothing."""
        amount: int = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(gettext_lazy("Enter more than nothing."))
        return amount

    @property
    def last_day(self) -> date | None:
        """Return the last day; call it after `is_valid`."""
        day: date | None = self.cleaned_data["valid_until"]
        return day


@require_safe
@operator_required
def vouchers(request: PersonRequest) -> HttpResponse:
    """List the vouchers of the person's operators."""
    rows = Voucher.objects.filter(operator__in=operators_of(request.user, Role.ADMIN))
    page = page_of(rows.select_related("payment__charge").order_by("-made_at", "-pk"), request)
    return render(request, "office/vouchers/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def new_vouchers(request: PersonRequest) -> HttpResponse:
    """Make vouchers."""
    own = list(operators_of(request.user, Role.ADMIN).order_by("name", "pk"))
    form = NewVouchersForm(request.POST if request.method == "POST" else None, operators=own)
    if form.is_valid():
        given = form.cleaned_data
        made = make_vouchers(
            operator=form.operator,
            number=given["number"],
            amount=given["amount"],
            valid_until=form.last_day,
            note=given["note"],
            by=request.user,
            at=now(),
        )
        said = ngettext("%(number)s voucher is made.", "%(number)s vouchers are made.", len(made))
        messages.success(request, said % {"number": len(made)})
        return redirect("office:vouchers")
    context = {"form": form, "back": reverse("office:vouchers")}
    return render(request, "office/vouchers/form.html", context, status=422 if form.errors else 200)
