"""Promo codes: the list with their uses, a new one, and the end of one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Operator, Role
from billing.discount_words import discount_words
from billing.models import PromoCode
from billing.models.promo_codes import LONGEST_CODE
from billing.services import create_code, end_code, fold_code
from common.errors import DomainError
from common.web.forms import refuse
from common.web.paging import page_of
from lots.access import lots_visible_to
from lots.models import Lot
from office.merchants.discount_form import DiscountForm

DAY = {"type": "date"}


class PromoCodeForm(DiscountForm):
    """A code for online payments and bookings."""

    shown = forms.CharField(
        label=gettext_lazy("Code"), max_length=LONGEST_CODE, help_text=gettext_lazy("Capitals and dashes don't matter.")
    )
    valid_from = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    lots = forms.MultipleChoiceField(
        label=gettext_lazy("Lots"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None means all."),
    )
    max_uses = forms.IntegerField(
        label=gettext_lazy("Uses in all"),
        min_value=1,
        required=False,
        max_value=10**6,
        help_text=gettext_lazy("Empty for any."),
    )
    max_uses_per_person = forms.IntegerField(
        label=gettext_lazy("Uses per person"),
        min_value=1,
        required=False,
        max_value=10**6,
        help_text=gettext_lazy("By account, email address or plate. Empty for any."),
    )
    stackable = forms.BooleanField(label=gettext_lazy("Can be combined with other discounts"), required=False)
    field_order = ("shown", "gives", "value")

    def __init__(self, data: QueryDict | None = None, *, lots: list[Lot], operator: Operator) -> None:
        """Offer lots; amounts are in the currency of the chosen ones, else of the operator for whose lots it is."""
        self.by_key = {str(lot.pk): lot for lot in lots}
        chosen = [self.by_key[key].currency for key in (data.getlist("lots") if data else ()) if key in self.by_key]
        super().__init__(data, currency=chosen[0] if chosen else operator.currency)
        self.fields["lots"].choices = [(key, lot.name) for key, lot in self.by_key.items()]  # type: ignore[attr-defined]

    def clean_shown(self) -> str:
        """Refuse a code without letters and digits, and one that is too long as it is compared."""
        text: str = self.cleaned_data["shown"].strip()
        folded = fold_code(text)
        if not folded:
            raise forms.ValidationError(_("Use letters or digits."))
        if len(folded) > LONGEST_CODE:
            raise forms.ValidationError(_("Use fewer characters."))
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order, and lots that don't go together."""
        given = super().clean() or {}
        first, last = given.get("valid_from"), given.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The last day is before the first."))
        chosen = self.chosen
        if len({lot.operator_id for lot in chosen}) > 1:
            self.add_error("lots", _("These lots are of different operators."))
        if "amount" in getattr(self, "discount", {}) and {lot.currency for lot in chosen} - {self.currency}:
            self.add_error("lots", _("These lots have another currency than the amount."))
        return given

    @property
    def chosen(self) -> list[Lot]:
        """Return the chosen lots."""
        return [self.by_key[key] for key in self.cleaned_data.get("lots", ())]

    @property
    def values(self) -> dict[str, Any]:
        """Return the code's columns and lots; call it after `is_valid`."""
        names = ("shown", "valid_from", "valid_until", "max_uses", "max_uses_per_person", "stackable")
        given = {name: self.cleaned_data[name] for name in names}
        return given | {"discount": self.discount, "lots": self.chosen}


@require_safe
@operator_required
def promo_codes(request: PersonRequest) -> HttpResponse:
    """List the codes of the person's operators with their uses."""
    standing = Count("uses", filter=Q(uses__given_back_at=None), distinct=True)
    rows = _own(request).annotate(used=standing).prefetch_related("lots").order_by("ended_at", "-created_at", "-pk")
    page = page_of(rows, request)
    for row in page:
        row.words = discount_words(row.discount, row.operator.currency)
    return render(request, "office/promo_codes/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def new_promo_code(request: PersonRequest) -> HttpResponse:
    """Add a code."""
    lots = list(lots_visible_to(request.user, Role.ADMIN).in_use().select_related("operator").order_by("name", "pk"))
    own = operators_of(request.user, Role.ADMIN).order_by("name", "pk")[0]
    form = PromoCodeForm(request.POST if request.method == "POST" else None, lots=lots, operator=own)
    if form.is_valid():
        operator = form.chosen[0].operator if form.chosen else own
        try:
            code = create_code(operator=operator, values=form.values, at=now())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("%(code)s can be used now.") % {"code": code.shown})
            return redirect("office:promo_codes")
    context = {"form": form, "back": reverse("office:promo_codes")}
    return render(request, "office/promo_codes/form.html", context, status=422 if form.errors else 200)


@require_POST
@operator_required
def end_promo_code(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a code be used no more."""
    code = get_object_or_404(_own(request), pk=pk)
    end_code(code=code, at=now())
    messages.success(request, _("%(code)s can't be used any more.") % {"code": code.shown})
    return redirect("office:promo_codes")


def _own(request: PersonRequest) -> QuerySet[PromoCode]:
    own = operators_of(request.user, Role.ADMIN)
    return PromoCode.objects.filter(operator__in=own).select_related("operator")
