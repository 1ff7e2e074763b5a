"""Entries of the record of changes as people read them: what was changed, how, and by whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import User
from audit.how import How, RowAct
from audit.kept_tables import KEPT_BY_NAME
from audit.models import AuditEntry
from lots.models import Lot
from office.audit.column_words import column_words, table_words
from office.audit.value_words import Named, named_by, value_words
from reports.task_words import TASK_WORDS


@dataclass(frozen=True, slots=True)
class ToldColumn:
    """A column that changed, with its values in words; "" before a row was added and after it was removed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """An entry with its words."""

    entry: AuditEntry
    what: str
    name: str
    lot: str
    who: str
    columns: list[ToldColumn]

    @property
    def first_columns(self) -> list[ToldColumn]:
        """Return those that a list shows."""
        return self.columns[:3]

    @property
    def more(self) -> int:
        """Return how many a list leaves out."""
        return len(self.columns) - len(self.first_columns)


def told_entries(entries: Iterable[AuditEntry], zone: ZoneInfo) -> list[ToldEntry]:
    """Return entries, loaded with their operators and people, in words."""
    rows = list(entries)
    named = named_by(rows)
    return [_told(entry, zone, named) for entry in rows]


def who_words(entry: AuditEntry) -> str:
    """Return who made a change."""
    if entry.how == How.DATABASE:
        return _("In the database itself, as %(role)s") % {"role": entry.role}
    if entry.how == How.TASK:
        return str(TASK_WORDS.get(entry.page, entry.page))
    if entry.how == How.COMMAND:
        return _("Command %(name)s") % {"name": entry.page}
    if entry.by_id is None:
        return _("Somebody who was not signed in")
    return str(entry.by) if entry.by else _("Somebody whose account is deleted")


def _told(entry: AuditEntry, zone: ZoneInfo, named: Named) -> ToldEntry:
    return ToldEntry(
        entry=entry,
        what=_what(entry) % {"row": table_words(entry.subject)},
        name=entry.shown or _name(entry, named),
        lot=named.names.get((Lot, entry.lot), "") if entry.lot and entry.subject != "lots_lot" else "",
        who=who_words(entry),
        columns=_columns(entry, zone, named),
    )


def _what(entry: AuditEntry) -> str:
    if entry.act == RowAct.ADDED:
        return _("%(row)s added")
    if entry.act == RowAct.REMOVED:
        return _("%(row)s removed")
    return _("%(row)s changed")


def _name(entry: AuditEntry, named: Named) -> str:
    """Return the name of what has none of its own: the person's whose it is."""
    if KEPT_BY_NAME[entry.subject].belongs == "person":
        return named.name(User, entry.row)
    values = (entry.before or {}) | (entry.after or {})
    person = values.get("user_id") or (
        named.people.get(int(entry.row)) if entry.subject == "accounts_membership" else None
    )
    return named.name(User, person) if person else ""


def _columns(entry: AuditEntry, zone: ZoneInfo, named: Named) -> list[ToldColumn]:
    before, after = entry.before or {}, entry.after or {}
    order = [column for column in KEPT_BY_NAME[entry.subject].columns if column in before or column in after]
    return [_told_column(entry, column, zone, named) for column in order]


def _told_column(entry: AuditEntry, column: str, zone: ZoneInfo, named: Named) -> ToldColumn:
    before, after = entry.before or {}, entry.after or {}
    label = column_words(entry.subject, column)
    if column in KEPT_BY_NAME[entry.subject].hidden and before.get(column) and after.get(column):
        return ToldColumn(label, "", _("another, which is not told"))
    return ToldColumn(
        label,
        value_words(entry, column, before[column], zone, named) if column in before else "",
        value_words(entry, column, after[column], zone, named) if column in after else "",
    )
