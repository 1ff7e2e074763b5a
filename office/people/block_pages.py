"""Blocked plates: the list with who tried, one block with its terms, and the file of all."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, operator_required
from accounts.blocklist import block_plate, change_block, lift_block
from analytics.scope import scope_of
from common.web.paging import page_of
from gates.blocked_attempts import attempts_of
from gates.plate_files import block_lines
from lots.calendar import operators_day
from lots.models import Lot
from office.people.block_list import BLOCKS, BlocksFilter, blocks_of, find_blocks
from office.people.lot_words import name_lots
from office.people.shared import added_to, own_operators, saved
from office.people.team_forms import BlockForm, BlockTermsForm
from office.revenue.csv_files import csv_response, written_csv


@require_safe
@operator_required
def blocked(request: PersonRequest) -> HttpResponse:
    """List the blocked plates with who tried to come in, with the form that adds one."""
    return _blocked(request, BlockForm(person=request.user, operators=own_operators(request)))


@require_POST
@operator_required
def block(request: PersonRequest) -> HttpResponse:
    """Block a plate."""
    form = BlockForm(request.POST, person=request.user, operators=own_operators(request))

    def save() -> str:
        given = {name: form.cleaned_data[name] for name in ("plate", "region")}
        at, by = now(), request.user
        today = operators_day([form.operator], at)
        block_plate(operator=form.operator, **given, terms=form.terms, today=today, at=at, by=by)
        return _("%(plate)s is blocked.") % {"plate": given["plate"]}

    return saved(form, request, save, "office:blocked") or _blocked(request, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def block_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show when a blocked plate tried to come in, and change why, until when and where it is blocked."""
    row = get_object_or_404(blocks_of(request.user), pk=pk)
    today = operators_day([row.operator], now())
    form = BlockTermsForm.of(row, request.user, request.POST if request.method == "POST" else None)

    def save() -> str:
        change_block(blocked=row, terms=form.terms, today=today)
        return _("Saved.")

    done = saved(form, request, save, "office:block_page", row.pk) if form.is_bound else None
    if done is not None:
        return done
    name_lots([row])
    context = {"blocked": row, "form": form, "page": page_of(attempts_of(row), request), "today": today}
    return render(request, "office/people/block.html", context, status=422 if form.is_bound else 200)


@require_POST
@operator_required
def lift(request: PersonRequest, pk: int) -> HttpResponse:
    """Unblock a plate."""
    row = get_object_or_404(blocks_of(request.user), pk=pk)
    lift_block(blocked=row, at=now())
    messages.success(request, _("%(plate)s is unblocked.") % {"plate": row.plate})
    return redirect("office:blocked")


@require_safe
@operator_required
def blocked_file(request: PersonRequest) -> HttpResponseBase:
    """Return the plates that people have blocked as a file that can be imported."""
    own = own_operators(request)
    rows = blocks_of(request.user).filter(lifted_at=None, for_debts=False)
    slugs = dict(Lot.objects.filter(operator__in=own).values_list("pk", "slug"))
    standing = rows.exclude(last_day__lt=operators_day(own, now())).order_by("plate_normalised", "region", "pk")
    return csv_response("blocked-plates", written_csv(block_lines(standing, slugs)))


def _blocked(request: PersonRequest, form: BlockForm, *, status: int = 200) -> HttpResponse:
    scope = scope_of(request.user, request.GET.get("lot", ""))
    sought = BlocksFilter(request.GET, scope)
    wanted = sought.cleaned_data if sought.is_valid() else {}
    page = BLOCKS.page(find_blocks(request.user, scope, wanted), request.GET)
    name_lots(page.object_list)
    return added_to(request, "office/people/blocked.html", page, sought=sought, added=form, status=status)
