"""The postings behind a figure, found by the same lots, days and dimensions that were summed up."""

from dataclasses import dataclass, fields

from django.db.models import Q, QuerySet
from django.http import QueryDict

from billing.models import BookLine, PostingKind
from office.revenue.asking import Asked

PAID = (PostingKind.CAPTURED.value, PostingKind.REFUNDED.value)
NONE = "none"
"""In an address, the tariff or cashier of what has none."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the postings of a list have in common beside lots and days; empty is any, of `kind` payments and refunds."""

    kind: str = ""
    currency: str = ""
    method: str = ""
    hour: str = ""
    tariff: str = ""
    cashier: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Narrowed":
        """Return what an address asks for."""
        return cls(**{part.name: query.get(part.name, "").replace("\0", "") for part in fields(cls)})

    def matches(self) -> Q:
        """Return the condition."""
        found = Q(kind__in=[self.kind] if self.kind in PostingKind.values else PAID)
        if self.kind == "all":
            found = Q()
        for name in ("currency", "method"):
            if value := getattr(self, name):
                found &= Q(**{name: value})
        if self.hour.isdecimal():
            found &= Q(hour=min(int(self.hour[:4]), 24))
        return found & _key("tariff", self.tariff) & _key("cashier", self.cashier)


def lines_of(asked: Asked, narrowed: Narrowed) -> QuerySet[BookLine]:
    """Return the postings of the lots and days that match, the latest first."""
    return _of(asked).filter(narrowed.matches())


def adjustments_in(asked: Asked, currency: str) -> QuerySet[BookLine]:
    """Return what changed closed days in this span, the latest first."""
    return _of(asked).filter(adjusts__isnull=False, currency=currency)


def _of(asked: Asked) -> QuerySet[BookLine]:
    within = BookLine.objects.filter(lot__in=asked.place.lots, day__range=(asked.span.first, asked.span.last))
    return (
        within.select_related("lot", "charge__ticket", "cashier")
        .order_by("-at", "-id")
        .only(
            *("kind", "amount", "tax", "currency", "method", "at", "day", "hour", "adjusts", "source"),
            *(
                "lot__name",
                "lot__timezone",
                "charge__label",
                "charge__ticket__number",
                "cashier__name",
                "cashier__email",
                "cashier__deleted_at",
            ),
        )
    )


def _key(name: str, value: str) -> Q:
    """Match keys that are listed with commas; a tariff's name may stand for many."""
    if not value:
        return Q()
    if value == NONE:
        return Q(**{f"{name}__isnull": True})
    keys = [int(key) for key in value.split(",") if key.isdecimal() and len(key) < 19]  # noqa: PLR2004 fits a bigint
    return Q(**{f"{name}__in": keys})
