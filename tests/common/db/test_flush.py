"""Statements that go together: what they send, see, return and undo."""

import datetime as dt
import threading
import uuid
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Operator
from common.db.flush import flush, flush_all, flush_write
from common.db.rows import insert_of, parameters_of

AT = dt.datetime(2026, 3, 2, 8, 15, 4, 123456, tzinfo=dt.UTC)


def one(text: str, **values) -> str | None:
    return flush((text, values))[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cast", "value", "written"),
    [
        ("bigint", 2**40, str(2**40)),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("text", "ZH 'quoted\\' %s {}", "ZH 'quoted\\' %s {}"),
        ("timestamptz", AT, "2026-03-02 08:15:04.123456+00"),
        ("date", AT.date(), "2026-03-02"),
        ("interval", dt.timedelta(minutes=90), "01:30:00"),
        ("interval", dt.timedelta(seconds=-0.5), "-00:00:00.5"),
        ("uuid", uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ("float8", 0.1, "0.1"),
        ("numeric", Decimal("1.50"), "1.50"),
        ("bytea", b"\x00\xff", "\\x00ff"),
        ("text[]", ["a", 'b"', "c\\"], '{a,"b\\"","c\\\\"}'),
        ("int[]", [1, 2], "{1,2}"),
        ("text", None, None),
    ],
    ids=repr,
)
def test_values_arrive_as_they_are(cast, value, written):
    assert one(f"SELECT %(value)s::{cast}::text", value=value) == written


@pytest.mark.django_db
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=5))
def test_texts_arrive_whatever_is_in_them(texts):
    found = one("SELECT to_json(%(texts)s::text[])::text = %(json)s::jsonb::text", texts=texts, json="[]")
    assert (found == "t") == (texts == [])
    assert all(one("SELECT (%(texts)s::text[])[%(n)s]", texts=texts, n=n) == t for n, t in enumerate(texts, start=1))


@pytest.mark.django_db
def test_text_with_a_nul_is_refused_and_the_connection_goes_on():
    with pytest.raises(DataError):
        one("SELECT %(value)s::text", value="a\0b")
    assert one("SELECT 1") == "1"


@pytest.mark.django_db
def test_row_of_the_last_step_is_returned():
    assert flush(("SELECT 1, NULL", {}), ("SELECT 2, 'b'", {})) == ("2", "b")
    assert flush(("SELECT 1 WHERE false", {})) is None


@pytest.mark.django_db
def test_all_rows_of_a_step_are_returned():
    assert flush_all(("SELECT n, NULL FROM generate_series(1, 3) n", {})) == [("1", None), ("2", None), ("3", None)]
    assert flush_all(("SELECT 1 WHERE false", {})) == []


@pytest.mark.django_db
def test_flushes_are_counted_like_queries(django_assert_num_queries):
    with django_assert_num_queries(2):
        flush(("SELECT 1", {}), ("SELECT 2", {}))


@pytest.mark.django_db(transaction=True)
def test_errors_keep_their_kind_and_constraint():
    operator = Operator.objects.create(slug="acme", name="Acme", currency="CHF")
    step = (insert_of(Operator, "o_"), parameters_of(operator, "o_"))
    for _ in range(2):
        with pytest.raises(IntegrityError) as raised:
            flush(step)
        assert "slug" in raised.value.__cause__.diag.constraint_name
    with pytest.raises(ProgrammingError):
        one("SELECT nothing")
    assert one("SELECT %(n)s::bigint", n=3) == "3"


@pytest.mark.django_db(transaction=True)
def test_steps_outside_a_transaction_are_one():
    operator = Operator(slug="acme", name="Acme", currency="CHF")
    with pytest.raises(ProgrammingError):
        flush((insert_of(Operator, "o_"), parameters_of(operator, "o_")), ("SELECT nothing", {}))
    assert not Operator.objects.exists()


def count_elsewhere() -> int:
    """Count the operators that others see."""
    found = []

    def count() -> None:
        found.append(Operator.objects.count())
        connection.close()

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.django_db(transaction=True)
def test_first_flush_of_an_atomic_block_begins_its_transaction():
    operator = Operator(slug="acme", name="Acme", currency="CHF")
    with transaction.atomic():
        flush(("SELECT pg_advisory_xact_lock(7, 9)", {}))
        assert one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7 AND objid = 9") == "1"
        flush((insert_of(Operator, "o_"), parameters_of(operator, "o_")))
        assert Operator.objects.count() == 1
        assert count_elsewhere() == 0
    assert count_elsewhere() == 1
    assert one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7 AND objid = 9") == "0"


@pytest.mark.django_db(transaction=True)
def test_last_flush_of_an_atomic_block_commits_it():
    operator = Operator(slug="acme", name="Acme", currency="CHF")
    done = []
    with transaction.atomic():
        transaction.on_commit(lambda: done.append("committed"))
        flush((insert_of(Operator, "o_"), parameters_of(operator, "o_")))
        assert count_elsewhere() == 0
        assert flush_write(("SELECT 2", {}), ("SELECT 3", {}), commits=True) == ("2",)
        assert count_elsewhere() == 1
        assert done == []
    assert done == ["committed"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("begin", [flush, flush_write])
def test_error_undoes_the_whole_atomic_block(begin):
    operator = Operator(slug="acme", name="Acme", currency="CHF")

    def work() -> None:
        with transaction.atomic():
            flush((insert_of(Operator, "o_"), parameters_of(operator, "o_")))
            begin(("SELECT nothing", {}))

    with pytest.raises(ProgrammingError):
        work()
    assert Operator.objects.count() == count_elsewhere() == 0
    with transaction.atomic():
        operator.save()
    assert count_elsewhere() == 1


@pytest.mark.django_db(transaction=True)
def test_inner_block_is_undone_alone_and_commits_nothing():
    operator = Operator(slug="acme", name="Acme", currency="CHF")
    other = Operator(slug="other", name="Other", currency="CHF")

    def fail() -> None:
        with transaction.atomic():
            flush((insert_of(Operator, "o_"), parameters_of(other, "o_")))
            flush_write(("SELECT nothing", {}), commits=True)

    with transaction.atomic():
        with transaction.atomic():
            flush((insert_of(Operator, "o_"), parameters_of(operator, "o_")))
            flush_write(("SELECT 1", {}), commits=True)
        assert count_elsewhere() == 0
        with pytest.raises(ProgrammingError):
            fail()
    assert list(Operator.objects.values_list("slug", flat=True)) == ["acme"]


@pytest.mark.django_db(transaction=True)
def test_broken_block_takes_no_further_flush():
    def work() -> None:
        with transaction.atomic():
            transaction.set_rollback(True)
            flush(("SELECT 1", {}))

    with pytest.raises(transaction.TransactionManagementError):
        work()


@pytest.mark.django_db(transaction=True)
def test_lost_connection_is_an_outage_and_the_next_flush_connects_anew():
    lost = one("SELECT pg_backend_pid()")

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [int(lost)])
        connection.close()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()
    with pytest.raises(OperationalError):
        flush(("SELECT 1", {}), ("SELECT 2", {}))
    connection.close()
    assert one("SELECT 1") == "1"


@pytest.mark.django_db
def test_statement_is_planned_for_all_values_alike():
    for number in range(9):
        one("SELECT count(*) FROM accounts_operator WHERE id = %(number)s", number=number)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["SELECT count(*) FROM accounts_operator WHERE id%"],
        )
        assert cursor.fetchall() == [(9, 0)]
