"""Rows as parameters of hand-written statements, derived from the model's fields so that they follow migrations."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.db.models import Field, JSONField, Model

from common.db.flush import as_text, flush
from common.db.sealed_fields import EncryptedTextField
from common.sealing import seal

M = TypeVar("M", bound=Model)


def insert_of(model: type[Model], prefix: str, source: str = "", **from_source: str) -> str:
    """Return an INSERT of one row with parameters named `prefix` + column, except columns given by `source`.

    Generated columns are left out, unless `source` gives them.
    """
    names = list(dict.fromkeys([*from_source, *(_column(field) for field in _fields(model))]))
    values = ", ".join(from_source.get(name, f"%({prefix}{name})s") for name in names)
    return f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {values} {source}"  # noqa: SLF001 - documented


def new_row(model: type[M], **columns: Any) -> M:
    """Return a new row with these values by column (`lot_id`, not `lot`) and the model's defaults.

    Positional values take a third of the time of keyword values.
    """
    row = model(*[columns.pop(name) if name in columns else default() for name, default in _defaults(model)])
    if columns:
        raise TypeError(f"{model.__name__} has no column {', '.join(columns)}")
    return row


def add_unless_taken(row: Model, unique: str) -> bool:
    """Insert a new row and give it its key; return False when another row has its value in the `unique` column.

    An error would have to be undone by a savepoint around the statement; this needs none. Raises IntegrityError for any
    other constraint.
    """
    added = flush((_insert_unless_taken(type(row), unique), parameters_of(row, "")))
    if added is None or added[0] is None:
        return False
    row.pk = int(added[0])
    row._state.adding = False  # noqa: SLF001 - documented
    return True


@cache
def _insert_unless_taken(model: type[Model], unique: str) -> str:
    return insert_of(model, "", f"ON CONFLICT ({unique}) DO NOTHING RETURNING id")


def parameters_of(row: Model, prefix: str, columns: tuple[str, ...] | None = None) -> dict[str, str | None]:
    """Return the parameters of such an INSERT for a row, or those of some columns only.

    Values are text; PostgreSQL reads each by its column's type.
    """
    values = row.__dict__
    return {name: write(values[attribute]) for name, attribute, write in _parameters(type(row), prefix, columns)}


@cache
def _parameters(
    model: type[Model], prefix: str, columns: tuple[str, ...] | None
) -> list[tuple[str, str, Callable[[Any], str | None]]]:
    return [
        (f"{prefix}{_column(field)}", field.attname, _written(field))
        for field in _fields(model)
        if columns is None or _column(field) in columns
    ]


def _written(field: "Field[Any, Any]") -> Callable[[Any], str | None]:
    if isinstance(field, EncryptedTextField):
        return seal
    return json.dumps if isinstance(field, JSONField) else as_text


@cache
def _defaults(model: type[Model]) -> list[tuple[str, Callable[[], Any]]]:
    return [(field.attname, field.get_default) for field in model._meta.concrete_fields]  # noqa: SLF001 - documented


@cache
def _fields(model: type[Model]) -> "list[Field[Any, Any]]":
    fields = model._meta.concrete_fields  # noqa: SLF001 - documented
    return [field for field in fields if not field.primary_key and not field.generated]


def _column(field: "Field[Any, Any]") -> str:
    return field.column or field.attname
