"""What charges are for, told by the rooms that sell it, for their documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Subject:
    """What a charge is for, as a document freezes it; instants are ISO texts in local time.

    `holders` are the email addresses of those who have proven that it is theirs, `holder` is the name of the first,
    on whose invoices stand the `address` and `tax_id`.
    """

    reference: str = ""
    plate: str = ""
    plate_normalised: str = ""
    entry: str = ""
    until: str = ""
    has_left: bool = False
    link: str = ""
    holder: str = ""
    holders: tuple[str, ...] = ()
    address: str = ""
    tax_id: str = ""


Read: TypeAlias = Callable[[Mapping[str, Any], ZoneInfo], Subject]

_described: list[tuple[str, Read]] = []
_UNKNOWN = Subject()


def register_subjects(statement: str, read: Read) -> None:
    """Let a room describe what it sells; call it at start-up.

    `statement` selects one JSON object about the row `charge` of a query around it, and no row for charges of others;
    `read` gets the object and the lot's zone.
    """
    _described.append((statement, read))


def subjects_column() -> str:
    """Return the SQL of an array with what each room says about the row `charge`."""
    return "json_build_array(" + ", ".join(f"({statement})" for statement, _read in _described) + ")"


def read_subject(told: Sequence[Mapping[str, Any] | None], zone: ZoneInfo) -> Subject:
    """Return the subject from such an array; an empty one when no room knows the charge."""
    for row, (_statement, read) in zip(told, _described, strict=True):
        if row is not None:
            return read(row, zone)
    return _UNKNOWN
