"""Invariants of single values: numbers and instants that every program can read and reckon with.

A value beyond its range breaks what adds it up or shows it. What is sent is checked when it comes; this finds what an
earlier version let in, or what was written past every check.
"""

from typing import Any

from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import AutoField, BigIntegerField, DateField, DecimalField, Field, FloatField, ForeignKey, Model

from gates.reads.body import LARGEST_SEQ
from verification.proof import Invariant

OURS = ("accounts", "lots", "notifications", "devices", "billing", "reservations", "tickets", "gates")
LARGEST = 10**18
"""Of numbers that PostgreSQL may add up a few of and still hold."""
FINITE = "1e300"
OF_EVENTS = {"seq": f"0 AND {LARGEST_SEQ}", "confidence": "0 AND 1"}


def _range(field: "Field[Any, Any]") -> str | None:
    """Return what the values of a column lie between, None when they are of another type."""
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
    """Return a query for the values of a model's table that lie beyond their range."""
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
    "Every number and instant lies in the range that all programs can read: no sum of them fails.",
    " UNION ALL ".join(
        filter(None, (_beyond(model) for name in OURS for model in apps.get_app_config(name).get_models()))
    ),
)

INVARIANTS = (NUMBERS_ARE_POSSIBLE,)
