"""The list of an operator's documents: columns, filter, and what it finds."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Person, operators_of
from analytics.scope import Scope
from billing.access import documents_at_work
from billing.models import DocumentKind
from common.errors import DomainError
from common.money import parse_money
from common.web.listing import ListColumn, Listing, Sought
from lots.access import lots_visible_to
from office.list_filters import LotsFilter, choices_with
from office.stays_sought import plate_or_none

A_DAY = timedelta(days=1)
_NUMBER = re.compile(r"([A-Z])-(\d{4})-(\d{1,18})", re.ASCII)

DOCUMENTS = Listing(
    "documents",
    _("Documents"),
    columns=(
        ListColumn("number", _("Number"), "number", style="nowrap cell-key"),
        ListColumn("kind", _("Kind"), "kind"),
        ListColumn("issued", _("Issued"), "issued_at", falls=True),
        ListColumn("lot", _("Lot"), "lot__name"),
        ListColumn("plate", _("Plate"), "plate_normalised"),
        ListColumn("tax", _("Tax"), "tax_amount", style="number cell-wide", falls=True),
        ListColumn("total", _("Total"), "total_amount", style="number", falls=True),
    ),
    usual="-issued",
    along="issued",
    part="operator",
    row="office/documents/_row.html",
    url="office:documents",
    noun=_("documents"),
    none=_("No documents found"),
    hint=_("Every payment gets a receipt, every refund a credit note. Search by number, plate, amount or day."),
    exported="documents",
)


class DocumentsFilter(LotsFilter):
    """The filter of the list of documents."""

    q = forms.CharField(label=_("Search"), required=False, max_length=40)
    amount = forms.CharField(label=_("Amount"), required=False, max_length=20)
    kind = forms.ChoiceField(label=_("Kind"), choices=choices_with(_("Any"), DocumentKind.choices), required=False)
    field_order = ["q", "amount", "kind", "lot", "since", "until"]


def find_documents(person: Person, scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the documents at a person's operators that match a valid DocumentsFilter."""
    operators = list(operators_of(person).order_by("pk").values_list("pk", flat=True))
    found, sieve = documents_at_work(person), Q()
    if wanted.get("q"):
        found = found.filter(_named(wanted["q"]))
    if wanted.get("amount"):
        sieve &= _of_amount(wanted["amount"], _currencies(person))
    if wanted.get("kind"):
        sieve &= Q(kind=wanted["kind"])
    if scope.chosen is not None:
        sieve &= Q(lot=scope.chosen.pk)
    # A day more on either side in UTC, then the day in each document's own zone, as its content has it.
    since, until = wanted.get("since"), wanted.get("until")
    if since and since - date.min > A_DAY:
        start = datetime.fromisoformat(f"{since}T00:00:00+00:00") - A_DAY
        found = found.filter(issued_at__gte=start, content__issued__gte=since.isoformat())
    if until and date.max - until > 2 * A_DAY:
        end = datetime.fromisoformat(f"{until}T00:00:00+00:00") + 2 * A_DAY
        found = found.filter(issued_at__lt=end, content__issued__lt=(until + A_DAY).isoformat())
    return Sought(found, sieve, parts=operators)


def _currencies(person: Person) -> set[str]:
    lots = lots_visible_to(person).order_by().values_list("currency", "operator__currency").distinct()
    return {currency for row in lots for currency in row if currency}


def _named(text: str) -> Q:
    """Match a whole number, by its parts, which have an index, or a whole plate."""
    number = _NUMBER.fullmatch(text.strip().upper())
    if number is not None:
        kind, year, sequence = number.groups()
        return Q(kind=kind, year=int(year), sequence=int(sequence), number=number.group())
    plate = plate_or_none(text)
    return Q(plate_normalised=plate) if plate else Q(pk=None)


def _of_amount(text: str, currencies: set[str]) -> Q:
    matching = Q(pk=None)
    for currency in currencies:
        try:
            amount = parse_money(text.strip().lstrip("-−"), currency)
        except DomainError:
            continue
        matching |= Q(currency=currency, total_amount__in=[amount, -amount])
    return matching
