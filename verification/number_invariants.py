"""Invariants of single values: numbers and instants within the range that every program can handle.

A value out of range breaks sums and pages. Input is validated; this finds what an earlier version accepted, or what was
written around the validation.
"""

from typing import Any

from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import AutoField, BigIntegerField, DateField, DecimalField, Field, FloatField, ForeignKey, Model

from gates.reads.body import LARGEST_SEQ
from verification.proof import Invariant

OURS = ("accounts", "lots", "notifications", "devices", "billing", "reservations", "tickets", "gates")
LARGEST = 10**18
"""The bound of numbers of which PostgreSQL can add up a few without overflow."""
FINITE = "1e300"
OF_EVENTS = {"seq": f"0 AND {LARGEST_SEQ}", "confidence": "0 AND 1"}


def _range(field: "Field[Any, Any]") -> str | None:
    """Return the bounds of a column's values; None for other types."""
    if field.model._meta.db_table == "gates_gateevent" and field.column in OF_EVENTS:  # noqa: SLF001 - documented
        return OF_EVENTS[field.column]
    if isinstance(field, AutoField | ForeignKey):
        return None
    if isinstance(field, DateField):  # an instant too
        return "'0001-01-01' AND '9999-12-31 23:59:59.999999'"
    if isinstance(field, FloatField | DecimalField):
        return f"{_limit(field, MinValueValidator, f'-{FINITE}')} AND {_limit(field, MaxValueValidator, FINITE)}"
    return f"-{LARGEST} AND {LARGEST}" if isinstance(field, BigIntegerField) else None


def _limit(field: "Field[Any, Any]", kind: type[MinValueValidator | MaxValueValidator], otherwise: str) -> str:
    return next((str(one.limit_value) for one in field.validators if isinstance(one, kind)), otherwise)


def _beyond(model: type[Model]) -> str | None:
    """Return a query for the values of a model that are out of range."""
    fields = [(field.column, _range(field)) for field in model._meta.concrete_fields]  # noqa: SLF001 - documented
    columns = {name: between for name, between in fields if between}
    if not columns:
        return None
    table, key = model._meta.db_table, model._meta.pk.column  # noqa: SLF001 - documented
    wrong = {name: f"{name} NOT BETWEEN {between}" for name, between in columns.items()}
    values = ", ".join(f"('{name}', {name}::text, {condition})" for name, condition in wrong.items())
    return f"""
    SELECT format('{table} %s: %s is %s', {key}, value.name, value.shown)
    FROM {table} CROSS JOIN LATERAL (VALUES {values}) value (name, shown, is_wrong)
    WHERE ({" OR ".join(wrong.values())}) AND value.is_wrong
    """  # noqa: S608 only our own names


NUMBERS_ARE_POSSIBLE = Invariant(
    11,
    "numbers_are_possible",
    "Every number and instant is in the range that all programs can represent, so that no sum overflows.",
    " UNION ALL ".join(
        filter(None, (_beyond(model) for name in OURS for model in apps.get_app_config(name).get_models()))
    ),
)

INVARIANTS = (NUMBERS_ARE_POSSIBLE,)
