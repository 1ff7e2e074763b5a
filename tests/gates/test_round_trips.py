"""How often a read asks the database: one flush to load and one to write, more only where more is known of the car."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.db import flush
from tests.factories import make_blocked_plate, make_charge, make_lot, make_permit, make_ticket
from tests.gates.lanes import Lane, Lanes, at
from tests.gates.test_apply import book
from tests.passes.sold import granted, offered

pytestmark = pytest.mark.django_db


def ago(**delta: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(**delta)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the flushes and the statements of the block; a transaction's own are not among them."""
    flushes, real = [], flush._flush
    found: list[int] = []
    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as captured:
        patch.setattr(flush, "_flush", lambda *sent: flushes.append(sent) or real(*sent))
        yield found
    own = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    found += [len(flushes), sum(not query["sql"].startswith(own) for query in captured.captured_queries)]


def comes_in(lanes: Lanes) -> Any:
    return lambda: lanes.entry.read("ZH 1")


def leaves_in_grace(lanes: Lanes) -> Any:
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(minutes=5))
    return lambda: lanes.exit.read("ZH 1")


def is_asked_to_pay(lanes: Lanes) -> Any:
    make_ticket(lanes.lot, "ZH 1")
    return lambda: lanes.exit.read("ZH 1")


def has_left_owing(lanes: Lanes) -> Any:
    make_ticket(lanes.lot, "ZH 1")
    return lambda: lanes.exit.read("ZH 1", captured_at=at(-0.1), offline=True)


def is_asked_for_the_rest(lanes: Lanes) -> Any:
    make_ticket(lanes.lot, "ZH 1", charge=make_charge(lanes.lot, 300))
    return lambda: lanes.exit.read("ZH 1")


def has_missed_its_exit(lanes: Lanes) -> Any:
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(days=1))
    return lambda: lanes.entry.read("ZH 1")


def is_at_two_gates(lanes: Lanes) -> Any:
    other = Lane(lanes.lot, "entry")
    other.read("ZH 8")
    lanes.entry.read("ZH 1")
    return lambda: other.read("ZH 1")


def has_booked(lanes: Lanes) -> Any:
    book(lanes.lot)
    return lambda: lanes.entry.read("ZH 1")


def is_blocked(lanes: Lanes) -> Any:
    make_blocked_plate(lanes.lot.operator, "ZH 1")
    return lambda: lanes.entry.read("ZH 1")


def has_to_prepay(lanes: Lanes) -> Any:
    make_blocked_plate(lanes.lot.operator, "ZH 1", for_debts=True)
    type(lanes.lot.operator).objects.update(debt_consequence="prepay")
    book(lanes.lot, charge=make_charge(lanes.lot, 300))
    return lambda: lanes.entry.read("ZH 1")


def has_a_permit(lanes: Lanes) -> Any:
    make_permit(lanes.lot.operator, "ZH 1")
    return lambda: lanes.entry.read("ZH 1")


def has_a_pass(lanes: Lanes) -> Any:
    granted(offered(lanes.lot), "ZH 1", at=ago(days=1), valid_from=ago(days=1).date())
    return lambda: lanes.entry.read("ZH 1")


def has_a_pass_of_two_lots(lanes: Lanes) -> Any:
    lots = (lanes.lot, make_lot(lanes.lot.operator))
    granted(offered(*lots), "ZH 1", at=ago(days=1), valid_from=ago(days=1).date())
    return lambda: lanes.entry.read("ZH 1")


def leaves_on_its_pass(lanes: Lanes) -> Any:
    has_a_pass(lanes)()
    return lambda: lanes.exit.read("ZH 1")


@pytest.mark.parametrize(
    ("car", "flushes", "statements"),
    [
        (comes_in, 2, 3),
        (leaves_in_grace, 2, 3),
        (is_asked_to_pay, 3, 4),
        (has_left_owing, 2, 5),
        (is_asked_for_the_rest, 4, 6),
        (has_missed_its_exit, 4, 5),
        (is_at_two_gates, 3, 4),
        (has_booked, 4, 5),
        (has_a_permit, 4, 5),
        (has_a_pass, 3, 4),
        (has_a_pass_of_two_lots, 4, 6),
        (leaves_on_its_pass, 3, 4),
        (is_blocked, 3, 4),
        (has_to_prepay, 3, 4),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_read_takes_so_many_round_trips(car, flushes, statements, monkeypatch):
    lanes = Lanes(spots={"regular": 5})
    read = car(lanes)
    for lane in (lanes.entry, lanes.exit):  # so that gates and devices are cached
        lane.read("ZH 9", offline=True)

    with counted(monkeypatch) as found:
        read()

    assert found == [flushes, statements]
