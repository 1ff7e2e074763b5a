"""What a driver left owing: shown only to those who proved the stay, with a way to say that it is wrong."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in, verified_address
from accounts.models import User
from billing.models import Debt
from billing.models.dunning import LONGEST_APPEAL
from billing.services import appeal_debt
from common.errors import DomainError
from common.web.forms import refuse
from driver.own_stays import stays_of
from tickets.lookups import is_number, look_up
from tickets.models import Ticket
from tickets.queries import TicketNotFoundError


class AppealForm(forms.Form):
    """What the driver says, and where the answer goes."""

    text = forms.CharField(
        label=gettext_lazy("What is not right?"),
        max_length=LONGEST_APPEAL,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Email for the answer"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def appeal(request: HttpRequest, reference: str) -> HttpResponse:
    """Write to the operator about what a stay left owing; a ticket's number alone, which strangers can read, is no way.

    Answers 404 when nothing is owed, and for those who have not proven the stay.
    """
    try:
        ticket = look_up(request, reference)
    except TicketNotFoundError as error:
        raise Http404(error.message) from error
    debt = appealable_debt(request, ticket, reference)
    if debt is None:
        raise Http404(_("Nothing is owed for this stay."))
    form, status = AppealForm(request.POST if request.method == "POST" else None, initial=_initial(request)), 200
    if form.is_valid():
        try:
            appeal_debt(debt=debt, made_by=signed_in(request), at=now(), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("The operator has your message. You get the answer by email."))
            return redirect("driver:pay_ticket", reference)
    elif form.is_bound:
        status = 422
    context = {"form": form, "ticket": ticket, "reference": reference, "open_appeal": debt.appeals.open().first()}
    return render(request, "driver/pay/appeal.html", context, status=status)


def appealable_debt(request: HttpRequest, ticket: Ticket, reference: str) -> Debt | None:
    """Return the open debt of a stay for those who hold its link or have proven it, else None."""
    if ticket.charge_id is None or (is_number(reference) and not _has_proven(request, ticket)):
        return None
    return Debt.objects.open().filter(charge=ticket.charge_id).select_related("charge__lot").first()


def owed_by(driver: User | None, *, besides: Ticket | None = None) -> QuerySet[Debt]:
    """Return the open debts of the stays that a driver has proven, the oldest first, each with its stay and lot."""
    if driver is None:
        return Debt.objects.none()
    stays = stays_of(driver).values("pk")
    found = Debt.objects.open().filter(charge__ticket__in=stays).exclude(charge=besides.charge_id if besides else None)
    return found.select_related("charge__ticket", "charge__lot").order_by("created_at", "pk")


def _has_proven(request: HttpRequest, ticket: Ticket) -> bool:
    driver = signed_in(request)
    return driver is not None and stays_of(driver).filter(pk=ticket.pk).exists()


def _initial(request: HttpRequest) -> dict[str, Any]:
    return {"email": verified_address(request.user)}
