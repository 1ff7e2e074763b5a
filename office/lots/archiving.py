"""Archive a lot and restore it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from lots.access import get_managed_lot
from lots.services import restore_lot
from office.lots.pages import confirm_page
from tickets.services import archive_lot


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def lot_archiving(request: PersonRequest, slug: str) -> HttpResponse:
    """Archive a lot after confirmation."""
    lot = get_managed_lot(request, slug)
    back = reverse("office:lot_settings", args=[lot.slug])
    if request.method != "POST":
        text = _(
            "It disappears from the public pages and from your lists, and its entries turn walk-ins away. "
            "Nothing is deleted: its stays, receipts and debts are kept, and it can be restored."
        )
        return confirm_page(
            request, title=_("Archive %(lot)s?") % {"lot": lot.name}, text=text, submit=_("Archive the lot"), back=back
        )
    try:
        archive_lot(lot=lot, at=now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(back)
    messages.success(request, _("%(lot)s is archived.") % {"lot": lot.name})
    return redirect("office:lots")


@require_POST
@role_required(Role.ADMIN)
def lot_restoring(request: PersonRequest, slug: str) -> HttpResponse:
    """Restore an archived lot."""
    lot = restore_lot(lot=get_managed_lot(request, slug))
    messages.success(
        request, _("%(lot)s is restored. It is still closed for walk-ins and not public.") % {"lot": lot.name}
    )
    return redirect("office:lot", lot.slug)
