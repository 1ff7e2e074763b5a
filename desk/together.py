"""Old debts and the fee of a car, taken in one go."""

from typing import Any

from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import Person, PersonRequest
from billing.models import Charge, Debt, Payment
from common.errors import ConflictError, DomainError
from common.time import truncate
from common.translation import money_said
from common.web.forms import refuse
from desk.acts import done_with, fresh
from desk.owing import debts_of
from desk.station import Station, at_stay
from desk.together_forms import TogetherCardForm, TogetherCashForm, TogetherForm
from desk.views import show_stay
from desk.words import Result, said_of_exit, said_of_failure
from gates import services
from lots.access import lots_visible_to
from tickets.models import Ticket
from tickets.to_pay import stay_owes


@require_http_methods(["GET", "HEAD", "POST"])
@at_stay
def together(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Take what a car owes from before together with its fee, and let it go."""
    if request.method != "POST":
        return _panel(request, station, ticket)
    form_of = TogetherCardForm if request.POST.get("how") == "card" else TogetherCashForm
    form, status = form_of(station, request.POST), 422
    if form.is_valid():
        given = form.cleaned_data
        try:
            taken = services.take_all(
                ticket=ticket,
                owed=_shown(ticket, given["debts"], request.user),
                gate=given["gate"],
                tender=form.tender(),
                by=request.user,
                at=truncate(now()),
            )
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            left = taken.done is not None and taken.done.left
            return done_with(request, station, _said(ticket, taken), "" if left else ticket.number)
    return _panel(request, station, fresh(ticket), status=status, refused=form)


def debts_together(ticket: Ticket, person: Person) -> list[Debt]:
    """Return the debts that can be taken with a stay's fee: those in its currency."""
    if not ticket.is_open:
        return []
    return [debt for debt in debts_of(ticket, person) if debt.charge.currency == ticket.lot.currency]


def _panel(
    request: PersonRequest,
    station: Station,
    ticket: Ticket,
    *,
    status: int = 200,
    refused: TogetherForm | None = None,
) -> HttpResponseBase:
    """Show everything that is owed; a refused form is shown with what is owed now."""
    debts, fee = debts_together(ticket, request.user), stay_owes(ticket, truncate(now()))
    total = fee.owed + sum(debt.charge.balance_amount for debt in debts)
    initial = {"agreed": total, "debts": TogetherForm.written(debts)}
    forms: dict[str, Any] = {
        "all_cash_form": TogetherCashForm(station, initial=initial),
        "all_card_form": TogetherCardForm(station, initial=initial),
    }
    if refused is not None:
        refused.data = dict(refused.data.items()) | initial
        forms["all_card_form" if isinstance(refused, TogetherCardForm) else "all_cash_form"] = refused
    also = {"debts_now": debts, "total": total, **forms}
    return show_stay(request, station, ticket, panel="together", status=status, also=also)


def _shown(ticket: Ticket, amounts: dict[int, int], person: Person) -> list[tuple[Charge, int]]:
    """Return the charges of the debts that were shown; raises ConflictError for any that is not this car's."""
    debts = Debt.objects.filter(
        pk__in=amounts,
        operator=ticket.lot.operator_id,
        charge__lot__in=lots_visible_to(person),
        plate_normalised=ticket.plate_normalised,
    ).select_related("charge__lot")
    found = [(debt.charge, amounts[debt.pk]) for debt in debts if debt.charge.currency == ticket.lot.currency]
    if len(found) != len(amounts) or ticket.plate_normalised is None:
        raise ConflictError(_("These debts are not of this car."))
    return found


def _said(ticket: Ticket, taken: services.TakenTogether) -> Result:
    """Return the result: how the exit went, with all that was taken."""
    car = ticket.plate or ticket.number
    if taken.failed or taken.done is None:
        return Result("warn", *said_of_failure(taken.failed, car), number=ticket.number)
    said = said_of_exit(taken.done)
    paid: list[Payment] = [*taken.payments, *([taken.done.payment] if taken.done.payment else [])]
    total = money_said(sum(payment.captured_amount for payment in paid), ticket.lot.currency)
    with_debts = ngettext("%(total)s with %(count)s debt.", "%(total)s with %(count)s debts.", len(taken.payments))
    detail = f"{said.detail} {with_debts % {'total': total, 'count': len(taken.payments)}}"
    return Result(said.tone, said.title, detail, said.change, said.number, said.receipt, undo=said.undo)
