"""Invoices of debts to companies."""

from operator import itemgetter

from babel import Locale
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.documents.drafting import Recipient
from billing.documents.issuing import issue_invoice
from billing.models import Debt
from common.translation import active_locale
from lots.access import lots_visible_to

CODE_LENGTH = 2


class CompanyInvoiceForm(forms.Form):
    """The company that gets the invoice of a debt."""

    name = forms.CharField(label=gettext_lazy("Company"), max_length=120)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    tax_id = forms.CharField(label=gettext_lazy("Tax id"), max_length=40, required=False)
    email = forms.EmailField(label=gettext_lazy("Email"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the countries by name."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
        field.choices = countries()


def countries() -> list[tuple[str, str]]:
    """Return the countries by code and name, in the order of their names."""
    names = {str(code): str(name) for code, name in Locale.parse(active_locale()).territories.items()}
    known = [(code, name) for code, name in names.items() if len(code) == CODE_LENGTH and code.isalpha()]
    return sorted(known, key=itemgetter(1))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def invoice_debt(request: PersonRequest, pk: int) -> HttpResponse:
    """Invoice what a debt owes to a company."""
    debts = Debt.objects.filter(charge__lot__in=lots_visible_to(request.user, Role.ADMIN))
    debt = get_object_or_404(debts.select_related("charge__lot", "invoice"), pk=pk)
    form = CompanyInvoiceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        issued = issue_invoice(debt, Recipient(**form.cleaned_data), at=now())
        if issued is not None:
            messages.success(request, _("Invoice %(number)s is issued.") % {"number": issued.number})
            return redirect("office:document", issued.pk)
        form.add_error(None, _("This debt has an invoice already, or owes nothing any more."))
    context = {"debt": debt, "form": form}
    return render(request, "office/debts/invoice.html", context, status=422 if form.errors else 200)
