"""A shop's code of the day that a driver scans: the stay is named, and its fee is lower."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from billing.discount_words import discount_words
from common.errors import DomainError
from common.translation import translated
from common.web.forms import refuse
from driver.pay_forms import FindForm
from merchants.models import GivenHow, ValidationType
from merchants.month_figures import currency_of
from merchants.named_stays import stay_for
from merchants.services import give_validation
from merchants.shop_codes import ShopCodeError, type_of_code
from merchants.validation_tries import check_lookup
from tickets.models import Ticket
from tickets.queries import TicketNotFoundError


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def take_validation(request: HttpRequest, signed: str) -> HttpResponse:
    """Ask for the ticket's number, and give its stay what the shop's code gives today."""
    try:
        kind = type_of_code(signed, at=now())
    except ShopCodeError as error:
        return render(request, "driver/shop_code_gone.html", {"words": error.message}, status=404)
    form = FindForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            ticket = _take(request, kind, form.cleaned_data["number"])
        except TicketNotFoundError as error:
            form.add_error("number", translated(error.message))
        except DomainError as error:
            refuse(form, error)
        else:
            said = _("%(shop)s has lowered your fee: %(what)s.")
            messages.success(request, said % {"shop": kind.merchant.name, "what": kind.name})
            return redirect("driver:pay_ticket", ticket.number)
    person = signed_in(request)
    context = {
        "kind": kind,
        "words": discount_words(kind.discount, currency_of(kind.merchant)),
        "form": form,
        "own": list(Ticket.objects.proven_by(person).open().filter(lot__merchant_places__merchant=kind.merchant))
        if person
        else [],
    }
    return render(request, "driver/shop_code.html", context, status=422 if form.errors else 200)


def _take(request: HttpRequest, kind: ValidationType, number: str) -> Ticket:
    check_lookup(request, None)
    ticket = stay_for(kind.merchant, number, by_plate=False)
    give_validation(kind=kind, ticket=ticket, at=now(), by=None, how=GivenHow.CODE)
    return ticket
