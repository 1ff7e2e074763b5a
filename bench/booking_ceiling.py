"""The ceiling of bookings: pgbench sends only the statements of a booking, its cancellation and a refusal.

They are recorded while real calls are answered, so they are the product's own. pgbench fills in other lots, places,
drivers, plates and codes each time: each connection has a place and a driver of its own.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.box import HOST, Rate, pgbench

PATH = "/api/v1/reservations"
PLATE = "HKMNPRTWXY"
"""Looks like no other plate, and nothing else in a statement looks like it."""
FIRST_OF_TABLES = {
    "lots_lot": 70_000_001,
    "lots_spot": 500_000_001,
    "accounts_user": 80_000_001,
    "reservations_reservation": 90_000_001,
}
"""From where keys are counted, so that a number in a statement tells what it is."""
_LITERAL = re.compile(r"(?:\bE)?'(?:[^']|'')*'")
_RETURNED = 'RETURNING "reservations_reservation"."id"'
_SCRIPT = """
\\set lot random({first_lot}, {last_lot})
\\set driver {driver} + :client_id
\\set car random(1, 9999999999)
\\set last random(1, 1000)
\\if :last <= {contended}
\\set lot {first_lot}
\\endif
\\set spot {spot} + (:lot - {first_lot}) * {spots} + :client_id
\\set refusal random(1, 1000)
\\if :last <= {contended} and :refusal <= {refused}
{refusal}
\\else
{booking}
{cancelling}
\\endif
"""


@dataclass(frozen=True, slots=True)
class Calls:
    """The statements of a booking, of cancelling it, and of one for which there is no place."""

    booking: str
    cancelling: str
    refusal: str


def count_from_afar() -> None:
    """Let the keys of tables begin where no other number of a statement is."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table, first in FIRST_OF_TABLES.items():
            cursor.execute(f"ALTER SEQUENCE {table}_id_seq RESTART WITH {first}")


def record(cookie: str, bodies: Mapping[str, Mapping[str, str]]) -> Calls:
    """Answer a booking in a `free` lot, its cancellation, and a booking in a `full` one, and return what was asked."""
    from django.test import Client

    from reservations.models import Reservation

    client = Client(headers={"host": HOST, "cookie": cookie, "x-csrftoken": csrf_of(cookie)})
    booked, asked = _heard(client, "POST", PATH, bodies["free"], 201)
    _, cancelled = _heard(client, "DELETE", f"{PATH}/{booked['id']}", {}, 200)
    _, refused = _heard(client, "POST", PATH, bodies["full"], 409)
    token = Reservation.objects.get(pk=booked["id"]).token
    names = {booked["code"]: "right('000000000000' || :car::bigint, 13)", token: "md5(:car::bigint::text)"}
    return Calls(*(_text(statements, names) for statements in (asked, cancelled, refused)))


def csrf_of(cookie: str) -> str:
    """Return the token that a form would send with these cookies."""
    return cookie.rpartition("csrftoken=")[2]


def ceiling(  # noqa: PLR0913 - the facts of one measurement
    folder: Path,
    calls: Calls,
    *,
    lots: int,
    spots: int,
    contended: float,
    refused: float,
    connections: int,
    seconds: float,
) -> Rate:
    """Return pgbench's rate of calls, of which a share is for the last places of one lot and mostly refused there."""
    script = folder / "booking.pgbench"
    first_lot = FIRST_OF_TABLES["lots_lot"]
    script.write_text(
        _SCRIPT.format(
            first_lot=first_lot,
            last_lot=first_lot + lots - 1,
            driver=FIRST_OF_TABLES["accounts_user"],
            spot=FIRST_OF_TABLES["lots_spot"],
            spots=spots,
            contended=round(contended * 1000),
            refused=round(refused * 1000),
            booking=calls.booking,
            cancelling=calls.cancelling,
            refusal=calls.refusal,
        )
    )
    runs = pgbench(folder, script, connections=connections, seconds=seconds)
    of_a_run = 2 - contended * refused
    return Rate(of_a_run * runs.per_second, round(runs.p50_ms / of_a_run, 2), round(runs.p99_ms / of_a_run, 2))


def _heard(client: Any, method: str, path: str, body: Mapping[str, str], status: int) -> tuple[Any, list[str]]:
    """Make a call, and return its answer and the statements that it sent."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = client.generic(method, path, json.dumps(body), content_type="application/json")
    if answer.status_code != status:
        raise RuntimeError(answer.content)
    return answer.json(), [query["sql"] for query in captured.captured_queries]


def _text(statements: Sequence[str], names: Mapping[str, str]) -> str:
    """Write statements for pgbench, one a line, with variables for what changes."""
    return "\n".join(_line(" ".join(statement.split()), names) for statement in statements)


def _line(statement: str, names: Mapping[str, str]) -> str:
    parts, end = [], 0
    for found in _LITERAL.finditer(statement):
        parts += [_numbers(statement[end : found.start()]), _quoted(found[0], names)]
        end = found.end()
    line = "".join([*parts, _numbers(statement[end:])])
    if _RETURNED in line:
        return line.replace(_RETURNED, f"{_RETURNED} AS booking") + " \\gset"
    return f"{line};"


def _numbers(text: str) -> str:
    for table, variable in _VARIABLES.items():
        text = re.sub(rf"\b{FIRST_OF_TABLES[table] // 1000}\d{{3}}\b", f"{variable}::bigint", text)
    return text


def _quoted(literal: str, names: Mapping[str, str]) -> str:
    """Return a literal whose changing parts are joined in."""
    # pgbench takes a colon before a letter or digit for a variable, also inside quotes.
    changing = {**names, PLATE: "'BE' || :car::bigint"}
    for table, variable in _VARIABLES.items():
        for number in re.findall(rf"{FIRST_OF_TABLES[table] // 1000}\d{{3}}", literal):
            changing[number] = f"{variable}::bigint"
    pattern = "|".join(map(re.escape, changing))
    escaped = literal.startswith("E")
    text = literal.removeprefix("E")[1:-1]
    parts = re.split(f"({pattern})", text.replace("\\\\", "\\") if escaped else text)
    written = [f"({changing[part]})" if part in changing else _constant(part) for part in parts if part]
    return written[0] if len(written) == 1 else f"({' || '.join(written)})" if written else "''"


def _constant(text: str) -> str:
    return f"U&'{text.replace(chr(92), chr(92) * 2).replace(':', chr(92) + '003A')}'"


_VARIABLES = {
    "lots_lot": ":lot",
    "lots_spot": ":spot",
    "accounts_user": ":driver",
    "reservations_reservation": ":booking",
}
