"""The months of an operator, each with its report as a PDF."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Operator, Role
from billing.books.spans import Span
from billing.books.takings import BookScope, Takings, by_time
from common.web.downloads import shown_file
from lots.access import LotName, lots_visible_to
from lots.calendar import zone_of_operator
from reports.month_names import last_months, month_named, name_of_month, whole_month
from reports.operator_month import operator_month

MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthRow:
    """What was taken in a month in one currency; `is_open` while it goes on."""

    name: str
    words: str
    currency: str
    takings: Takings
    is_open: bool


@require_safe
@operator_required
def reports(request: PersonRequest) -> HttpResponse:
    """List the last twelve months of each operator, the latest first, with what was taken and the report."""
    lots = lots_visible_to(request.user, Role.ADMIN).order_by("name", "pk")
    of_operator: dict[int, list[LotName]] = defaultdict(list)
    for lot in map(LotName._make, lots.values_list(*LotName._fields)):
        of_operator[lot.operator_id].append(lot)
    operators = operators_of(request.user, Role.ADMIN).order_by("name")
    listed = [(one, _rows(one, of_operator[one.pk])) for one in operators]
    return render(request, "office/reports.html", {"operators": listed})


@require_safe
@operator_required
@never_cache
def report(request: PersonRequest, operator: str, month: str) -> HttpResponse:
    """Return the report of a month as a PDF, of the present one as far as it goes."""
    from reports.operator_month_pdf import operator_month_pdf  # slow to import, and few processes need it

    found = get_object_or_404(operators_of(request.user, Role.ADMIN), slug=operator)
    first, at = month_named(month), now()
    if first is None or first > _today(found, _lots(found)):
        raise Http404(_("There is no such month yet."))
    file = operator_month_pdf(operator_month(found, first, at=at))
    return shown_file(file.name, file.content, file.mime_type)


def _rows(operator: Operator, lots: list[LotName]) -> list[MonthRow]:
    today = _today(operator, lots)
    months = last_months(today, MONTHS)
    timed = by_time(
        BookScope(tuple(lot.pk for lot in lots), (operator.pk,)), Span(months[0], Span.of_month(today).last)
    )
    sums: dict[tuple[date, str], Takings] = defaultdict(Takings)
    for (currency, day), takings in timed.days.items():
        key = (day.replace(day=1), currency)
        sums[key] = sums[key] + takings
    return [
        MonthRow(name_of_month(month), whole_month(month), currency, sums[month, currency], month == months[-1])
        for month in reversed(months)
        for currency in sorted(currency for of, currency in sums if of == month)
    ]


def _lots(operator: Operator) -> list[LotName]:
    lots = operator.lots.order_by("name", "pk").values_list(*LotName._fields)
    return list(map(LotName._make, lots))


def _today(operator: Operator, lots: list[LotName]) -> date:
    return now().astimezone(ZoneInfo(zone_of_operator(operator, lots))).date()
