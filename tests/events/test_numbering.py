"""Readers get events by numbers that are given after the commit: nothing is passed, however late it commits."""

from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from events.models import Event, EventCounter
from events.services import number_events
from tests.at_once import at_once
from tests.factories import make_lot, make_operator, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def record(operator, subject: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (kind, subject, operator_id, at, data) VALUES ('lot.full', %s, %s, now(), '{}')",
            [subject, operator.pk],
        )


def record_and_fail(operator) -> None:
    record(operator, "undone")
    raise ZeroDivisionError


class Late:
    """A transaction that has recorded an event and commits when it is told to."""

    def __init__(self, operator, subject: str) -> None:
        self.recorded, self.may_commit = Signal(), Signal()
        self.thread = Thread(target=self._run, args=(operator, subject))
        self.thread.start()
        assert self.recorded.wait(30)

    def _run(self, operator, subject: str) -> None:
        with transaction.atomic():
            record(operator, subject)
            self.recorded.set()
            assert self.may_commit.wait(30)
        connection.close()

    def commit(self) -> None:
        self.may_commit.set()
        self.thread.join(30)


class Reader:
    """Who reads on from where it stopped, by some column."""

    def __init__(self, operator, column: str) -> None:
        self.operator, self.column, self.reached, self.got = operator, column, 0, []

    def read(self) -> list[str]:
        number_events()
        found = Event.objects.filter(operator=self.operator, **{f"{self.column}__gt": self.reached})
        for event in found.order_by(self.column):
            self.reached = getattr(event, self.column)
            self.got.append(event.subject)
        return self.got


def test_reader_by_keys_passes_what_commits_late():
    """The race, as it would be without numbers."""
    operator = make_operator()
    reader = Reader(operator, "id")
    late = Late(operator, "late")
    record(operator, "early")
    assert reader.read() == ["early"]
    late.commit()

    assert reader.read() == ["early"]


def test_reader_by_numbers_gets_what_commits_late():
    operator = make_operator()
    reader = Reader(operator, "number")
    late = Late(operator, "late")
    record(operator, "early")
    assert reader.read() == ["early"]
    late.commit()

    assert reader.read() == ["early", "late"]
    assert [*Event.objects.order_by("number").values_list("number", flat=True)] == [1, 2]


def test_numbers_have_no_gaps_for_each_operator():
    first, second = make_operator(), make_operator()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record_and_fail(first)
    for operator in (first, second, first, first, second):
        record(operator, "x")
    assert number_events(limit=2) == 2
    assert number_events() == 3
    assert number_events() == 0

    for operator, count in ((first, 3), (second, 2)):
        numbers = Event.objects.filter(operator=operator).order_by("id").values_list("number", flat=True)
        assert [*numbers] == list(range(1, count + 1))
        assert EventCounter.objects.get(operator=operator).last == count


def test_numbers_go_on_when_events_are_removed():
    operator = make_operator()
    record(operator, "x")
    number_events()
    Event.objects.all().delete()
    record(operator, "y")
    number_events()

    assert Event.objects.get().number == 2


def test_many_who_number_at_once_number_each_once():
    operators = [make_operator() for _ in range(3)]

    def write_and_number(operator) -> None:
        for _ in range(20):
            record(operator, "x")
            number_events(limit=7)

    at_once([lambda o=o: write_and_number(o) for o in operators * 3])
    while number_events():
        pass

    for operator in operators:
        numbers = sorted(Event.objects.filter(operator=operator).values_list("number", flat=True))
        assert numbers == list(range(1, 61))


def test_events_of_a_lot_have_the_order_of_its_lock():
    """One who was there first but waits for the lock is numbered after the one who held it."""
    from lots.services import lock_lot

    lot = make_lot()
    has_lock, may_go = Signal(), Signal()

    def holds() -> None:
        with transaction.atomic():
            lock_lot(lot.pk)
            has_lock.set()
            assert may_go.wait(30)
            record(lot.operator, "first")
        connection.close()

    def waits() -> None:
        with transaction.atomic():
            make_user()  # its transaction has an id before the other's
            may_go.set()
            lock_lot(lot.pk)
            record(lot.operator, "second")
        connection.close()

    threads = [Thread(target=holds)]
    threads[0].start()
    assert has_lock.wait(30)
    threads.append(Thread(target=waits))
    threads[1].start()
    for thread in threads:
        thread.join(30)
    number_events()

    assert [*Event.objects.order_by("number").values_list("subject", flat=True)] == ["first", "second"]
