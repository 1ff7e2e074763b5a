"""The stream of what happens at a lot, for those who work there."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.errors import ForbiddenError, NotFoundError
from common.web.streams import LOT, follow, not_allowed, not_signed_in, not_streamed, topic
from lots.access import load_lot


@require_safe
def follow_lanes(request: HttpRequest, slug: str) -> HttpResponse:
    """Let attendants and admins of a lot follow its lanes, stays and spots."""
    if not request.user.is_authenticated:
        return not_signed_in(request)
    try:
        lot = load_lot(request.user, slug)
    except ForbiddenError:
        return not_allowed(request)
    except NotFoundError:
        return not_streamed(request)
    return follow(request, [topic(LOT, lot.pk)])
