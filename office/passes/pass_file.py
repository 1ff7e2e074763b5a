"""Everything about one pass: its terms, plates, periods, use and history."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, has_role, role_required
from accounts.models import Role
from billing.models import Debt
from common.web.paging import page_of
from office.forms import WhyForm
from office.passes.giving_forms import PassPlateForm
from office.passes.passes_at_work import get_pass
from passes.models import Pass, PassStatus
from passes.models.held import ENDED
from passes.pass_words import holder_words, terms_words
from passes.queries import with_typed_plates
from passes.services import swaps_left

MOST_USES = 20


@require_safe
@role_required(Role.ATTENDANT)
def pass_page(request: PersonRequest, pass_code: str) -> HttpResponse:
    """Show a pass to the operator's people."""
    return render(request, "office/passes/pass.html", pass_context(request, get_pass(request, pass_code)))


def pass_context(request: PersonRequest, held: Pass, **more: Any) -> dict[str, Any]:
    """Return the context of a pass's page; `more` are forms that were refused."""
    is_admin = has_role(request.user, Role.ADMIN, held.lot.operator)
    may_write = is_admin and held.status not in ENDED
    periods = list(held.periods.select_related("charge"))
    owed = {debt.charge_id: debt for debt in Debt.objects.filter(charge__in=[one.charge_id for one in periods])}
    for period in periods:
        period.debt = owed.get(period.charge_id or 0)  # type: ignore[attr-defined]
    is_active = held.status == PassStatus.ACTIVE
    return {
        "held": held,
        "lot": held.lot,
        "words": terms_words(held),
        "holder": holder_words(held),
        "lots": list(held.lots.order_by("name")),
        "plates": page_of(held.plates.current().order_by("pk"), request, 20),
        "plate_count": held.plates.current().count(),
        "inside": held.uses.filter(left_at=None).count(),
        "uses": list(with_typed_plates(held.uses.all()).order_by("-entered_at", "-pk")[:MOST_USES]),
        "periods": periods,
        "changes": list(held.changes.select_related("by").order_by("-pk")[:50]),
        "swaps_left": swaps_left(held, at=now()),
        "is_admin": is_admin,
        "may_write": may_write,
        "plate_form": PassPlateForm() if may_write else None,
        "suspend_form": WhyForm(prefix="suspend") if is_admin and is_active else None,
        "may_resume": is_admin and held.status == PassStatus.SUSPENDED,
        "may_cancel": may_write,
    } | more
