"""The operator's home."""

from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, View, role_required
from accounts.models import Role, User
from accounts.setting_up import awaits_first_operator
from analytics.attention import attention_of
from analytics.figures import figures_of
from analytics.scope import Scope, scope_of
from common.web.htmx import live_response
from gates.feed import recent_activities
from gates.services import SetupStep, first_steps, lot_to_finish
from lots.models import Lot


@dataclass(frozen=True, slots=True)
class Checklist:
    """What the newest lot that does not run yet still needs, or an only lot until all is done; else no steps."""

    lot: Lot | None
    steps: list[SetupStep]

    @classmethod
    def of(cls, scope: Scope, person: User, at: datetime) -> "Checklist":
        """Return the checklist of the lots shown."""
        lot = lot_to_finish(scope.ids, first_of=person if len(scope.lots) == 1 else None)
        return cls(lot, first_steps(lot, at=at, person=person) if lot else [])


def after_first_run(view: View[[]]) -> View[[]]:
    """Lead visitors of a page to the first run while the installation has no operator."""

    @wraps(view)
    def guarded(request: HttpRequest, /) -> HttpResponseBase:
        if not request.user.is_authenticated and awaits_first_operator():
            return redirect("entrance:first_run")
        return view(request)

    return guarded


@require_safe
@after_first_run
@role_required(Role.ADMIN)
def home(request: PersonRequest) -> HttpResponse:
    """Show what needs attention, today's figures and the latest activity. The last two are the live part."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    at = now()
    figures, feed = figures_of(scope, at), recent_activities(scope.ids)

    def context() -> dict[str, Any]:
        # Lazy: only the whole page shows the findings and the checklist.
        findings = SimpleLazyObject(lambda: attention_of(scope, at))
        checklist = SimpleLazyObject(lambda: Checklist.of(scope, request.user, at))
        return {
            "scope": scope,
            "at": at,
            "figures": figures,
            "feed": feed,
            "findings": findings,
            "checklist": checklist,
        }

    return live_response(request, "office/home.html#live", context, etag_source=[scope.ids, figures, feed])


@require_safe
@role_required(Role.ADMIN)
def attention(request: PersonRequest) -> HttpResponse:
    """Show only what needs attention: a page of its own, and a part of the home that refreshes less often."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    findings = attention_of(scope, now())
    context = {"scope": scope, "findings": findings}
    return live_response(request, "office/attention.html#findings", context, etag_source=[_name(scope), findings])


def _name(scope: Scope) -> str:
    return scope.chosen.slug if scope.chosen else ""
