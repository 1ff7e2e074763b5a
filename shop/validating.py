"""Validate a customer's parking: scan or type, tap a button, done; with undo, the code of the day and the month."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest
from accounts.models import Merchant
from billing.discount_words import discount_words
from common.errors import DomainError
from common.plates import mask
from common.translation import translated
from common.web.forms import refuse
from common.web.qr import qr_svg
from merchants.access import merchants_of, validator_required
from merchants.models import Validation, ValidationType
from merchants.month_figures import currency_of, month_figures
from merchants.named_stays import stay_for
from merchants.services import give_validation, may_withdraw, withdraw_validation
from merchants.shop_codes import link_of_day
from merchants.validation_tries import check_lookup
from shop.forms import ValidateForm
from tickets.queries import TicketNotFoundError

MOST_RECENT = 8
RECENT = timedelta(hours=12)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@validator_required
def validate(request: PersonRequest, merchant: Merchant) -> HttpResponse:
    """Give a validation to the stay of a ticket or plate."""
    kinds = list(merchant.types.offered().select_related("merchant__operator"))
    form = ValidateForm(request.POST if request.method == "POST" else None, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        try:
            check_lookup(request, request.user)
            given = give_validation(
                kind=form.kind,
                ticket=stay_for(merchant, form.cleaned_data["ticket"]),
                at=now(),
                by=request.user,
                idempotency_key=form.idempotency_key(request.user),
            )
        except TicketNotFoundError as error:
            form.add_error("ticket", translated(error.message))
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(f"{reverse('shop:validate')}?done={given.pk}&merchant={merchant.pk}")
    return _page(request, merchant, form)


@require_POST
@validator_required
def undo(request: PersonRequest, _merchant: Merchant, validation_id: int) -> HttpResponse:
    """Take a validation back."""
    given = get_object_or_404(_own(request), pk=validation_id)
    try:
        withdraw_validation(given=given, at=now(), by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Undone: %(what)s was taken back.") % {"what": given.type.name})
    return redirect(f"{reverse('shop:validate')}?merchant={given.type.merchant_id}")


@require_safe
@never_cache
@validator_required
def code(request: PersonRequest, _merchant: Merchant, kind_id: int) -> HttpResponse:
    """Show the code that drivers scan today."""
    kinds = ValidationType.objects.offered().filter(by_code=True, merchant__in=merchants_of(request.user))
    kind = get_object_or_404(kinds.select_related("merchant__operator"), pk=kind_id)
    link = link_of_day(kind, at=now())
    return render(request, "shop/code.html", {"kind": kind, "words": _words(kind), "qr": qr_svg(link)})


@require_safe
@validator_required
def month(request: PersonRequest, merchant: Merchant) -> HttpResponse:
    """Show what was given this month, and what is left of its budgets."""
    context = {"merchant": merchant, "merchants": _merchants(request), "figures": month_figures(merchant, now())}
    return render(request, "shop/month.html", context)


def _page(request: PersonRequest, merchant: Merchant, form: ValidateForm) -> HttpResponse:
    at, wanted = now(), request.GET.get("done", "")
    recent = _own(request).filter(type__merchant=merchant, given_by=request.user, given_at__gte=at - RECENT)
    rows = [_row(given, at) for given in recent.order_by("-given_at", "-pk")[:MOST_RECENT]]
    done = next((row for row in rows if str(row["given"].pk) == wanted and not row["given"].withdrawn_at), None)
    context = {
        "merchant": merchant,
        "merchants": _merchants(request),
        "form": form,
        "offers": [{"kind": kind, "words": _words(kind)} for kind in form.kinds.values()],
        "done": done if request.method != "POST" else None,
        "recent": rows,
    }
    return render(request, "shop/validate.html", context, status=422 if form.errors else 200)


def _row(given: Validation, at: Any) -> dict[str, Any]:
    """Return what its giver sees of a validation: the masked plate, and nothing of where or when the car parks."""
    return {"given": given, "plate": mask(given.ticket.plate), "may_undo": may_withdraw(given, at)}


def _words(kind: ValidationType) -> str:
    return discount_words(kind.discount, currency_of(kind.merchant))


def _own(request: PersonRequest) -> QuerySet[Validation]:
    own = Validation.objects.filter(type__merchant__in=merchants_of(request.user))
    return own.select_related("type__merchant__operator", "ticket__lot")


def _merchants(request: PersonRequest) -> list[Merchant]:
    return list(merchants_of(request.user))
