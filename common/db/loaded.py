"""Related rows that were loaded before, so that no statement asks for them again."""

from typing import TypeVar

from django.db.models import ForeignKey, Model

M = TypeVar("M", bound=Model)


def keep_loaded(row: M, known: M, *relations: str) -> M:
    """Give a row the related rows that an earlier reading of it has loaded, where it still points at them; return it.

    For relations whose rows don't change while the transaction runs, or whose changes don't matter to it.
    """
    for name in relations:
        field = row._meta.get_field(name)  # noqa: SLF001 - documented
        assert isinstance(field, ForeignKey)  # noqa: S101 - a mistake of the caller
        if field.is_cached(known) and getattr(row, field.attname) == getattr(known, field.attname):
            field.set_cached_value(row, field.get_cached_value(known))
    return row
