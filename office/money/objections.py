"""Automatic payments that drivers say were not theirs, until a person decides."""

from django.contrib import messages
from django.db.models import F
from django.forms import CharField, ChoiceField, Form, RadioSelect, TextInput
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.models import Objection, ObjectionOutcome, ObjectionQuerySet, RefundRequest
from billing.services import return_refund
from common.errors import DomainError
from common.notes import LONGEST_NOTE
from common.web.paging import page_of
from lots.access import lots_visible_to
from tickets.services import answer_objection


class ObjectionForm(Form):
    """What becomes of the money, and the word that the driver gets."""

    outcome = ChoiceField(
        label=gettext_lazy("What do you decide?"),
        choices=[
            (ObjectionOutcome.REFUNDED, gettext_lazy("Give the money back, as goodwill")),
            (ObjectionOutcome.REJECTED, gettext_lazy("The payment stands")),
        ],
        widget=RadioSelect,
    )
    word = CharField(
        label=gettext_lazy("A word to the driver"),
        max_length=LONGEST_NOTE,
        widget=TextInput(attrs={"autocomplete": "off"}),
    )


@require_safe
@role_required(Role.ADMIN)
def objections(request: PersonRequest) -> HttpResponse:
    """List the objections at the operator's lots, those that wait for a person first."""
    found = objections_at(request).order_by(F("decided_at").desc(nulls_first=True), "-raised_at", "-id")
    return render(request, "office/objections.html", {"page": page_of(found, request)})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def objection(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what an objection is about, and decide it."""
    row = get_object_or_404(objections_at(request), pk=pk)
    if request.method != "POST":
        return _page(request, row, ObjectionForm())
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    try:
        _row, refund = answer_objection(objection=row, by=request.user, at=now(), **form.cleaned_data)
    except DomainError as error:
        form.add_error(error.errors[0].path if error.errors else None, error.message)
        return _page(request, get_object_or_404(objections_at(request), pk=pk), form, status=error.status)
    if isinstance(refund, RefundRequest):
        messages.warning(request, _("A second person has to approve this refund first. Decide here again after that."))
        return redirect("office:refunds")
    if refund is not None:
        return_refund(refund=refund, at=now())
    messages.success(request, _("Decided. The driver gets an email."))
    return redirect("office:objections")


def objections_at(request: PersonRequest) -> ObjectionQuerySet:
    """Return the objections about payments at the lots of the operators whose admin a person is."""
    found = Objection.objects.filter(payment__charge__lot__in=lots_visible_to(request.user, Role.ADMIN))
    return found.select_related(
        "payment__charge__lot", "payment__charge__ticket", "payment__automatic", "payment__saved_method", "decided_by"
    )


def _page(request: PersonRequest, row: Objection, form: ObjectionForm, *, status: int = 200) -> HttpResponse:
    payment = row.payment
    context = {
        "objection": row,
        "payment": payment,
        "charge": payment.charge,
        "agreement": payment.automatic,
        "ticket": getattr(payment.charge, "ticket", None),
        "form": form,
    }
    return render(request, "office/objections/detail.html", context, status=status)
