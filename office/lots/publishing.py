"""Publishing a lot, and taking it off the public pages."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from gates.services import publish_lot
from lots.access import get_managed_lot
from lots.services import unpublish_lot


@require_POST
@role_required(Role.ADMIN)
def lot_publishing(request: PersonRequest, slug: str) -> HttpResponse:
    """Publish a lot that has everything, or unpublish it."""
    lot = get_managed_lot(request, slug)
    if request.POST.get("published") == "no":
        unpublish_lot(lot=lot)
        messages.success(request, f"{lot.name} is no longer public. Its gates go on.")
        return redirect("office:lot", lot.slug)
    try:
        publish_lot(lot=lot, at=now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{lot.name} is public: drivers find it from now on.")
    return redirect("office:lot", lot.slug)
