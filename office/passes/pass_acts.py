"""Passes given, suspended, resumed, changed and cancelled by the operator's admins, and their plates."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest, operator_required, operators_of, role_required
from accounts.models import Role
from common.errors import DomainError
from common.translation import translated
from common.web.forms import carried_out, refuse
from lots.calendar import operators_day
from office.forms import WhyForm
from office.passes.giving_forms import CancelPassForm, ChangePassForm, GrantForm, PassPlateForm, PlateOfPassForm
from office.passes.pass_file import pass_context
from office.passes.passes_at_work import get_pass
from passes.models import Pass
from passes.services import (
    add_plate,
    cancel_pass,
    change_pass,
    grant_pass,
    remove_plate,
    resume_pass,
    suspend_pass,
    swap_plate,
    unused_of,
)

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@operator_required
def new_pass(request: PersonRequest) -> HttpResponse:
    """Give a pass to a company or a person (`?offer=`, `?company=`)."""
    asked = {name: request.GET[name] for name in ("offer", "company") if request.GET.get(name, "").isdecimal()}
    today = operators_day(operators_of(request.user, Role.ADMIN), now())
    form = GrantForm(request.POST or None, person=request.user, initial={"valid_from": today} | asked)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = {name: form.cleaned_data[name] for name in ("invoiced", "note")}
            try:
                held = grant_pass(
                    wish=form.wish, to=form.holder, by=request.user, at=now(), changed=form.changed, **given
                )
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                messages.success(request, _("The pass %(code)s is active.") % {"code": held.code})
                return redirect("office:pass", held.code)
    return render(request, "office/passes/new.html", {"form": form, "back": reverse("office:passes")}, status=status)


@require_POST
@role_required(Role.ADMIN)
def suspend(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Let a pass open no gate until it is resumed."""
    held = get_pass(request, pass_code, Role.ADMIN)
    form = WhyForm(request.POST, prefix="suspend")

    def save() -> str:
        suspend_pass(held_pass=held, by=request.user, why=form.cleaned_data["why"], at=now())
        return _("%(code)s is suspended: it opens no gate.") % {"code": held.code}

    return _saved(request, held, form, save, "suspend_form")


@require_POST
@role_required(Role.ADMIN)
def resume(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Let a suspended pass open gates again."""
    held = get_pass(request, pass_code, Role.ADMIN)
    try:
        resume_pass(held_pass=held, by=request.user, at=now())
    except DomainError as error:
        messages.error(request, translated(error.message))
    else:
        messages.success(request, _("%(code)s opens gates again.") % {"code": held.code})
    return redirect("office:pass", held.code)


@form_page
@role_required(Role.ADMIN)
def change(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Change the last day of a pass, for how many cars it is, and what happens when one more comes."""
    held = get_pass(request, pass_code, Role.ADMIN)
    form, status = ChangePassForm(request.POST or None, held=held), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                change_pass(held_pass=held, by=request.user, at=now(), why=form.cleaned_data["why"], **form.wished)
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                messages.success(request, _("%(code)s is changed.") % {"code": held.code})
                return redirect("office:pass", held.code)
    context = {"held": held, "form": form, "back": reverse("office:pass", args=[held.code])}
    return render(request, "office/passes/change.html", context, status=status)


@form_page
@role_required(Role.ADMIN)
def cancel(request: PersonRequest, pass_code: str) -> HttpResponse:
    """End a pass now; what goes back is shown first."""
    held, at = get_pass(request, pass_code, Role.ADMIN), now()
    unused = unused_of(held, at=at)
    form = CancelPassForm(request.POST or None, initial={"refund": unused.refund_amount})
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid() and form.cleaned_data["refund"] != unused.refund_amount:
            form.add_error(None, _("Another amount goes back by now. Please look at it again."))
            form.data = request.POST.copy()
            form.data["refund"] = str(unused.refund_amount)
        elif form.is_valid():
            try:
                cancel_pass(held_pass=held, by=request.user, why=form.cleaned_data["why"], at=at)
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                messages.success(request, _("%(code)s is cancelled.") % {"code": held.code})
                return redirect("office:pass", held.code)
    inside = held.uses.filter(left_at=None).count()
    context = {"held": held, "lot": held.lot, "unused": unused, "form": form, "inside": inside}
    return render(request, "office/passes/cancel.html", context, status=status)


@require_POST
@role_required(Role.ADMIN)
def add(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Add a plate to a pass."""
    held = get_pass(request, pass_code, Role.ADMIN)
    form = PassPlateForm(request.POST)

    def save() -> str:
        added = add_plate(held_pass=held, by=request.user, at=now(), **form.cleaned_data)
        return _("%(plate)s is on the pass.") % {"plate": added.plate}

    return _saved(request, held, form, save, "plate_form")


@require_POST
@role_required(Role.ADMIN)
def alter(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Put a plate in place of another one of a pass, or take one off."""
    held = get_pass(request, pass_code, Role.ADMIN)
    form = PlateOfPassForm(request.POST, auto_id="alter_%s")

    def save() -> str:
        old, new, at = form.cleaned_data["old"], form.cleaned_data["plate"], now()
        if not new:
            remove_plate(held_pass=held, plate=old, by=request.user, at=at)
            return _("%(plate)s is off the pass.") % {"plate": old}
        swapped = swap_plate(held_pass=held, old=old, new=new, by=request.user, at=at, limited=False)
        return _("%(plate)s is on the pass.") % {"plate": swapped.plate}

    return _saved(request, held, form, save, "alter_form")


def _saved(request: PersonRequest, held: Pass, form: Form, save: Callable[[], str], name: str) -> HttpResponse:
    """Carry out a valid form and lead to the pass; a refusal is shown there, in the form of this `name`."""
    status = carried_out(request, form, save)
    if status is None:
        return redirect("office:pass", held.code)
    return render(request, "office/passes/pass.html", pass_context(request, held, **{name: form}), status=status)
