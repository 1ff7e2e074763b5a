"""The kinds of rows that can be exported, as the rooms with their lists declare them (setting EXPORT_KINDS)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import DateField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.access import employers_of, has_role, runs_operator
from accounts.models import Operator, User
from common.errors import InvalidValueError
from common.time import InvalidInstantError, parse_instant
from exports.columns import Column
from exports.models import WhoseRows

_BOUNDS = (("from", "gte"), ("to", "lt"))
_UTC = Value("UTC")


@dataclass(frozen=True, slots=True)
class ExportKind:
    """Rows of one kind: the `rows` of a list for a person and its query string, and the `columns` of the file.

    `rows` raises what the list would answer: a DomainError for a filter that does not fit, Http404 for a lot that is
    not theirs. `role` is what a person needs at some operator; empty for rows of their own. `moment` is the field, and
    `lot` the path to the lot, that `from`, `to` and `lot` limit; days only where the list `takes_days` not itself, lots
    not where it `takes_lots`.
    Rows of an operator as a `whole` are for its admins, not for those of some of its lots. Programs may send the other
    `filters` of the list.
    """

    name: str
    label: str | Promise
    whose: WhoseRows
    columns: tuple[Column, ...]
    rows: Callable[[User, QueryDict], QuerySet[Any]]
    moment: str
    lot: str = "lot"
    role: str = ""
    takes_days: bool = False
    takes_lots: bool = False
    filters: frozenset[str] = frozenset()
    whole: bool = False

    def rows_for(self, person: User, asked: str) -> QuerySet[Any]:
        """Return the rows that a person may see now, as far as the list's query string keeps them.

        Raises PermissionDenied without the role, and what `rows` raises.
        """
        if not self.is_for(person):
            raise PermissionDenied
        query = QueryDict(asked, mutable=True)
        within = Q()
        for name, comparison in _BOUNDS:
            given = query.get(name, "").strip()
            if "T" in given.upper():
                within &= Q(**{f"{self.moment}__{comparison}": _instant(given, name)})
                del query[name]
            elif given and not self.takes_days:
                within &= Q(**{f"export_day__{'gte' if name == 'from' else 'lte'}": _day(given, name)})
        slugs = [slug for slug in query.getlist("lot") if slug and "\0" not in slug and not self.takes_lots]
        if slugs and not self.lot:
            raise InvalidValueError(_("These rows belong to no lot."), path="lot")
        if slugs:
            within &= Q(**{f"{self.lot}__slug__in": slugs})
        rows = self.rows(person, query)
        if not within:
            return rows
        return (rows.annotate(export_day=self._local_day()) if _asks_day(within) else rows).filter(within)

    def is_for(self, person: User) -> bool:
        """Return whether a person may have any such rows."""
        if self.whole and not runs_operator(person):
            return False
        return not self.role or has_role(person, self.role)

    def _local_day(self) -> Cast:
        zone = F(f"{self.lot}__timezone") if self.lot else _UTC
        return Cast(Func(zone, F(self.moment), function="timezone", output_field=DateField()), DateField())

    def operators(self, person: User) -> QuerySet[Operator, int]:
        """Return the keys of the operators whose rows a person may see; none for rows of their own."""
        found = employers_of(person, self.role) if self.role else Operator.objects.none()
        return found.order_by("pk").values_list("pk", flat=True)


@cache
def all_kinds() -> tuple[ExportKind, ...]:
    """Return every kind, own ones first."""
    return tuple(_listed(settings.EXPORT_KINDS))


def kinds_for(person: User, whose: WhoseRows) -> list[ExportKind]:
    """Return the kinds that a person can export."""
    return [kind for kind in all_kinds() if kind.whose == whose and kind.is_for(person)]


def kind_named(name: str, whose: str) -> ExportKind:
    """Return a kind. Raises InvalidValueError for one that there is not."""
    names = [kind.name for kind in all_kinds() if kind.whose == whose]
    if name not in names:
        raise InvalidValueError(_("The kind must be one of %(kinds)s.") % {"kinds": ", ".join(names)}, path="kind")
    return next(kind for kind in all_kinds() if (kind.name, kind.whose) == (name, whose))


def _listed(paths: Iterable[str]) -> Iterator[ExportKind]:
    for path in paths:
        yield from import_string(path)


def _asks_day(within: Q) -> bool:
    return any(isinstance(part, tuple) and part[0].startswith("export_day") for part in within.children)


def _day(text: str, path: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidValueError(_("Give a day, such as 2026-03-31, or an instant."), path=path) from error


def _instant(text: str, path: str) -> datetime:
    # A plus that was not encoded arrives as a space.
    try:
        return parse_instant(text, path=path)
    except InvalidInstantError:
        return parse_instant(text.replace(" ", "+"), path=path)
