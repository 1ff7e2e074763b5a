"""Publish and unpublish a lot."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
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
    """Publish a lot whose setup is complete, or unpublish it."""
    lot = get_managed_lot(request, slug)
    if request.POST.get("published") == "no":
        unpublish_lot(lot=lot)
        messages.success(request, _("%(lot)s is no longer public. Its gates still work.") % {"lot": lot.name})
        return redirect("office:lot", lot.slug)
    try:
        publish_lot(lot=lot, at=now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("%(lot)s is public. Drivers can find it now.") % {"lot": lot.name})
    return redirect("office:lot", lot.slug)
