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


def seconds_waited(waiting: list[JsonRow] | None, gate: Gate, read: Read) -> int | None:
    """Return for how many seconds the car has been asked to pay or to wait here with nobody answering."""
    return max((row["seconds"] for row in of_car(waiting, gate, read)), default=None)
