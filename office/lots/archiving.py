"""Archiving a lot that is no longer run, and bringing it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
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
    """Archive a lot, after asking."""
    lot = get_managed_lot(request, slug)
    back = reverse("office:lot_settings", args=[lot.slug])
    if request.method != "POST":
        text = (
            "It disappears from the public pages and from your lists, and its entries turn walk-ins away. "
            "Nothing is deleted: its stays, receipts and debts remain, and it can be restored."
        )
        return confirm_page(request, title=f"Archive {lot.name}?", text=text, submit="Archive the lot", back=back)
    try:
        archive_lot(lot=lot, at=now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(back)
    messages.success(request, f"{lot.name} is archived.")
    return redirect("office:lots")


@require_POST
@role_required(Role.ADMIN)
def lot_restoring(request: PersonRequest, slug: str) -> HttpResponse:
    """Bring an archived lot back into the lists."""
    lot = restore_lot(lot=get_managed_lot(request, slug))
    messages.success(request, f"{lot.name} is restored. It is still closed for walk-ins and not public.")
    return redirect("office:lot", lot.slug)
