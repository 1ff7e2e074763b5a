"""The revenue page, the postings behind its figures, and both as files."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.models import PaymentMethod, PostingKind
from common.web.paging import page_of
from office.revenue.asking import Asked, asked_by, shortcuts
from office.revenue.csv_files import csv_response, lines_csv, sums_csv
from office.revenue.posting_list import Narrowed, adjustments_in, lines_of
from office.revenue.revenue_report import read_books, report_of

ADJUSTMENTS_SHOWN = 20
BY = ("day", "lot", "method", "tariff", "cashier")


@require_safe
@role_required(Role.ADMIN)
def revenue(request: PersonRequest) -> HttpResponse:
    """Show what was taken over some days: by time, by what it is made of, and compared with before."""
    at = now()
    asked = asked_by(request.user, request.GET, at)
    books = read_books(asked, at)
    currencies = books.currencies
    asked_currency = request.GET.get("currency", "")
    currency = asked_currency if asked_currency in currencies else next(iter(currencies), "")
    context = {
        "asked": asked,
        "report": report_of(books, currency) if currency else None,
        "currencies": _tabs(asked, currencies, currency),
        "shortcuts": _shortcuts(asked, currency),
        "adjustments": adjustments_in(asked, currency)[:ADJUSTMENTS_SHOWN],
        "weeks": books.shift.days // 7,
        "query": asked.query(currency=currency),
        "by": _by(),
    }
    return render(request, "office/revenue.html", context, status=422 if asked.refused else 200)


@require_safe
@role_required(Role.ADMIN)
def revenue_csv(request: PersonRequest) -> HttpResponse | StreamingHttpResponse:
    """Send the figures of the page as a file, `?by=` day, lot, method, tariff or cashier."""
    at = now()
    asked = asked_by(request.user, request.GET, at)
    if asked.refused:
        return HttpResponse(asked.refused, status=422, content_type="text/plain; charset=utf-8")
    by = request.GET.get("by", "")
    by = by if by in BY else BY[0]
    return csv_response(f"revenue-{asked.name}-by-{by}", sums_csv(read_books(asked, at), by))


@require_safe
@role_required(Role.ADMIN)
def lines(request: PersonRequest) -> HttpResponse:
    """List the very payments, refunds, credits and changes of what is due behind a figure."""
    asked = asked_by(request.user, request.GET, now())
    narrowed = Narrowed.of(request.GET)
    found = lines_of(asked, narrowed)
    context = {
        "asked": asked,
        "page": page_of(found, request),
        "narrowed": narrowed,
        "kinds": PostingKind.choices,
        "methods": PaymentMethod.choices,
        "query": asked.query(currency=narrowed.currency),
    }
    return render(request, "office/revenue/lines.html", context, status=422 if asked.refused else 200)


@require_safe
@role_required(Role.ADMIN)
def lines_as_csv(request: PersonRequest) -> HttpResponse | StreamingHttpResponse:
    """Send the same postings as a file, however many, without holding them in memory."""
    asked = asked_by(request.user, request.GET, now())
    if asked.refused:
        return HttpResponse(asked.refused, status=422, content_type="text/plain; charset=utf-8")
    return csv_response(f"postings-{asked.name}", lines_csv(lines_of(asked, Narrowed.of(request.GET))))


def _tabs(asked: Asked, currencies: list[str], current: str) -> list[dict[str, object]]:
    if len(currencies) < 2:  # noqa: PLR2004 one needs no choice
        return []
    return [{"label": one, "href": asked.query(currency=one), "current": one == current} for one in currencies]


def _shortcuts(asked: Asked, currency: str) -> list[dict[str, object]]:
    return [
        {"label": label, "href": asked.query(span, currency=currency), "current": span == asked.span}
        for label, span in shortcuts(asked.today).items()
    ]


def _by() -> list[tuple[str, str]]:
    return list(zip(BY, (_("by day"), _("by lot"), _("by method"), _("by tariff"), _("by cashier")), strict=True))
