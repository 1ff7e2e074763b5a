"""Acts on many rows: what they mean before they are begun, how far they are, and what was refused."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.translation import money_said, translated
from common.web.forms import refuse
from common.web.htmx import page_response, wants_part
from common.web.paging import page_of
from lists.bulk_acts import all_acts
from lists.models import Batch
from lists.services import start_batch, undo_batch
from lists.services.batches import MOST_ROWS
from office.bulk.bulk_forms import BulkForm
from office.bulk.chosen_rows import LIST_ACTS, ChosenRow, ListAct, chosen_rows

SHOWN = 50
"""How many rows the page before an act shows."""
STOP_POLLING = 286
"""The status by which HTMX swaps a part in and asks for it no more."""
NO_FILTER = ("row", "stay", "all", "list", "csrfmiddlewaretoken", "rows", "key", "why", "free")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def bulk(request: PersonRequest, act: str) -> HttpResponse:
    """Show what an act on the chosen rows means, or let a worker begin with it."""
    asked = LIST_ACTS.get(act)
    if asked is None:
        raise Http404(_("There is no such act."))
    if request.method == "POST":
        return _begin(request, asked)
    back = _list(asked, request.GET)
    try:
        rows = chosen_rows(asked, request.user, request.GET, now())
    except DomainError as error:
        messages.error(request, translated(error.message))
        return redirect(back)
    if not rows:
        messages.warning(request, _("Tick the rows that this is for."))
        return redirect(back)
    if len(rows) > MOST_ROWS:
        messages.error(request, _("At most %(most)s rows at once. Narrow the filter.") % {"most": MOST_ROWS})
        return redirect(back)
    form = asked.form(initial={"rows": ",".join(f"{row.key}:{row.agreed}" for row in rows)})
    return _preview(request, asked, form, rows)


@require_safe
@role_required(Role.ADMIN)
def batch_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show how far an act is, and which rows were refused and why."""
    batch = get_object_or_404(Batch, pk=pk, owner=request.user)
    act = all_acts()[batch.act]
    page = page_of(batch.refusals, request)
    refused = act.rows(request.user, [one["row"] for one in page.object_list])
    names = {row.pk: act.name_of(row) for row in refused} if page.object_list else {}
    page.object_list = [one | {"name": names.get(one["row"], "")} for one in page.object_list]
    context = {
        "batch": batch,
        "act": act,
        "total": len(batch.rows),
        "page": page,
        "can_undo": act.undo is not None and batch.state == "done" and batch.done,
        "back": _list(LIST_ACTS[batch.act], QueryDict()),
        "list_title": LIST_ACTS[batch.act].listing.title,
    }
    response = page_response(request, "office/bulk/batch.html#live", context)
    if wants_part(request) and not batch.is_at_work:
        response.status_code = STOP_POLLING
    return response


@require_POST
@role_required(Role.ADMIN)
def undo(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a worker undo what a batch did."""
    batch = get_object_or_404(Batch, pk=pk, owner=request.user)
    try:
        undo_batch(batch=batch)
    except DomainError as error:
        messages.error(request, translated(error.message))
    return redirect("office:batch", pk)


def _begin(request: PersonRequest, asked: ListAct) -> HttpResponse:
    form, status = asked.form(request.POST), 422
    if form.is_valid():
        rows, key = form.cleaned_data["rows"], form.cleaned_data["key"]
        try:
            batch = start_batch(owner=request.user, act=asked.act.name, rows=rows, given=form.given, key=key, at=now())
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            return redirect("office:batch", batch.pk)
    keys = [key for key, _agreed in form.cleaned_data.get("rows", [])] if form.is_bound else []
    agreed = dict(form.cleaned_data.get("rows", []))
    found = asked.act.rows(request.user, keys[:MOST_ROWS])
    rows_shown = [ChosenRow(row.pk, asked.act.name_of(row), agreed[row.pk], asked.currency(row)) for row in found]
    return _preview(request, asked, form, rows_shown, status=status)


def _preview(
    request: PersonRequest, asked: ListAct, form: BulkForm, rows: list[ChosenRow], *, status: int = 200
) -> HttpResponse:
    sums: Counter[str] = Counter()
    for row in rows:
        if row.currency:
            sums[row.currency] += row.agreed
    context: dict[str, Any] = {
        "act": asked.act,
        "form": form,
        "rows": rows[:SHOWN],
        "count": len(rows),
        "more": max(0, len(rows) - SHOWN),
        "sums": [money_said(amount, currency) for currency, amount in sorted(sums.items())],
        "warning": asked.warning,
        "back": _list(asked, request.GET),
        "list_title": asked.listing.title,
    }
    return render(request, "office/bulk/bulk.html", context, status=status)


def _list(asked: ListAct, query: QueryDict) -> str:
    """Return the address of the list with its filter."""
    kept = query.copy()
    for name in NO_FILTER:
        kept.pop(name, None)
    path = reverse(asked.listing.url)
    return f"{path}?{kept.urlencode()}" if kept else path
