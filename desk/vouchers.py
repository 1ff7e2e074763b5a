"""A voucher that pays a part of a fee at the desk."""

from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest
from common.errors import DomainError
from common.time import truncate
from common.translation import money_said
from common.web.forms import refuse
from common.web.rate_limits import check_rate
from desk.acts import done_with, fresh
from desk.station import Station, at_stay
from desk.views import show_stay
from desk.voucher_form import VoucherForm
from desk.words import Result
from gates.services.desk.vouchers import take_voucher
from tickets.models import Ticket

VOUCHERS_PER_MINUTE = 20


@require_POST
@at_stay
def use_voucher(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Take a voucher; what it leaves is paid as usual."""
    form, status = VoucherForm(station, request.POST), 422
    if form.is_valid():
        given = form.cleaned_data
        try:
            check_rate("voucher", str(request.user.pk), per_minute=VOUCHERS_PER_MINUTE)
            paid = take_voucher(
                ticket=ticket, code=given["code"], key=given["key"], by=request.user, at=truncate(now())
            )
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            amount = money_said(paid.captured_amount, paid.charge.currency)
            said = {"amount": amount, "car": ticket.plate or ticket.number}
            title = _("The voucher paid %(amount)s for %(car)s") % said
            return done_with(request, station, Result("ok", title, "", number=ticket.number), ticket.number)
    return show_stay(request, station, fresh(ticket), status=status, voucher_form=form)
