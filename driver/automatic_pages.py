"""Automatic payment at the gate: what a driver agreed to, what was charged, and "this was not me"."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, login_required_page, verified_address
from accounts.models import Vehicle
from billing.models import AutomaticPayment, Objection, WithdrawnWhy
from billing.objecting import ObjectionLinkGoneError, payment_of_token
from billing.services import agree_automatic, object_to, withdraw_automatic
from common.errors import DomainError
from common.money import format_amount
from common.web.paging import page_of
from driver.automatic_forms import AgreementForm
from driver.own_agreements import VehicleTerms, charges_of, terms_for, terms_of, usable_cards


@require_safe
@login_required_page
def automatic(request: PersonRequest) -> HttpResponse:
    """List a driver's vehicles with what is agreed for each, and all that was charged."""
    context = {
        "terms": terms_of(request.user, now()),
        "has_cards": usable_cards(request.user).exists(),
        "page": page_of(charges_of(request.user), request),
    }
    return render(request, "driver/me/automatic.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def automatic_vehicle(request: PersonRequest, vehicle_id: int) -> HttpResponse:
    """Agree that one of the driver's vehicles is charged automatically, or change the limit or card."""
    mine = get_object_or_404(Vehicle, pk=vehicle_id, owner=request.user)
    terms = terms_for(mine, now())
    if request.method != "POST":
        return _vehicle_page(request, terms, AgreementForm(driver=request.user, initial=_initial(terms)))
    form = AgreementForm(request.POST, driver=request.user)
    if not form.is_valid():
        return _vehicle_page(request, terms, form, status=422)
    given = form.cleaned_data
    try:
        agree_automatic(
            driver=request.user,
            vehicle=mine,
            saved_method=given["saved_method"],
            limit=given["limit"],
            currency=given["currency"],
            at=now(),
        )
    except DomainError as error:
        form.add_error(error.errors[0].path if error.errors else None, error.message)
        return _vehicle_page(request, terms, form, status=error.status)
    messages.success(request, _("Automatic payment for %(plate)s is on.") % {"plate": mine.plate})
    return redirect("driver:automatic")


@require_POST
@login_required_page
def stop_automatic(request: PersonRequest, vehicle_id: int) -> HttpResponse:
    """Withdraw what was agreed for one of the driver's vehicles. Idempotent."""
    mine = get_object_or_404(Vehicle, pk=vehicle_id, owner=request.user)
    for agreement in AutomaticPayment.objects.standing().filter(vehicle=mine):
        withdraw_automatic(agreement=agreement, why=WithdrawnWhy.DRIVER, at=now())
        messages.success(request, _("Automatic payment for %(plate)s is off.") % {"plate": mine.plate})
    return redirect("driver:automatic")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of a mailed link say that an automatic payment was not theirs; only the button does."""
    try:
        payment = payment_of_token(token, at=now())
        if request.method == "POST":
            object_to(payment=payment, at=now())
            return redirect("driver:not_me", token)
    except ObjectionLinkGoneError as error:
        return render(request, "driver/not_me.html", {"gone": error.message}, status=error.status)
    objection = Objection.objects.filter(payment=payment).first()
    context = {"payment": payment, "lot": payment.charge.lot, "agreement": payment.automatic, "objection": objection}
    return render(request, "driver/not_me.html", context)


def _initial(terms: VehicleTerms) -> dict[str, object]:
    agreed = terms.agreement
    if agreed is None:
        return {}
    limit = format_amount(agreed.limit_amount, agreed.currency)
    return {"saved_method": agreed.saved_method_id, "limit": limit, "currency": agreed.currency}


def _vehicle_page(
    request: PersonRequest, terms: VehicleTerms, form: AgreementForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "terms": terms,
        "vehicle": terms.vehicle,
        "agreement": terms.agreement,
        "form": form,
        "has_cards": usable_cards(request.user).exists(),
        "mailed_to": verified_address(request.user),
    }
    return render(request, "driver/me/automatic/vehicle.html", context, status=status)
