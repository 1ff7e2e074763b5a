"""The operator's home."""

from typing import Any

from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from analytics.attention import attention_of
from analytics.figures import figures_of
from analytics.scope import Scope, scope_of
from common.web.htmx import live_response
from gates.feed import recent_activities


@require_safe
@role_required(Role.ADMIN)
def home(request: PersonRequest) -> HttpResponse:
    """Show what needs attention, today's figures and the latest activity. The last two are the live part."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    at = now()
    figures, feed = figures_of(scope, at), recent_activities(scope.ids)

    def context() -> dict[str, Any]:
        # Lazy: only the whole page shows the findings.
        findings = SimpleLazyObject(lambda: attention_of(scope, at))
        return {"scope": scope, "at": at, "figures": figures, "feed": feed, "findings": findings}

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
