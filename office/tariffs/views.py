"""Tariffs: their list, a new one, one of them in words and as rules."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.access import get_managed_tariff
from billing.models import Tariff
from billing.pricing import surprises
from billing.services.tariffs import create_tariff, is_used, revise_tariff, withdraw_tariff
from billing.tariffs import rules_of
from billing.words import tariff_words
from common.errors import DomainError
from common.time import day_words
from common.web.forms import add_problem
from common.web.htmx import page_response
from common.web.paging import page_of
from lots.access import get_managed_lot, lots_visible_to
from lots.calendar import local_day
from lots.queries import with_words
from office.lots.pages import confirm_page
from office.tariffs.forms import NewTariffForm, TariffForm

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@role_required(Role.ADMIN)
def tariff_list(request: PersonRequest) -> HttpResponse:
    """List the tariffs of the lots that the person runs (or of one, or `?q=` by name), with what is in force today."""
    text = request.GET.get("q", "")
    lot = get_managed_lot(request, request.GET["lot"]) if request.GET.get("lot") else None
    lots = lots_visible_to(request.user, Role.ADMIN).in_use()
    tariffs = Tariff.objects.current().filter(lot__in=[lot] if lot else with_words(lots, text)).select_related("lot")
    page = page_of(tariffs.order_by("lot__name", "-valid_from", "pk"), request)
    rows = [(tariff, _standing(tariff)) for tariff in page]
    context = {"page": page, "rows": rows, "lot": lot, "has_lots": lots.exists(), "q": text}
    return page_response(request, "office/tariffs/list.html", context)


@form_page
@role_required(Role.ADMIN)
def tariff_new(request: PersonRequest) -> HttpResponse:
    """Put a new tariff in force."""
    lots = list(lots_visible_to(request.user, Role.ADMIN).in_use().order_by("name"))
    form = NewTariffForm(request.POST or None, lots=lots, initial={"lot": request.GET.get("lot")})
    if request.method == "POST" and form.is_valid():
        lot = next(lot for lot in lots if lot.slug == form.cleaned_data["lot"])
        try:
            tariff = create_tariff(lot=lot, values=form.values(), at=now())
        except DomainError as error:
            add_problem(form, error)
        else:
            messages.success(request, f"{tariff.name} is in force from {day_words(tariff.valid_from)}.")
            return redirect("office:tariff", tariff.pk)
    return page_response(request, "office/tariffs/new.html", {"form": form}, status=422 if form.errors else 200)


@form_page
@role_required(Role.ADMIN)
def tariff_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a tariff in words with what may surprise, and change it; what priced a stay stays as a revision."""
    tariff = get_managed_tariff(request, pk)
    form = TariffForm(request.POST or None, tariff=tariff)
    if request.method == "POST" and form.is_valid():
        try:
            revised = revise_tariff(tariff=tariff, values=form.values(), at=now())
        except DomainError as error:
            add_problem(form, error)
        else:
            messages.success(request, f"Revision {revised.revision} of {revised.name} is saved.")
            return redirect("office:tariff", revised.pk)
    context = _tariff_context(tariff) | {"form": form}
    return page_response(request, "office/tariffs/tariff.html", context, status=422 if form.errors else 200)


@form_page
@role_required(Role.ADMIN)
def tariff_withdrawal(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a tariff out of force, after asking."""
    tariff = get_managed_tariff(request, pk)
    if request.method != "POST":
        text = _after_withdrawal(tariff, local_day(tariff.lot, now()))
        back = reverse("office:tariff", args=[tariff.pk])
        return confirm_page(request, title=f"Withdraw {tariff.name}?", text=text, submit="Withdraw it", back=back)
    try:
        withdraw_tariff(tariff=tariff, at=now())
        messages.success(request, f"{tariff.name} is withdrawn.")
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("office:tariffs")


def _after_withdrawal(tariff: Tariff, today: date) -> str:
    """Say what the lot's new stays cost without a tariff."""
    kept = "Stays that began with it keep it."
    if _standing(tariff) != "in force":
        return f"It never becomes the price of new stays at {tariff.lot.name}. {kept}"
    others = Tariff.objects.current().filter(lot=tariff.lot).exclude(pk=tariff.pk)
    coming = others.filter(valid_from__gt=today).order_by("valid_from").first()
    if coming is None:
        return f"It is the only tariff of {tariff.lot.name}: from now on new stays are free. {kept}"
    until = day_words(coming.valid_from)
    return f"New stays at {tariff.lot.name} are free until {coming.name} begins on {until}. {kept}"


def _tariff_context(tariff: Tariff) -> dict[str, Any]:
    rules = rules_of(tariff)
    revisions = Tariff.objects.filter(lot=tariff.lot, name=tariff.name).exclude(pk=tariff.pk).order_by("-created_at")
    return {
        "tariff": tariff,
        "lot": tariff.lot,
        "words": tariff_words(rules),
        "surprises": surprises(rules),
        "standing": _standing(tariff),
        "is_used": is_used(tariff),
        "revisions": revisions[:20],
    }


def _standing(tariff: Tariff) -> str:
    """Say how a tariff stands on the lot's own day: superseded, ended, coming or in force."""
    today = local_day(tariff.lot, now())
    if tariff.superseded_at is not None:
        return "superseded"
    if tariff.valid_until is not None and tariff.valid_until < today:
        return "ended"
    return "coming" if tariff.valid_from > today else "in force"
