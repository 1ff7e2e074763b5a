"""Rows of models as JSON can write them, and back; for reading alone."""

from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import DateField, Model

M = TypeVar("M", bound=Model)


def written_row(row: Model) -> dict[str, Any]:
    """Return the columns of a loaded row."""
    values = {field.attname: getattr(row, field.attname) for field in _columns(type(row))}
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in values.items()}


def read_row(model: type[M], written: dict[str, Any]) -> M:
    """Return the row that was written; another object each time."""
    fields = [field for field in _columns(model) if field.attname in written]
    values = [_value(field, written[field.attname]) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], values)


def _value(field: Any, value: Any) -> Any:
    # A date and an instant are the only values that JSON has no form of.
    return field.to_python(value) if isinstance(field, DateField) and value is not None else value


def _columns(model: type[Model]) -> tuple[Any, ...]:
    return model._meta.concrete_fields  # noqa: SLF001 - documented
