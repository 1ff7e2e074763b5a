"""Columns whose texts are sealed in the database, and the keyed hashes beside them by which rows are found."""

from typing import Any

from django.core.exceptions import FieldError
from django.db.models import CharField, Lookup, Model, TextField
from django.db.models.lookups import Exact, IsNull

from common.sealing import keyed_hash, keyed_hashes, seal, unseal


class EncryptedTextField(TextField):  # type: ignore[type-arg] # the stubs give it two parameters that say nothing here
    """A text that is sealed in the database and plain in Python; empty stays empty.

    Sealed texts can't be compared: rows are found by a `KeyedHashField` beside it, or by whether it is empty.
    """

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        """Open what was stored."""
        return None if value is None else unseal(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 Django's
        """Seal a text that is to be stored."""
        text = super().get_db_prep_value(value, connection, prepared)
        return seal(text) if isinstance(text, str) else text

    def get_lookup(self, lookup_name: str) -> "type[Lookup[Any]] | None":
        """Allow only what can be asked of sealed texts."""
        return {"exact": IsEmptyText, "isnull": IsNull}.get(lookup_name)


class IsEmptyText(Exact):
    """Whether a sealed column is empty."""

    def get_prep_lookup(self) -> Any:
        """Refuse to compare with any other text, as no two sealed ones are the same."""
        if self.rhs != "":
            raise FieldError("A sealed column can only be compared with an empty text; use the hash beside it.")
        return self.rhs


class KeyedHashField(CharField):  # type: ignore[type-arg]
    """The keyed hash of the sealed text in the column `of`, written whenever the row is saved; empty for an empty one.

    It has to be named in `update_fields` when the text is.
    """

    def __init__(self, *args: Any, of: str, **options: Any) -> None:
        options |= {"max_length": 64, "editable": False, "blank": True}
        super().__init__(*args, **options)
        self.of = of

    def deconstruct(self) -> Any:
        """Return how a migration makes the field."""
        name, path, args, options = super().deconstruct()
        for given in ("max_length", "editable", "blank"):
            options.pop(given, None)
        return name, path, args, options | {"of": self.of}

    def pre_save(self, model_instance: Model, add: bool) -> str:  # noqa: ARG002, FBT001 Django's
        """Hash the text as it is saved."""
        text = getattr(model_instance, self.of)
        hashed = keyed_hash(text, purpose=self.purpose) if text else ""
        setattr(model_instance, self.attname, hashed)
        return hashed

    @property
    def purpose(self) -> str:
        """Return what makes the same text in another column another hash."""
        return self.of

    def candidates(self, text: str) -> list[str]:
        """Return the hashes that a row with this text may have, one for each key."""
        return keyed_hashes(text, purpose=self.purpose) if text else [""]


def hashes_in(model: type[Model], column: str, text: str) -> list[str]:
    """Return the hashes by which rows with a text are found in a column of hashes, for a lookup `__in`."""
    field = model._meta.get_field(column)  # noqa: SLF001 documented
    assert isinstance(field, KeyedHashField)  # noqa: S101 for the type
    return field.candidates(text)
