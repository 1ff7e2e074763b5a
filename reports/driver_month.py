"""The month of a driver: stays, hours, what was spent with its tax, favourite lots and receipts.

The figures are those of `/me/` (`reports.month_spending`), for a batch of people in two queries.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from reports.month_receipts import MonthReceipt, MonthReceipts, receipts_of
from reports.month_spending import Spent, spent_by, sums_by_currency

FAVOURITES = 3


@dataclass(frozen=True, slots=True)
class MonthSum:
    """What a month adds up to in one currency, in minor units; the tax is a part of what was paid."""

    currency: str
    stays: int
    minutes: int
    paid: int
    tax: int


@dataclass(frozen=True, slots=True)
class FavouriteLot:
    """A lot and how often somebody was there."""

    name: str
    visits: int


@dataclass(frozen=True, slots=True)
class DriverMonth:
    """A driver's month as it stood `at` an instant on a clock; `others` counts the receipts that are not listed."""

    month: date
    at: datetime
    zone: str
    sums: tuple[MonthSum, ...] = ()
    favourites: tuple[FavouriteLot, ...] = ()
    receipts: tuple[MonthReceipt, ...] = ()
    others: int = 0

    @property
    def is_empty(self) -> bool:
        """Return whether nothing happened in it."""
        return not self.sums

    def as_json(self) -> dict[str, Any]:
        """Return the month as the context of its mail."""
        return {
            "month": self.month.isoformat(),
            "at": self.at.isoformat(timespec="seconds"),
            "zone": self.zone,
            "sums": [_fields(one) for one in self.sums],
            "favourites": [_fields(one) for one in self.favourites],
            "receipts": [_fields(one) | {"day": one.day.isoformat()} for one in self.receipts],
            "others": self.others,
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "DriverMonth":
        """Return the month of a mail's context."""
        return cls(
            month=date.fromisoformat(told["month"]),
            at=datetime.fromisoformat(told["at"]),
            zone=told["zone"],
            sums=tuple(MonthSum(**one) for one in told["sums"]),
            favourites=tuple(FavouriteLot(**one) for one in told["favourites"]),
            receipts=tuple(
                MonthReceipt(**dict(one) | {"day": date.fromisoformat(one["day"])}) for one in told["receipts"]
            ),
            others=told["others"],
        )


def months_of(drivers: Sequence[int], month: date, *, at: datetime, zone: str) -> dict[int, DriverMonth]:
    """Return the month of each driver who parked or paid in it, as it stands at an instant; two queries.

    `zone` is that of the clock that says when that was; the days are those of the lots.
    """
    rows = spent_by(drivers, at=at, since=month, until=month)
    receipts = receipts_of(rows)
    empty = DriverMonth(month, at, zone)
    return {
        driver: _filled(empty, list(own), receipts.get(driver, MonthReceipts([], {}, {})))
        for driver, own in groupby(rows, key=lambda row: row.driver)
    }


def month_of(driver: int, month: date, *, at: datetime, zone: str) -> DriverMonth:
    """Return the month of one driver, an empty one too."""
    return months_of([driver], month, at=at, zone=zone).get(driver) or DriverMonth(month, at, zone)


def _filled(empty: DriverMonth, rows: list[Spent], receipts: MonthReceipts) -> DriverMonth:
    return replace(
        empty,
        sums=tuple(
            MonthSum(
                currency=one.name,
                stays=one.stays,
                minutes=int(one.length.total_seconds()) // 60,
                paid=one.paid_amount,
                tax=receipts.taxes.get(one.name, 0),
            )
            for one in sums_by_currency(rows)
        ),
        favourites=_favourites(rows),
        receipts=tuple(receipts.listed),
        others=receipts.count - len(receipts.listed),
    )


def _favourites(rows: Iterable[Spent]) -> tuple[FavouriteLot, ...]:
    visits = Counter[str]()
    for row in rows:
        visits[row.lot] += row.stays
    most = sorted(visits.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(FavouriteLot(name, count) for name, count in most[:FAVOURITES] if count)


def _fields(one: MonthSum | FavouriteLot | MonthReceipt) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}
