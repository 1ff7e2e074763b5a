"""A copy of a lot, and its site file."""

import json

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, operator_required, role_required
from accounts.models import Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.htmx import page_response
from lots.access import get_managed_lot
from office.lots.first_lot_form import LONGEST_NAME
from sites import copy_lot, site_document


class CopyLotForm(forms.Form):
    """What a copy of a lot is called."""

    name = forms.CharField(label=gettext_lazy("Name of the copy"), max_length=LONGEST_NAME)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def lot_copy(request: PersonRequest, slug: str) -> HttpResponse:
    """Copy a lot under another name."""
    lot = get_managed_lot(request, slug)
    form = CopyLotForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            copy = copy_lot(lot=lot, name=form.cleaned_data["name"], at=now())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("%(lot)s is there. Its gates have no keys yet.") % {"lot": copy.name})
            return redirect("office:lot", copy.slug)
    context = {"lot": lot, "form": form}
    return page_response(request, "office/lots/copy.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(Role.ADMIN)
def lot_site_file(request: PersonRequest, slug: str) -> HttpResponse:
    """Return a lot's site file."""
    lot = get_managed_lot(request, slug)
    text = json.dumps(site_document(lot), indent=2, ensure_ascii=False) + "\n"
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{lot.slug}.json"'
    return response
