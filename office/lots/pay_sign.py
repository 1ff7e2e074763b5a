"""The sign with the code of a lot's own pay page, to print and post."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.web.qr import qr_svg
from lots.access import get_managed_lot
from tickets.links import lot_pay_link


@require_safe
@role_required(Role.ADMIN)
def pay_code(request: PersonRequest, slug: str) -> HttpResponse:
    """Show the sign of a public lot; 404 for one that drivers can't open."""
    lot = get_managed_lot(request, slug)
    if not lot.is_public:
        raise Http404(_("This lot is not public."))
    link = lot_pay_link(lot.slug)
    return render(request, "office/lots/pay_code.html", {"lot": lot, "link": link, "qr": qr_svg(link)})
