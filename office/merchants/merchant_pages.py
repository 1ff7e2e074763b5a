"""Merchants: who they are, what they may give, their people, budgets, months and invoices."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Merchant, Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.paging import page_of
from lots.access import lots_visible_to
from lots.models import Lot
from merchants.models import BudgetKind, ValidationType
from merchants.month_figures import currency_of, first_lot, month_at, month_figures, most_validated
from merchants.services import add_merchant, add_type, change_merchant_and_places, end_type, set_budget
from notifications.inviting import invite_member
from office.merchants.merchant_forms import BudgetForm, InviteValidatorForm, MerchantForm, ValidationTypeForm

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@operator_required
def merchants(request: PersonRequest) -> HttpResponse:
    """List the merchants of the person's operators."""
    page = page_of(_own(request).annotate(kinds=Count("types")).order_by("name", "pk"), request)
    return render(request, "office/merchants/list.html", {"page": page})


@form_page
@operator_required
def new_merchant(request: PersonRequest) -> HttpResponse:
    """Add a merchant."""
    form = MerchantForm(request.POST if request.method == "POST" else None, lots=_lots(request))
    if form.is_valid():
        try:
            made = add_merchant(operator=form.chosen[0].operator, values=form.values, lots=form.chosen, at=now())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("%(name)s is added. Next: what it may give.") % {"name": made.name})
            return redirect("office:merchant", made.pk)
    context = {"form": form, "back": reverse("office:merchants")}
    return render(request, "office/merchants/form.html", context, status=422 if form.errors else 200)


@require_safe
@operator_required
def merchant(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a merchant: its month, types with their budgets, people and invoices."""
    return _page(request, get_object_or_404(_own(request), pk=pk))


@form_page
@operator_required
def merchant_settings(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a merchant."""
    found = get_object_or_404(_own(request), pk=pk)
    lots = [lot for lot in _lots(request) if lot.operator_id == found.operator_id]
    form = MerchantForm(request.POST if request.method == "POST" else None, lots=lots, merchant=found)
    if form.is_valid():
        try:
            change_merchant_and_places(merchant=found, values=form.values, lots=form.chosen)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("office:merchant", found.pk)
    context = {"form": form, "back": reverse("office:merchant", args=[found.pk]), "merchant": found}
    return render(request, "office/merchants/form.html", context, status=422 if form.errors else 200)


@require_POST
@operator_required
def new_type(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a merchant give something."""
    found = get_object_or_404(_own(request), pk=pk)
    form = ValidationTypeForm(request.POST, currency=currency_of(found))
    if form.is_valid():
        try:
            made = add_type(merchant=found, values=form.values, at=now())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("“%(name)s” can be given now.") % {"name": made.name})
            return redirect("office:merchant", found.pk)
    return _page(request, found, form=form)


@require_POST
@operator_required
def change_budget(request: PersonRequest, pk: int) -> HttpResponse:
    """Set another limit of a type's budget."""
    kind = get_object_or_404(_own_types(request).exclude(budget_kind=BudgetKind.NONE), pk=pk)
    is_money = kind.budget_kind == BudgetKind.AMOUNT
    form = BudgetForm(request.POST, currency=currency_of(kind.merchant), is_money=is_money)
    if form.is_valid():
        try:
            set_budget(kind=kind, limit=form.cleaned_data["limit"], month=month_at(first_lot(kind.merchant), now()))
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The budget of “%(name)s” is changed.") % {"name": kind.name})
            return redirect("office:merchant", kind.merchant_id)
    return _page(request, kind.merchant, refused=_told(form))


@require_POST
@operator_required
def end_of_type(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a type be given no more."""
    kind = get_object_or_404(_own_types(request), pk=pk)
    end_type(kind=kind, at=now())
    messages.success(request, _("“%(name)s” is not given any more.") % {"name": kind.name})
    return redirect("office:merchant", kind.merchant_id)


@require_POST
@operator_required
def invite_validator(request: PersonRequest, pk: int) -> HttpResponse:
    """Invite a person of a merchant."""
    found = get_object_or_404(_own(request), pk=pk)
    form = InviteValidatorForm(request.POST)
    if form.is_valid():
        try:
            email = form.cleaned_data["email"]
            invite_member(
                operator=found.operator, email=email, role=Role.VALIDATOR, at=now(), by=request.user, merchant=found
            )
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("%(email)s is invited. The mail is waiting to be sent.") % {"email": email})
            return redirect("office:merchant", found.pk)
    return _page(request, found, invite=form)


def _page(request: PersonRequest, found: Merchant, **refused: Any) -> HttpResponse:
    at, month = now(), _month(request.GET.get("month", ""))
    forms = {"form": None, "invite": None, "refused": None} | refused
    context = {
        "merchant": found,
        "figures": month_figures(found, at, month),
        "often": most_validated(found, at, month),
        "people": found.memberships.select_related("user").order_by("user__email"),
        "waiting": found.invitations.waiting().order_by("email"),
        "invoices": found.invoices.select_related("charge", "document"),
        "places": [place.lot for place in found.places.select_related("lot")],
        "form": forms["form"] or ValidationTypeForm(currency=currency_of(found)),
        "invite": forms["invite"] or InviteValidatorForm(auto_id="invite_%s"),
        "refused": forms["refused"],
        "now": at,
    }
    wrong = any(form is not None for form in forms.values())
    return render(request, "office/merchants/merchant.html", context, status=422 if wrong else 200)


def _told(form: Form) -> Form:
    """Return a form without fields that says what was wrong with one that stands in a row of a list."""
    told = Form({})
    for messages_of_field in form.errors.values():
        told.add_error(None, list(messages_of_field))
    return told


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _own(request: PersonRequest) -> QuerySet[Merchant]:
    own = operators_of(request.user, Role.ADMIN)
    return Merchant.objects.filter(operator__in=own).select_related("operator")


def _own_types(request: PersonRequest) -> QuerySet[ValidationType]:
    own = operators_of(request.user, Role.ADMIN)
    return ValidationType.objects.filter(merchant__operator__in=own).select_related("merchant__operator")


def _lots(request: PersonRequest) -> list[Lot]:
    lots = lots_visible_to(request.user, Role.ADMIN).in_use().select_related("operator")
    return list(lots.order_by("name", "pk"))
