"""The comparison of a draft with the tariff in force on the stays of the last month."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.access import get_managed_draft
from billing.models import TariffDraft
from common.errors import DomainError
from common.web.htmx import live_response
from office.tariffs.comparison_words import length_rows, outcome_words
from tickets.models import TariffComparison
from tickets.services import compare_draft


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def comparison_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the last comparison of a draft, with how far it is while a worker is at it; a POST asks for one."""
    draft = get_managed_draft(request, pk)
    if request.method == "POST":
        try:
            compare_draft(draft=draft, at=now(), by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("office:tariff_draft", pk)
        return redirect("office:tariff_comparison", pk)
    found = draft.comparisons.select_related("lot", "dearest", "cheapest").first()
    if found is None:
        messages.info(request, _("This draft has not been compared yet."))
        return redirect("office:tariff_draft", pk)
    source = [found.pk, found.done, found.finished_at, found.new_rules == draft.rules]
    context = _context(draft, found)
    return live_response(request, "office/tariffs/comparison.html#live", context, etag_source=source)


def _context(draft: TariffDraft, comparison: TariffComparison) -> dict[str, Any]:
    is_done = comparison.finished_at is not None
    return {
        "draft": draft,
        "lot": comparison.lot,
        "comparison": comparison,
        "is_current": comparison.new_rules == draft.rules,
        "outcome": outcome_words(comparison) if is_done else "",
        "rows": length_rows(comparison) if is_done else [],
        "more": comparison.new_amount - comparison.old_amount,
        "cheapest_off": -comparison.cheapest_by,
    }
