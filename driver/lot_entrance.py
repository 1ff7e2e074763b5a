"""The picture of a lot's entrance, under an address that names its content and so never changes."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from lots.access import get_public_lot
from lots.models import LotEntrance

YEAR_SECONDS = 365 * 24 * 60 * 60


@require_safe
@cache_control(public=True, max_age=YEAR_SECONDS, immutable=True)
def picture(request: HttpRequest, slug: str, digest: str) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Return the picture of a public lot's entrance; 404 for one that it does not have any more."""
    lot = get_public_lot(slug)
    found = LotEntrance.objects.filter(lot=lot, digest=digest).first() if digest.isalnum() else None
    if found is None or found.picture is None:
        raise Http404("There is no such picture.")
    return HttpResponse(bytes(found.picture), content_type="image/jpeg")
