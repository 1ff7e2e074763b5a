"""Finds an operator's documents: by number, plate, amount, kind and day."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.access import Person
from billing.access import documents_at_work
from billing.models import Document
from common.errors import DomainError
from common.money import parse_money
from common.plates import PlateError, normalise
from lots.access import lots_visible_to

A_DAY = timedelta(days=1)


def _currencies(person: Person) -> set[str]:
    lots = lots_visible_to(person).order_by().values_list("currency", "operator__currency").distinct()
    return {currency for row in lots for currency in row if currency}


def find_documents(person: Person, wanted: dict[str, Any]) -> QuerySet[Document]:
    """Return the documents that match a valid DocumentsFilter, the latest first."""
    found = documents_at_work(person)
    if wanted["q"]:
        found = found.filter(_named(wanted["q"]))
    if wanted["amount"]:
        found = found.filter(_of_amount(wanted["amount"], _currencies(person)))
    if wanted["kind"]:
        found = found.filter(kind=wanted["kind"])
    # A day more on either side in UTC, then the day in each document's own zone, as its content has it.
    if wanted["since"] and wanted["since"] - date.min > A_DAY:
        start = datetime.fromisoformat(f"{wanted['since']}T00:00:00+00:00") - A_DAY
        found = found.filter(issued_at__gte=start, content__issued__gte=wanted["since"].isoformat())
    if wanted["until"] and date.max - wanted["until"] > 2 * A_DAY:
        end = datetime.fromisoformat(f"{wanted['until']}T00:00:00+00:00") + 2 * A_DAY
        found = found.filter(issued_at__lt=end, content__issued__lt=(wanted["until"] + A_DAY).isoformat())
    return found


def _named(text: str) -> Q:
    by_number = Q(number=text.strip().upper())
    try:
        plate = normalise(text)
    except PlateError:
        plate = None
    return by_number | Q(plate_normalised=plate) if plate else by_number


def _of_amount(text: str, currencies: set[str]) -> Q:
    matching = Q(pk=None)
    for currency in currencies:
        try:
            amount = parse_money(text.strip().lstrip("-−"), currency)
        except DomainError:
            continue
        matching |= Q(currency=currency, total_amount__in=[amount, -amount])
    return matching
