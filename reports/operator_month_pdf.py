"""The PDF of an operator's month."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.platypus import Flowable

from analytics.exception_counts import kind_meaning
from billing.documents.paper import logo_of
from billing.models import PaymentMethod
from common.translation import day_said, money_said
from notifications.attachments import Attachment
from reports.month_names import (
    bare_money,
    name_of_month,
    said_as_of,
    said_hour,
    said_number,
    said_percent,
    weekday_names,
    whole_month,
)
from reports.month_pdf import GAP, PaperBar, bars_of, facts_of, figures_of, head_of, heat_of, nothing, pages_of, section
from reports.operator_month import MOST_ROWS, OperatorMonth, TakenBy, TakenIn
from reports.operator_occupancy import HOURS, top_hours

PDF = "application/pdf"


def operator_month_pdf(month: OperatorMonth) -> Attachment:
    """Return an operator's month as a PDF in the active language, with a query for its logo."""
    title = _("%(month)s at %(operator)s") % {"month": whole_month(month.first), "operator": month.name}
    covers = [_("Days, hours and the month are those of each lot's clock.")]
    covers += [said_as_of(datetime.fromisoformat(month.at), month.zone)]
    story = [
        *logo_of(month.operator),
        *head_of(month.name, _("Report for %(month)s") % {"month": whole_month(month.first)}, covers),
    ]
    if month.is_empty:
        story.append(nothing(_("Nothing happened in this month.")))
    else:
        story += _overview(month)
        for one in month.takings:
            story += _taken(one)
        story += _occupancy(month) + _missed(month) + _exceptions(month) + _corrected(month) + _shifts(month)
    return Attachment(f"report-{name_of_month(month.first)}.pdf", pages_of(title, month.name, story), PDF)


def _overview(month: OperatorMonth) -> list[Flowable]:
    facts = [
        (_("Net in %(currency)s") % {"currency": one.currency}, money_said(one.total.net, one.currency))
        for one in month.takings
    ]
    facts += [(_("Places used on average"), said_percent(month.share))]
    facts += [
        (_("Fullest hour"), f"{said_hour(day, hour)}, {said_percent(share)}")
        for day, hour, share in top_hours(month.by_hour)[:1]
    ]
    facts += [(_("No-shows"), _of(month.no_shows, month.bookings))]
    facts += [(_("Exceptions"), said_number(sum(count for _kind, count in month.exceptions)))]
    return section(_("In short"), facts_of(facts))


def _taken(one: TakenIn) -> list[Flowable]:
    names = {row.name: str(PaymentMethod(row.name).label) for row in one.methods}
    note = _("Net is what was captured less what was refunded; tax is in it.")
    if one.others:
        more = ngettext("%(count)s more lot is in the total.", "%(count)s more lots are in the total.", one.others)
        note = f"{note} {more % {'count': one.others}}"
    words = {"currency": one.currency}
    total = _figures(_("Total"), one.total, one.currency)
    by_lot = [_figures(row.name, row, one.currency) for row in one.lots]
    by_method = [_figures(names[row.name], row, one.currency) for row in one.methods]
    return [
        *section(_("Revenue by lot, %(currency)s") % words, _bars(_("Lot"), one, one.lots, {}), note=note),
        *(_table(_("Lot"), [*by_lot, total], totals=1), GAP),
        *section(_("Revenue by method, %(currency)s") % words, _bars(_("Method"), one, one.methods, names)),
        *(_table(_("Method"), by_method), GAP),
    ]


def _table(what: str, rows: list[list[str]], *, totals: int = 0) -> Flowable:
    head = [what, _("Net"), _("Captured"), _("Refunded"), _("Charged"), _("Credited"), _("Tax"), _("Stays")]
    return figures_of(head, rows, [19, 21, 20, 19, 20, 16, 16], totals=totals)


def _bars(what: str, one: TakenIn, rows: Iterable[TakenBy], names: dict[str, str]) -> Flowable:
    bars = [
        PaperBar(
            names.get(row.name, row.name),
            row.net,
            (
                money_said(row.net, one.currency),
                said_percent(row.net / one.total.net if one.total.net > 0 else None),
            ),
        )
        for row in rows
    ]
    return bars_of([what, _("Net"), _("Share")], bars, [30, 15])


def _figures(name: str, row: TakenBy, currency: str) -> list[str]:
    amounts = (row.net, row.captured, row.refunded, row.charged, row.credited, row.tax)
    return [name, *(bare_money(amount, currency) for amount in amounts), said_number(row.stays)]


def _occupancy(month: OperatorMonth) -> list[Flowable]:
    if month.share is None:
        return []
    hours = [f"{hour:02d}" for hour in range(HOURS)]
    top = [[said_hour(day, hour), said_percent(share)] for day, hour, share in top_hours(month.by_hour)]
    lots = [PaperBar(one.name, one.share, (said_percent(one.share), said_number(one.places))) for one in month.lots]
    note = _(
        "Percent of the places that stays had on average, of all lots together. Places are those that there are now."
    )
    return [
        *section(_("Occupancy by weekday and hour"), heat_of(weekday_names(), hours, month.by_hour), note=note),
        *(section(_("Fullest hours"), figures_of([_("Hour"), _("Places used")], top, [34])) if top else []),
        *section(
            _("Occupancy by lot"),
            bars_of([_("Lot"), _("Places used"), _("Places")], lots, [20, 20], full=1),
            note=_cut(month, "lots"),
        ),
    ]


def _missed(month: OperatorMonth) -> list[Flowable]:
    if not month.missed:
        return []
    head = [_("Lot"), _("Bookings"), _("No-shows"), _("Forgiven"), _("Share"), _("Fees")]
    rows = []
    for one in month.missed:
        counts = [said_number(count) for count in (one.bookings, one.missed, one.forgiven)]
        share, fees = said_percent(one.missed / one.bookings), money_said(one.fees, one.currency)
        rows.append([one.name, *counts, share, fees])
    return section(_("No-shows"), figures_of(head, rows, [20, 20, 20, 17, 28]), note=_cut(month, "missed"))


def _exceptions(month: OperatorMonth) -> list[Flowable]:
    if not month.exceptions:
        return []
    rows = [[kind_meaning(kind), said_number(count)] for kind, count in month.exceptions]
    return section(_("Exceptions at the lanes"), figures_of([_("What"), _("How often")], rows, [34]))


def _corrected(month: OperatorMonth) -> list[Flowable]:
    if not month.corrected:
        return []
    rows = [[one.name, *(said_number(count) for count in (one.times, one.more, one.fewer))] for one in month.corrected]
    head = [_("Lot"), _("Corrections"), _("Cars more"), _("Cars fewer")]
    return section(_("Corrections of counts"), figures_of(head, rows, [28, 28, 28]))


def _shifts(month: OperatorMonth) -> list[Flowable]:
    if not month.shifts:
        return []
    sums = [
        [one.currency, str(one.closed), *(money_said(amount, one.currency) for amount in (one.over, one.short))]
        for one in month.shifts
    ]
    off = [
        [one.person, one.lot, day_said(date.fromisoformat(one.day)), money_said(one.off, one.currency)]
        for one in month.off
    ]
    story = section(
        _("Shifts and their differences"),
        figures_of([_("Currency"), _("Closed shifts"), _("Too much"), _("Missing")], sums, [34, 31, 31]),
    )
    if off:
        head = [_("Cashier"), _("Lot"), _("Closed"), _("Over or short")]
        story += section(
            _("Shifts that were off"), figures_of(head, off, [55, 27, 31], words=3), note=_cut(month, "off")
        )
    return story


def _cut(month: OperatorMonth, name: str) -> str:
    """Return the words for a list that is longer than what is shown of it."""
    return _("The first %(count)s are listed.") % {"count": MOST_ROWS} if name in month.cut else ""


def _of(count: int, of: int) -> str:
    return _("%(count)s of %(of)s bookings") % {"count": said_number(count), "of": said_number(of)}
