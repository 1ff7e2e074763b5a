"""The two formats of recordings, one row at a time. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TypeAlias

from common.errors import DomainError
from common.plates import NO_PLATE_WORDS, normalise
from common.time import FIRST_YEAR, LAST_YEAR

SESSIONS_HEADER = frozenset({"arrival", "departure"})
OCCUPANCY_HEADER = frozenset({"occupied", "at"})
MOST_CARS = 100_000


class ReplayFileError(DomainError):
    """The recording can't be used; the message names the line."""

    code = "replay_file"


class BadRowError(ValueError):
    """A row's values can't be read."""


@dataclass(frozen=True, slots=True)
class Session:
    """One stay of the car `vehicle`, from `at` to `departure`."""

    at: datetime
    departure: datetime
    vehicle: str | None = None


@dataclass(frozen=True, slots=True)
class OccupancyCount:
    """How many cars a facility counted inside at one moment, and its capacity."""

    at: datetime
    occupied: int
    capacity: int | None = None


Row: TypeAlias = Session | OccupancyCount


def row_type(header: frozenset[str]) -> type[Session] | type[OccupancyCount]:
    """Return what a recording contains, by its header; raises ReplayFileError when that is neither or both formats."""
    sessions, occupancy = header >= SESSIONS_HEADER, header >= OCCUPANCY_HEADER
    if sessions == occupancy:
        raise ReplayFileError(
            "Line 1: the header needs either `arrival` and `departure` (optional `vehicle`, `lot`), or `occupied` and "
            f"`at` (optional `lot`, `capacity`); it has {', '.join(sorted(header)) or 'nothing'}."
        )
    return Session if sessions else OccupancyCount


def parse_row(kind: type[Session] | type[OccupancyCount], cells: Mapping[str, str], zone: tzinfo) -> Row:
    """Parse a row's cells into UTC; times without an offset are in the lot's timezone. Raises BadRowError."""
    if kind is Session:
        arrival, departure = (_instant(cells, name, zone) for name in ("arrival", "departure"))
        return Session(arrival, departure, _plate(cells))
    return OccupancyCount(_instant(cells, "at", zone), _number(cells, "occupied"), _capacity(cells))


def _instant(cells: Mapping[str, str], name: str, zone: tzinfo) -> datetime:
    try:
        found = datetime.fromisoformat(cells[name])
    except ValueError as error:
        raise BadRowError(f"{name} is no date and time: {cells[name]!r}") from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadRowError(f"{name} is not in the years {FIRST_YEAR} to {LAST_YEAR}: {cells[name]!r}")
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _number(cells: Mapping[str, str], name: str) -> int:
    try:
        found = int(cells[name])
    except ValueError as error:
        raise BadRowError(f"{name} is no whole number: {cells[name]!r}") from error
    if abs(found) > MOST_CARS:
        raise BadRowError(f"{name} is beyond any garage: {cells[name]!r}")
    return found


def _capacity(cells: Mapping[str, str]) -> int | None:
    return _number(cells, "capacity") if cells.get("capacity") else None


def _plate(cells: Mapping[str, str]) -> str | None:
    text = cells.get("vehicle") or None
    try:
        known = text is None or normalise(text) not in {None, *NO_PLATE_WORDS}
    except DomainError as error:
        raise BadRowError(f"vehicle: {error.message}") from error
    if not known:
        raise BadRowError(f"vehicle is no plate: {text!r}")
    return text
