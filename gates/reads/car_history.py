"""What has been recorded of a car before, picked from what has been recorded of its plate."""

from datetime import datetime

from common.regions import regions_meet
from gates.reads.body import Read
from gates.reads.facts import JsonRow
from lots.models import Gate


def of_car(rows: list[JsonRow] | None, gate: Gate, read: Read) -> list[JsonRow]:
    """Keep what has been recorded of the car itself, in a lot where the plate alone doesn't tell it."""
    if not rows or not gate.lot.plates_by_region:
        return rows or []
    return [row for row in rows if regions_meet(read.body.region, row.get("region"))]


def last_exit(exits: list[JsonRow] | None, gate: Gate, read: Read) -> datetime | None:
    """Return when the car last left the lot."""
    ended = (datetime.fromisoformat(row["exit_at"]) for row in of_car(exits, gate, read))
    return max(ended, default=None)


def seconds_waited(waiting: list[JsonRow] | None, gate: Gate, read: Read, about: set[int | None]) -> int | None:
    """Return for how many seconds the car has been asked to pay or to wait here with nobody answering.

    `about` are the stays that its read may be about, None for no stay. All questions about one stay are the same car's,
    however it was read. So are all about none: which car stands there nobody knows, and no car may wait for ever as
    each of its readings is another.
    """
    asked = (row["seconds"] for row in of_car(waiting, gate, read) if _is_of_car(row, read, about))
    return max(asked, default=None)


def _is_of_car(row: JsonRow, read: Read, about: set[int | None]) -> bool:
    # A car that can't be read and shows no ticket may be the one that showed its own before, never the other way round.
    return row["ticket"] in about or (row["plate"] == read.plate and (read.plate is not None or None in about))
