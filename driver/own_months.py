"""A driver's months as PDFs: what they add up to, and their receipts."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, login_required_page
from accounts.models import User
from billing.models import Document
from common.web.downloads import shown_file
from reports.driver_month import DriverMonth, month_of
from reports.month_names import month_named, name_of_month, whole_month
from reports.month_receipts import MonthReceipt
from reports.people_told import usual_zone
from tickets.queries import documents_about


@require_safe
@login_required_page
@never_cache
def own_month(request: PersonRequest, month: str) -> HttpResponse:
    """Return a month of the driver as a PDF: one that is over, or the present one so far."""
    from reports.driver_month_pdf import driver_month_pdf  # slow to import, and few processes need it

    file = driver_month_pdf(_month(request, month), str(request.user))
    return shown_file(file.name, file.content, file.mime_type)


@require_safe
@login_required_page
@never_cache
def month_receipts(request: PersonRequest, month: str) -> HttpResponse:
    """Return the receipts and credit notes that a month of the driver lists as one PDF; 404 when it has none."""
    from billing.documents.pdf import PDF, pages_pdf  # slow to import, and few processes need it

    own = _month(request, month)
    documents = documents_listed(request.user, own.receipts)
    if not documents:
        raise Http404(_("There are no receipts in this month."))
    title = _("Your receipts of %(month)s") % {"month": whole_month(own.month)}
    content = pages_pdf(documents, title=title, author=str(request.user))
    return shown_file(f"receipts-{name_of_month(own.month)}.pdf", content, PDF)


def documents_listed(driver: User, receipts: Sequence[MonthReceipt]) -> list[Document]:
    """Return the documents of a driver that a month lists, in its order; those not issued yet are left out."""
    found = documents_about(driver).select_related("lot").filter(number__in=[one.number for one in receipts])
    by_name = {(document.number, document.lot.name): document for document in found}
    return [by_name[key] for one in receipts if (key := (one.number, one.lot)) in by_name]


def _month(request: PersonRequest, month: str) -> DriverMonth:
    """Return a month of the driver. Raises Http404 for one that is none, or has not come."""
    at, first = now(), month_named(month)
    zone = request.user.timezone or usual_zone()
    if first is None or first > at.astimezone(ZoneInfo(zone)).date():
        raise Http404(_("There is no such month yet."))
    return month_of(request.user.pk, first, at=at, zone=zone)
