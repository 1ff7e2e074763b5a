"""Lists that people work with: columns that sort, pages of a chosen size, and rows found within a bound.

However many rows there are, a page looks through no more than REACH of them along the index that keeps them in order,
and links to where it stopped. So every filter and order costs about what the unfiltered list costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable, RawSQL
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext

from common.db.among import IsAmong
from common.time import FIRST_YEAR, LAST_YEAR

PAGE_SIZES = (25, 50, 100)
USUAL_SIZE = 50
REACH = 10_000
"""How many rows a page looks through, before it says how far it came."""


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column: `order` is what its head sorts by, '' for nothing.

    `style` is the class of its cells. Of these `cell-key` is what matters most on a phone, and `cell-wide` what is left
    out there. `falls` says that the first click puts the greatest first.
    """

    name: str
    title: str | Promise
    order: str | Combinable = ""
    style: str = ""
    falls: bool = False


@dataclass(frozen=True, slots=True)
class RowsAct:
    """What can be done with ticked rows: the page that says what it means, by its name and `part` of its address."""

    url: str
    label: str | Promise
    part: str = ""

    @property
    def href(self) -> str:
        """Return the address of the page."""
        return reverse(self.url, args=[self.part] if self.part else [])


@dataclass(frozen=True, slots=True)
class Sought:
    """What a filter asks for: the `rows` that indexes find, and the `sieve` for which each of these is looked at.

    `anywhere` matches rows by an index of its own, which are found also beyond the reach of a page. `parts` are the
    keys by which the index of the list begins, such as those of lots.
    """

    rows: QuerySet[Any]
    sieve: Q = field(default_factory=Q)
    anywhere: Q = field(default_factory=Q)
    parts: Sequence[int] = ()

    @property
    def everything(self) -> QuerySet[Any]:
        """Return all rows that are asked for, however many are looked through."""
        return self.rows.filter(self.sieve | self.anywhere)

    def within(self, reach: Q) -> QuerySet[Any]:
        """Return the rows that are asked for within a reach, and those that are found anywhere."""
        looked_at = self.rows.filter(reach & self.sieve)
        if not self.anywhere:
            return looked_at
        # A union, not an OR: each half uses an index, an OR would look at every row. An array, as its keys are found
        # before tables are joined.
        halves = (half.order_by().values("pk") for half in (looked_at, self.rows.filter(self.anywhere)))
        first, second = halves
        return self.rows.filter(IsAmong(F("pk"), ArraySubquery(first.union(second))))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its `columns`, and the usual order by one of them, which begins with `-` where it falls.

    An index keeps its rows by `part` and by the order of the column `along`; lists without one are short, and are
    always looked through as a whole. `row` is the template of a row's cells, `url` names its page. `acts` are done
    with ticked rows, whose boxes are named `tick`. Its rows are called by `noun`; where there are `none`, a `hint` says
    what to do, or an `empty` template. `exported` is its kind of export.
    """

    name: str
    title: str | Promise
    columns: tuple[ListColumn, ...]
    usual: str
    row: str
    url: str
    along: str = ""
    part: str = ""
    acts: tuple[RowsAct, ...] = ()
    tick: str = "row"
    noun: str | Promise = ""
    none: str | Promise = ""
    hint: str | Promise = ""
    exported: str = ""
    empty: str = ""

    def order_asked(self, query: QueryDict) -> str:
        """Return the name of the column by which a query string sorts, after `-` where it falls."""
        asked = query.get("sort", "")
        return asked if any(one.order and one.name == asked.removeprefix("-") for one in self.columns) else self.usual

    def ordered(self, rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
        """Return the rows in an order that is total; rows without a value come last."""
        falls, by = sort.startswith("-"), self._column(sort.removeprefix("-")).order
        if sort.removeprefix("-") == self.along:
            return rows.order_by(f"-{by}" if falls else str(by), "-pk" if falls else "pk")
        value = F(by) if isinstance(by, str) else by
        first = value.desc(nulls_last=True) if falls else value.asc(nulls_last=True)  # type: ignore[attr-defined]
        return rows.order_by(first, "-pk" if falls else "pk")

    def all_rows(self, sought: Sought, query: QueryDict) -> QuerySet[Any]:
        """Return all rows that a list's address asks for, in its order."""
        sort = self.order_asked(query)
        return self.ordered(self._beyond(sought, query, sort).everything, sort)

    def page(self, sought: Sought, query: QueryDict) -> "ListPage":
        """Return the page that an address asks for, or the nearest one; three statements."""
        sort = self.order_asked(query)
        sought = self._beyond(sought, query, sort)
        falls = self._falls_along(sort)
        edge = self._edge(sought, falls=falls) if self.along else None
        rows = sought.everything
        if edge is not None:
            rows = sought.within(Q(**{f"{self._along}__{'gte' if falls else 'lte'}": edge}))
        pages = _Pages(self.ordered(rows, sort), _size_asked(query))
        page: ListPage = pages.get_page(query.get("page"))  # type: ignore[assignment]
        page.listing, page.sort, page.edge = self, sort, edge
        page.asked = [(name, value) for name, values in query.lists() for value in values if value]
        page.is_continued = _instant(query) is not None
        page.object_list = list(page.object_list)
        return page

    def orders(self) -> list[tuple[str, str]]:
        """Return all orders with their words, for a choice."""
        words = {True: gettext("%(column)s, descending"), False: gettext("%(column)s, ascending")}
        return [
            (f"{'-' if falls else ''}{one.name}", words[falls] % {"column": one.title})
            for one in self.columns
            if one.order
            for falls in (one.falls, not one.falls)
        ]

    @property
    def _along(self) -> str:
        return str(self._column(self.along).order)

    def _column(self, name: str) -> ListColumn:
        return next(one for one in self.columns if one.name == name)

    def _falls_along(self, sort: str) -> bool:
        """Return whether a page is looked through along the index from its end."""
        return (sort if sort.removeprefix("-") == self.along else self.usual).startswith("-")

    def _beyond(self, sought: Sought, query: QueryDict, sort: str) -> Sought:
        """Leave out the rows that an earlier page has looked through."""
        reached = _instant(query)
        if reached is None or not self.along:
            return sought
        further = {f"{self._along}__{'lt' if self._falls_along(sort) else 'gt'}": reached}
        return Sought(sought.rows.filter(**further), sought.sieve, sought.anywhere, sought.parts)

    def _edge(self, sought: Sought, *, falls: bool) -> datetime | None:
        """Return the instant up to which a page looks through the rows; None when that is all of them."""
        parts = sought.parts if self.part and len(sought.parts) > 1 else ()
        depth = max(max(PAGE_SIZES) + 1, REACH // max(1, len(parts)))
        rows = sought.rows.order_by(f"-{self._along}" if falls else self._along)
        if not parts:
            return next(iter(rows.values_list(self._along, flat=True)[depth : depth + 1]), None)
        # In each part along its index. Where the part that reaches least far ends, the rows of all are known.
        one_part = rows.filter(**{f"{self.part}": RawSQL("parts.id", [])}).values(reached=F(self._along))
        sql, values = one_part[depth : depth + 1].query.sql_with_params()
        furthest = "max" if falls else "min"
        statement = (
            f"SELECT {furthest}(found.reached) FROM unnest(%s::bigint[]) parts (id) CROSS JOIN LATERAL ({sql}) found"  # noqa: S608 compiled by Django
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(parts), *values])
            row = cursor.fetchone()
        return row[0] if row else None


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: `link` is the order that a click leads to, `direction` that which it has now."""

    column: ListColumn
    link: str
    direction: str


class ListPage(Page[Any]):
    """A page of a list: how it is sorted, and the `edge` up to which rows were looked through, where there are more."""

    listing: Listing
    sort: str
    asked: list[tuple[str, str]]
    edge: datetime | None
    is_continued: bool

    @property
    def heads(self) -> list[Head]:
        """Return the heads of the columns."""
        return [self._head(one) for one in self.listing.columns]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return how many rows a page may have."""
        return PAGE_SIZES

    @property
    def beyond(self) -> str:
        """Return what the address of the rows beyond the edge has."""
        return self.edge.isoformat() if self.edge else ""

    @property
    def orders(self) -> list[tuple[str, str]]:
        """Return all orders with their words."""
        return self.listing.orders()

    def _head(self, column: ListColumn) -> Head:
        if not column.order:
            return Head(column, "", "")
        if self.sort.removeprefix("-") != column.name:
            return Head(column, f"{'-' if column.falls else ''}{column.name}", "")
        falls = self.sort.startswith("-")
        return Head(column, f"{'' if falls else '-'}{column.name}", "descending" if falls else "ascending")


class _Pages(Paginator):  # type: ignore[type-arg]
    def _get_page(self, *given: Any, **named: Any) -> ListPage:
        return ListPage(*given, **named)


def _size_asked(query: QueryDict) -> int:
    return next((size for size in PAGE_SIZES if str(size) == query.get("per")), USUAL_SIZE)


def _instant(query: QueryDict) -> datetime | None:
    try:
        at = datetime.fromisoformat(query.get("beyond", "").replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo is not None and FIRST_YEAR <= at.year <= LAST_YEAR else None
