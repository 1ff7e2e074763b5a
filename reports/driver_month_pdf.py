"""The PDF of a driver's month."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.translation import day_said, money_said
from notifications.attachments import Attachment
from reports.driver_month import DriverMonth, MonthSum
from reports.month_names import name_of_month, said_as_of, said_length, whole_month
from reports.month_pdf import facts_of, figures_of, head_of, nothing, pages_of, section
from reports.month_receipts import MonthReceipt

PDF = "application/pdf"


def driver_month_pdf(month: DriverMonth, name: str) -> Attachment:
    """Return a driver's month as a PDF in the active language."""
    title = _("Your parking in %(month)s") % {"month": whole_month(month.month)}
    covers = [
        _("Stays and paid bookings that ended in this month on the clocks of the lots."),
        said_as_of(month.at, month.zone),
    ]
    story = head_of(name, title, covers)
    if month.is_empty:
        story.append(nothing(_("You did not park in this month.")))
    else:
        for one in month.sums:
            story += section(one.currency, facts_of(_facts(one)))
        story += _favourites(month) + _receipts(month)
    return Attachment(f"parking-{name_of_month(month.month)}.pdf", pages_of(title, name, story), PDF)


def _facts(one: MonthSum) -> list[tuple[str, str]]:
    """Return the sums of one currency with their labels."""
    return [
        (_("Stays"), str(one.stays)),
        (_("Parked"), said_length(one.minutes)),
        (_("Spent"), money_said(one.paid, one.currency)),
        (_("Tax in it"), money_said(one.tax, one.currency)),
    ]


def _favourites(month: DriverMonth) -> list[Any]:
    rows = [[one.name, str(one.visits)] for one in month.favourites]
    return section(_("Favourite lots"), figures_of([_("Lot"), _("Visits")], rows, [34])) if rows else []


def _receipts(month: DriverMonth) -> list[Any]:
    if not month.receipts:
        return []
    note = _("What each receipt says of these stays and bookings. A refund has a credit note.")
    head = [_("Lot"), _("Number"), _("Date"), _("Amount"), _("Tax")]
    rows = [_row(one) for one in month.receipts]
    if month.others:
        listed, further = len(month.receipts), _("Further receipts")
        note += " " + ngettext(
            "The first %(listed)s are listed; %(count)s more is added up.",
            "The first %(listed)s are listed; %(count)s more are added up.",
            month.others,
        ) % {"listed": listed, "count": month.others}
        rows += [[further, "", "", *_rest(month, one.currency)] for one in month.sums]
    totals = [[_("Total"), "", "", *_said(one.currency, one.paid, one.tax)] for one in month.sums]
    return section(
        _("Receipts"),
        figures_of(head, [*rows, *totals], [40, 25, 31, 27], words=3, totals=len(totals)),
        note=note,
    )


def _row(one: MonthReceipt) -> list[str]:
    return [one.lot, one.number or "–", day_said(one.day), *_said(one.currency, one.amount, one.tax)]


def _rest(month: DriverMonth, currency: str) -> list[str]:
    """Return the amount and tax of the receipts of a currency that are not listed."""
    one = next(one for one in month.sums if one.currency == currency)
    listed = [receipt for receipt in month.receipts if receipt.currency == currency]
    paid = one.paid - sum(receipt.amount for receipt in listed)
    return _said(currency, paid, one.tax - sum(receipt.tax for receipt in listed))


def _said(currency: str, *amounts: int) -> list[str]:
    return [money_said(amount, currency) for amount in amounts]
