"""The stream of what happens at the lots of an overview, for admins."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import has_role
from accounts.models import Role
from analytics.scope import scope_of
from common.web.streams import LOT, follow, not_allowed, not_signed_in, topic


@require_safe
def follow_overview(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Let an admin follow all lots that the person manages, or one. Raises Http404."""
    if not request.user.is_authenticated:
        return not_signed_in(request)
    if not has_role(request.user, Role.ADMIN):
        return not_allowed(request)
    return follow(request, (topic(LOT, key) for key in scope_of(request.user, slug).ids))
