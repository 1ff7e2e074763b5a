"""A driver's passes: what each is, what comes next, its use, and what its holder may change."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, login_required_page
from billing.documents.issuing import document_charge
from billing.models import Document, PaymentState
from common.errors import DomainError, NotFoundError
from common.time import truncate
from common.web.forms import carried_out, refuse
from common.web.paging import page_of
from driver.book_page import takes_cards
from driver.pass_forms import AddPlateForm, EndPassForm, PayPeriodForm, RenewalForm, SwapPlateForm, pay_pass_by
from driver.pay_forms import new_key
from passes.access import load_own_pass, passes_of
from passes.models import Pass, PassPeriod, PassStatus
from passes.models.held import ENDED
from passes.pass_words import terms_words
from passes.queries import uses_since, with_use
from passes.services import (
    add_plate,
    cancel_pass,
    change_renewal,
    pay_period,
    remove_plate,
    return_from_pass_page,
    swap_plate,
    swaps_left,
    unused_of,
    waiting_page,
)

USE_OF = timedelta(days=31)
MOST_USES, MOST_PLATES = 20, 50
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_required_page
def own_passes(request: PersonRequest) -> HttpResponse:
    """List a driver's passes, and those of the companies that the driver manages."""
    never_paid = PassPeriod.objects.filter(number=1, begun_at=None, held_pass__status=PassStatus.CANCELLED)
    mine = with_use(passes_of(request.user).exclude(pk__in=never_paid.values("held_pass")))
    page = page_of(mine.select_related("lot", "company").order_by("-valid_until", "-pk"), request, 20)
    return render(request, "driver/me/passes.html", {"page": page})


@require_safe
@never_cache
@login_required_page
def own_pass(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Show a pass to who has or manages it."""
    return render(request, "driver/me/pass.html", _context(request, get_own_pass(request, pass_code), truncate(now())))


@require_POST
@login_required_page
def add(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Add a plate to a pass that has room for it."""
    held, form = get_own_pass(request, pass_code), AddPlateForm(request.POST)

    def save() -> str:
        added = add_plate(held_pass=held, by=request.user, at=now(), **form.cleaned_data)
        return _("%(plate)s is on your pass.") % {"plate": added.plate}

    return _saved(request, held, form, save, "add_form")


@require_POST
@login_required_page
def swap(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Put a plate in place of another one, as often in a month as the pass allows."""
    held = get_own_pass(request, pass_code)
    form = SwapPlateForm(request.POST, plates=_plates(held))

    def save() -> str:
        old, new = form.cleaned_data["old"], form.cleaned_data["plate"]
        added = swap_plate(held_pass=held, old=old, new=new, by=request.user, at=now())
        return _("%(plate)s is on your pass.") % {"plate": added.plate}

    return _saved(request, held, form, save, "swap_form")


@require_POST
@login_required_page
def take_off(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Take a plate off a company's pass; on a person's own one it can only be swapped."""
    held = get_own_pass(request, pass_code)
    if held.company_id is None:
        raise Http404
    try:
        gone = remove_plate(held_pass=held, plate=request.POST.get("plate", ""), by=request.user, at=now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("%(plate)s is off your pass.") % {"plate": gone.plate})
    return redirect("driver:own_pass", held.code)


@require_POST
@login_required_page
def renewal(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Say what comes after the last day of one's own pass."""
    held = _held_alone(request, pass_code)
    form = RenewalForm(request.POST, held=held, driver=request.user)

    def save() -> str:
        wanted, card = form.wished
        change_renewal(held_pass=held, renewal=wanted, saved_method=card, by=request.user, at=now())
        return _("Your choice is saved.")

    return _saved(request, held, form, save, "renewal_form")


@form_page
@never_cache
@login_required_page
def cancel(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Say what cancelling one's own pass gives back, and cancel it."""
    held, at = _held_alone(request, pass_code), truncate(now())
    if held.status in ENDED:
        return redirect("driver:own_pass", held.code)
    unused = unused_of(held, at=at)
    context: dict[str, Any] = {"held": held, "lot": held.lot, "unused": unused, "form": EndPassForm()}
    if request.method != "POST":
        return render(request, "driver/me/pass/cancel.html", context)
    form, status = EndPassForm(request.POST), 422
    if form.is_valid() and form.cleaned_data["refund"] == unused.refund_amount:
        try:
            cancel_pass(held_pass=held, by=request.user, why=_("by its holder"), at=at)
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("Your pass was cancelled."))
            return redirect("driver:own_pass", held.code)
    else:
        form.add_error(None, _("Another amount goes back by now. Please look at it again."))
    return render(request, "driver/me/pass/cancel.html", context | {"form": form}, status=status)


@form_page
@never_cache
@login_required_page
def pay_next(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Pay the next period of a pass by a card."""
    held, at = get_own_pass(request, pass_code), truncate(now())
    period = next_period(held)
    if period is None:
        return redirect("driver:own_pass", held.code)
    form, status = PayPeriodForm(request.POST or None, driver=request.user), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            back = request.build_absolute_uri(reverse("driver:pass_paid_back", args=[held.code]))
            by = pay_pass_by(form.cleaned_data.get("payment", ""), request.user, back)
            key = str(form.cleaned_data["key"])
            try:
                paid = pay_period(period=period, pay_by=by, payer=request.user, key=key, at=at)
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                if paid.state == PaymentState.PENDING and paid.page_url:
                    return redirect(paid.page_url)
                if paid.state == PaymentState.CAPTURED:
                    messages.success(request, _("Thank you. The next period is paid."))
                    return redirect("driver:own_pass", held.code)
                status = 402
                form.add_error(None, _("The card was declined. Nothing was taken; try another one."))
        form.data = request.POST.copy()
        form.data["key"] = new_key()
    context = {"held": held, "lot": held.lot, "period": period, "form": form, "takes_cards": takes_cards()}
    return render(request, "driver/me/pass/pay.html", context, status=status)


@require_safe
@never_cache
@login_required_page
def paid_back(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Look at the payment of a period whose payer comes back from the provider's page."""
    held = get_own_pass(request, pass_code)
    return_from_pass_page(held_pass=held, gave_up="left" in request.GET, at=truncate(now()))
    return redirect("driver:own_pass", held.code)


def get_own_pass(request: PersonRequest, code: str) -> Pass:
    """Return a pass that the person has or manages. Raises Http404."""
    try:
        return load_own_pass(request.user, code)
    except NotFoundError as error:
        raise Http404(error.message) from error


def next_period(held: Pass) -> PassPeriod | None:
    """Return the period that follows the last one begun, where it can be paid."""
    if held.status in {PassStatus.DRAFT, *ENDED}:
        return None
    waiting = held.periods.select_related("charge", "held_pass").filter(number__gt=1, begun_at=None, dropped_at=None)
    return waiting.order_by("number").first()


def _held_alone(request: PersonRequest, code: str) -> Pass:
    """Return a pass that the person has alone: those of companies are their operator's to renew and to cancel."""
    held = get_own_pass(request, code)
    if held.holder_id != request.user.pk:
        raise Http404
    return held


def _plates(held: Pass) -> list[str]:
    return list(held.plates.current().order_by("pk").values_list("plate", flat=True))


def _context(request: PersonRequest, held: Pass, at: datetime, **more: Any) -> dict[str, Any]:
    is_over, plates = held.status in ENDED, _plates(held)
    is_mine = held.holder_id == request.user.pk
    left = swaps_left(held, at=at)
    uses = uses_since(held, at - USE_OF)
    return {
        "held": held,
        "lot": held.lot,
        "lots": list(held.lots.order_by("name")),
        "words": terms_words(held),
        "plates": page_of(held.plates.current().order_by("pk"), request, MOST_PLATES),
        "plate_count": len(plates),
        "inside": held.uses.filter(left_at=None).count(),
        "uses": list(uses[:MOST_USES]),
        "use_count": uses.filter(given_back=False).count(),
        "swaps_left": left,
        "next_period": next_period(held),
        "payment_page": waiting_page(held) if held.status == PassStatus.DRAFT else "",
        "documents": _documents(held, at),
        "is_mine": is_mine,
        "is_over": is_over,
        "vehicles": list(request.user.vehicles.all()),
        "add_form": AddPlateForm() if not is_over and len(plates) < held.most_plates else None,
        "swap_form": SwapPlateForm(None, plates=plates) if not is_over and plates and left else None,
        "renewal_form": RenewalForm(None, held=held, driver=request.user) if is_mine and not is_over else None,
    } | more


def _documents(held: Pass, at: datetime) -> list[Document]:
    """Return the receipts and invoices of a pass, the last first; those that are missing are issued."""
    periods = held.periods.exclude(charge=None).exclude(billed_at=None).select_related("charge").order_by("-number")
    return [found for period in periods[:12] if period.charge for found in document_charge(period.charge, at=at)]


def _saved(request: PersonRequest, held: Pass, form: Form, save: Callable[[], str], name: str) -> HttpResponse:
    """Carry out a valid form and lead to the pass; a refusal is shown there, in the form of this `name`."""
    status = carried_out(request, form, save)
    if status is None:
        return redirect("driver:own_pass", held.code)
    context = _context(request, held, truncate(now()), **{name: form})
    return render(request, "driver/me/pass.html", context, status=status)
