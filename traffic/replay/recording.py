"""A recording on disk, read as a stream as often as needed."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from pathlib import Path
from typing import IO

from traffic.replay.recording_rows import (
    BadRowError,
    OccupancyCount,
    ReplayFileError,
    Row,
    Session,
    parse_row,
    row_type,
)

SOURCE = "lot"
NO_SOURCE = ""
"""The source of every row in a recording of one facility."""
ZoneOf = Callable[[str], tzinfo | None]
"""Returns a source's timezone; None when the source is not replayed."""


@dataclass(frozen=True, slots=True)
class Days:
    """The local days to replay, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def hold(self, day: date) -> bool:
        """Return whether a local day is included."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@dataclass(slots=True)
class Recording:
    """The rows of a file, which may be compressed (`.gz`). A bad row is an error, or is counted when `skips_bad`.

    Raises ReplayFileError with the line.
    """

    path: Path
    zone_of: ZoneOf
    days: Days = field(default_factory=Days)
    skips_bad: bool = False

    def kind(self) -> type[Session] | type[OccupancyCount]:
        """Return what the recording contains."""
        with self._opened() as file:
            return row_type(frozenset(_header(_Lines(self.path, file))))

    def sources(self) -> Counter[str]:
        """Count the rows of every facility in the file."""
        return Counter(cells.get(SOURCE, NO_SOURCE) for _, cells in self._cells() if cells is not None)

    def rows(self, *, only: str | None = None, bad: Counter[str] | None = None) -> Iterator[tuple[str, Row]]:
        """Yield the rows of the days with their source, optionally `only` of one source; count bad rows in `bad`."""
        kind = self.kind()
        for line, cells in self._cells(only):
            source = NO_SOURCE if cells is None else cells.get(SOURCE, NO_SOURCE)
            zone = self.zone_of(source) if cells is not None else UTC
            if zone is None:
                continue
            try:
                row = parse_row(kind, _complete(cells), zone)
            except BadRowError as error:
                if not self.skips_bad:
                    raise ReplayFileError(f"{self.path}, line {line}: {error}.") from error
                if bad is not None:
                    bad["unreadable"] += 1
                continue
            if self.days.hold(row.at.astimezone(zone).date()):
                yield source, row

    def _cells(self, only: str | None = None) -> Iterator[tuple[int, dict[str, str] | None]]:
        """Yield each line's number and cells; None where their number is wrong."""
        with self._opened() as file:
            reader = _Lines(self.path, file)
            header = _header(reader)
            row_type(frozenset(header))
            place = header.index(SOURCE) if SOURCE in header else None
            for values in reader:
                if not values:
                    continue
                if len(values) != len(header):
                    if only is None:
                        yield reader.number, None
                elif only is None or place is None or values[place].strip() == only:
                    yield reader.number, dict(zip(header, map(str.strip, values), strict=True))

    def _opened(self) -> IO[str]:
        try:
            if self.path.suffix == ".gz":
                return gzip.open(self.path, "rt", encoding="utf-8-sig", newline="")
            return self.path.open(encoding="utf-8-sig", newline="")
        except OSError as error:
            raise ReplayFileError(f"{self.path} can't be opened: {error.strerror or error}.") from error


class _Lines(Iterator[list[str]]):
    """The lines of a CSV file; errors of the file itself name the line."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self._path = path
        self._reader = csv.reader(file)

    @property
    def number(self) -> int:
        return self._reader.line_num

    def __next__(self) -> list[str]:
        try:
            return next(self._reader)
        except (csv.Error, UnicodeDecodeError, EOFError, OSError) as error:
            raise ReplayFileError(f"{self._path}, line {self._reader.line_num + 1}: {error}.") from error


def _complete(cells: dict[str, str] | None) -> dict[str, str]:
    if cells is None:
        raise BadRowError("the row has another number of cells than the header")
    return cells


def _header(lines: Iterator[list[str]]) -> list[str]:
    return [name.strip().lower() for name in next(lines, [])]
