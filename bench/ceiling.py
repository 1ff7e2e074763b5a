"""The ceiling of the gate path: pgbench sends only the statements of an entry and its exit.

The statements are recorded while a real read is answered, so they are the product's own. pgbench fills in other cars,
lots and spots each time.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.box import Rate, pgbench
from bench.site import Lanes

_PARAMETER = re.compile(r"%\((\w+)\)s")
_PLATE = "('BE' || :car)"
# What changes with each car; everything else stays as recorded.
_CHANGING = {
    "event": "md5(:car || :way)::uuid",
    "event_event_id": "md5(:car || :way)::uuid",
    "plate": _PLATE,
    "skeleton": _PLATE,
    "skeletons": f"ARRAY[{_PLATE}]",
    "event_plate": _PLATE,
    "event_plate_normalised": _PLATE,
    "stay_plate": _PLATE,
    "stay_plate_normalised": _PLATE,
    "stay_plate_skeleton": _PLATE,
    "stay_exit_plate": _PLATE,
    "stay_number": "('PS-' || lpad(:car, 10, '0'))",
    "stay_token": "md5(:car)",
    "lot": ":lot::bigint",
    "event_lot_id": ":lot::bigint",
    "stay_lot_id": ":lot::bigint",
    "gate": ":gate::bigint",
    "event_gate_id": ":gate::bigint",
    "device": ":device::bigint",
    "event_device_id": ":device::bigint",
    "stay_spot_id": ":spot::bigint",
    "stay_level_id": ":level::bigint",
    "stay_tariff_id": ":tariff::bigint",
    "was": "'active'",
    "event_ticket_id": ":ticket::bigint",
}
_CASTS = {
    int: "::bigint",
    bool: "::boolean",
    float: "::float8",
    date: "::date",
    timedelta: "::interval",
    UUID: "::uuid",
}
# Materialized, so that values taken from the facts are not computed twice.
_LOADED = "SELECT {picked} FROM ({load} OFFSET 0) facts({names})"
_SCRIPT = """
\\set lot random({first}, {last})
\\set car random(1, 9999999999)
\\set gate :lot + {entry}
\\set device :gate + {camera}
\\set way 1
{opening}
\\set gate :lot + {exit}
\\set device :gate + {camera}
\\set way 2
{closing}
"""


def ceiling(folder: Path, lanes: list[Lanes], *, connections: int, seconds: float) -> Rate:
    """Return pgbench's rate of reads with the statements of the gate path.

    Each run of the script is two reads; the duration of a read is half of the run's.
    """
    script = folder / "gate.pgbench"
    if not script.exists():
        script.write_text(_script(lanes))
    cycle = pgbench(folder, script, connections=connections, seconds=seconds)
    return Rate(2 * cycle.per_second, round(cycle.p50_ms / 2, 2), round(cycle.p99_ms / 2, 2))


def _script(lanes: list[Lanes]) -> str:
    from devices.models import Device
    from lots.models import Gate

    first, last = lanes[0], lanes[-1]
    entry, exit_ = (Gate.objects.get(lot=first.lot_id, direction=way).pk for way in ("entry", "exit"))
    camera = Device.objects.get(gate=entry).pk
    opening, closing = (_flushes(way) for way in (first.entry, first.exit))
    return _SCRIPT.format(
        first=first.lot_id,
        last=last.lot_id,
        entry=entry - first.lot_id,
        exit=exit_ - first.lot_id,
        camera=camera - entry,
        opening=opening,
        closing=closing,
    )


def _flushes(way: tuple[str, str]) -> str:
    (lock, load), (write,) = _listened(way)
    names, picked = _answer_of(load[0])
    loaded = _LOADED.format(picked=picked, load=_text(*load), names=", ".join(names))
    return "\n".join(
        [
            "\\startpipeline",
            "BEGIN;",
            f"{_text(*lock)};",
            "\\endpipeline",
            f"{loaded} \\gset",
            "\\startpipeline",
            f"{_text(*write)};",
            "COMMIT;",
            "\\endpipeline",
        ]
    )


def _answer_of(statement: str) -> tuple[list[str], str]:
    """Return the columns of a read's first statement and the few that later ones use; all are computed."""
    from gates.reads.queries import brief_entry, brief_exit

    leaving = brief_exit(offline=False)
    entering = brief_entry("nearest_entrance", counts_spots=True, offline=False)
    if statement == leaving.statement:
        query, used = leaving, "stays -> 0 ->> 'id' AS ticket"
    else:
        query, used = entering, "tariff, place ->> 'spot_id' AS spot, place ->> 'level_id' AS level"
    names = [fact.name for fact in query.facts]
    return names, ", ".join([*(f"{name} AS found_{name}" for name in names), used])


def _listened(way: tuple[str, str]) -> list[tuple[tuple[str, Mapping[str, Any]], ...]]:
    """Answer one read in this process and return the flushes it sent."""
    from unittest.mock import patch

    from django.test import Client

    from common.db.flush import flush, flush_write

    sent: list[Any] = []

    def listened(flush: Any) -> Any:
        def listen(*steps: Any, **options: Any) -> Any:
            sent.append(steps)
            return flush(*steps, **options)

        return listen

    path, key = way
    with (
        patch("gates.reads.answer.flush", listened(flush)),
        patch("gates.reads.apply.flush_write", listened(flush_write)),
    ):
        body = {"event_id": str(uuid.uuid4()), "plate": "ABCDEFG", "confidence": 0.97}
        headers = {"authorization": f"Bearer {key}", "host": "127.0.0.1"}
        answer = Client(headers=headers).post(path, body, content_type="application/json")
    if answer.json().get("action") != "open":
        raise RuntimeError(answer.content)
    return sent


def _text(statement: str, parameters: Mapping[str, Any]) -> str:
    """Write a statement as one line for pgbench."""
    text = _PARAMETER.sub(lambda found: _written(found[1], parameters[found[1]]), statement)
    return " ".join(text.split())


def _written(name: str, value: Any) -> str:
    if name in _CHANGING:
        return _CHANGING[name]
    if isinstance(value, datetime) or (name.endswith("_at") and value is not None):
        return "now()"
    from common.db.flush import as_text

    text = as_text(value)
    if text is None:
        return "NULL"
    # pgbench takes a colon before a letter or digit for a variable, also inside quotes.
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\003A")
    return f"U&'{escaped}'{_CASTS.get(type(value), '')}"
