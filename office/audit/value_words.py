"""Values of columns in words: choices by their labels, amounts with their currency, and rows by their names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _

from accounts.models import Membership, Merchant, User
from audit.how import RowAct
from audit.kept_tables import KEPT_BY_NAME
from audit.models import AuditEntry
from billing.discount_words import discount_words
from billing.models import PromoCode
from common.translation import day_said, moment_said, money_said
from lots.models import Gate, Level, Lot
from passes.models import PassOffer

AMOUNTS = frozenset(
    {
        *("waiver_limit", "waiver_day_limit", "refund_limit", "till_tolerance", "debt_reminder_fee", "debt_fee_cap"),
        *("lane_fee_limit", "amount", "price_amount", "cancel_fee_amount"),
    }
)
MINUTES_OF_A_DAY = frozenset({"opens_minute", "closes_minute"})
POINTS_TO: Mapping[str, type[models.Model]] = {
    "user_id": User,
    "merchant_id": Merchant,
    "level_id": Level,
    "gate_id": Gate,
    "promocode_id": PromoCode,
    "passoffer_id": PassOffer,
    "lot_ids": Lot,
}
_ROLES = "accounts_membership"
_MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001 documented


@dataclass(frozen=True, slots=True)
class Named:
    """The names of the rows that entries point to, by their table and key; those that are gone have none.

    `people` are those of roles, by the key of the role.
    """

    names: dict[tuple[type[models.Model], int], str] = field(default_factory=dict)
    people: dict[int, int] = field(default_factory=dict)

    def name(self, model: type[models.Model], key: Any) -> str:
        """Return a row's name, or its number."""
        return self.names.get((model, int(key)), _("no. %(key)s") % {"key": key})


def named_by(entries: Iterable[AuditEntry]) -> Named:
    """Load the names of all rows that entries point to: a query for each table, and two for whose roles there are."""
    entries = list(entries)
    people = _people_of_roles({int(entry.row) for entry in entries if entry.subject == _ROLES})
    keys: dict[type[models.Model], set[int]] = {User: set(people.values())} if people else {}
    for entry in entries:
        if KEPT_BY_NAME[entry.subject].belongs == "person":
            keys.setdefault(User, set()).add(int(entry.row))
        if entry.lot:
            keys.setdefault(Lot, set()).add(entry.lot)
        for said in (entry.before, entry.after):
            for column, value in (said or {}).items():
                if column in POINTS_TO and value:
                    keys.setdefault(POINTS_TO[column], set()).update(value if isinstance(value, list) else [value])
    return Named(
        {
            (model, row.pk): str(row)
            for model, wanted in keys.items()
            for row in model._default_manager.filter(pk__in=wanted)  # noqa: SLF001 documented
        },
        people,
    )


def _people_of_roles(roles: set[int]) -> dict[int, int]:
    """Return whose roles these are or were: a change tells only what changed, and a removed role has no row."""
    found = dict(Membership.objects.filter(pk__in=roles).values_list("pk", "user_id")) if roles else {}
    gone = [str(role) for role in roles - found.keys()]
    if not gone:
        return found
    told = AuditEntry.objects.filter(subject=_ROLES, row__in=gone).exclude(act=RowAct.CHANGED)
    for row, before, after in told.values_list("row", "before", "after"):
        if person := ((after or {}) | (before or {})).get("user_id"):
            found[int(row)] = person
    return found


def value_words(entry: AuditEntry, column: str, value: Any, zone: ZoneInfo, named: Named) -> str:
    """Return a value in words; a secret is only said to be there."""
    subject = KEPT_BY_NAME[entry.subject]
    if value is None or value in ("", [], {}):
        return _("none")
    if column in subject.hidden:
        return _("set, and not told")
    if column in subject.told_by_digest:
        return _("version %(digest)s") % {"digest": str(value)[:8]}
    if column in POINTS_TO:
        model = POINTS_TO[column]
        return ", ".join(named.name(model, key) for key in (value if isinstance(value, list) else [value]))
    return _plain(entry, column, value, zone)


def _plain(entry: AuditEntry, column: str, value: Any, zone: ZoneInfo) -> str:
    currency = entry.operator.currency if entry.operator else ""
    if column in AMOUNTS and currency:
        return money_said(value, currency)
    if column in MINUTES_OF_A_DAY:
        return f"{value // 60:02d}:{value % 60:02d}"
    if column == "discount" and currency:
        return discount_words(value, currency)
    if column in KEPT_BY_NAME[entry.subject].masked:
        return str(value)
    return _of_field(_field(entry.subject, column), value, zone)


def _field(table: str, column: str) -> "models.Field[Any, Any] | None":
    fields = _MODELS[table]._meta.local_fields if table in _MODELS else []  # noqa: SLF001 documented
    return next((one for one in fields if one.column == column), None)


def _of_field(of: "models.Field[Any, Any] | None", value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        inner = of.base_field if isinstance(of, ArrayField) else None
        return ", ".join(_of_field(inner, one, zone) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_of_field(None, one, zone)}" for key, one in value.items())
    if isinstance(of, models.DateTimeField):
        return moment_said(datetime.fromisoformat(value).astimezone(zone))
    if isinstance(of, models.DateField):
        return day_said(date.fromisoformat(value))
    labels: Mapping[Any, Any] = dict(of.flatchoices) if of is not None else {}
    return str(labels.get(value, value))
