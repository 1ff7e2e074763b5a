"""A driver's months as PDFs."""

from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, login_required_page
from common.web.downloads import shown_file
from reports.driver_month import month_of
from reports.month_names import month_named
from reports.people_told import usual_zone


@require_safe
@login_required_page
@never_cache
def own_month(request: PersonRequest, month: str) -> HttpResponse:
    """Return a month of the driver as a PDF: one that is over, or the present one so far."""
    from reports.driver_month_pdf import driver_month_pdf  # slow to import, and few processes need it

    at, first = now(), month_named(month)
    zone = request.user.timezone or usual_zone()
    if first is None or first > at.astimezone(ZoneInfo(zone)).date():
        raise Http404(_("There is no such month yet."))
    file = driver_month_pdf(month_of(request.user.pk, first, at=at, zone=zone), str(request.user))
    return shown_file(file.name, file.content, file.mime_type)
