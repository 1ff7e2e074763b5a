"""The stream of free spots of public lots: those that a search shows, or one."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.http import require_safe

from common.web.streams import COUNTS, MOST_TOPICS, follow, not_streamed, topic
from lots.models import Lot


@require_safe
def follow_counts(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Let anybody follow the free spots of a public lot, or of up to 50, each named by `lot` in the query."""
    slugs = {slug} if slug else set(request.GET.getlist("lot"))
    if not 0 < len(slugs) <= MOST_TOPICS:
        return HttpResponseBadRequest()
    keys = list(Lot.objects.public().filter(slug__in=slugs).values_list("pk", flat=True))
    if len(keys) < len(slugs):
        return not_streamed(request)
    return follow(request, (topic(COUNTS, key) for key in keys))
