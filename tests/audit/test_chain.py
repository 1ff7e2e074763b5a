"""Entries are only added, and chained after their commit; `verify` names each that was changed or removed by SQL."""

from threading import Event as Signal
from threading import Thread

import pytest
from django.db import Error, connection, transaction

from audit.models import AuditEntry, AuditHead
from audit.services import chain_entries
from audit.tasks import chain_changes
from lots.models import Lot
from tests.at_once import at_once
from tests.factories import make_lot, make_operator
from tests.invariants import broken

ADDED = """
INSERT INTO audit_auditentry (subject, "row", shown, act, at, how, role, page, request, digest, hash)
SELECT 'x', '1', '', 'added', now() - interval '2 hours', 'page', '', '', '',
    audit_digest(NULL, 'x', '1', '', 'added', NULL, NULL, 'page', NULL, '', '', ''), ''
"""
ERASED = "UPDATE audit_auditentry SET erased_at = now(), before = NULL, after = NULL, shown = '', salt = NULL"


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def unguarded(*statements: str) -> None:
    sql(
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET session_replication_role = replica",
        *statements,
        "SET session_replication_role = DEFAULT",
    )


@pytest.fixture
def chained(db):
    lot = make_lot(make_operator(slug="city"), slug="central", name="Central")
    for name in ("One", "Two", "Three"):
        Lot.objects.filter(pk=lot.pk).update(name=name)
    assert chain_entries() > 5
    assert broken() == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE audit_auditentry SET after = '{\"name\": \"Forged\"}' WHERE number = 3",
            [("audit_is_as_written", "entry 3 ")],
        ),
        ("UPDATE audit_auditentry SET by_id = 7 WHERE number = 3", [("audit_is_as_written", "entry 3 ")]),
        ("UPDATE audit_auditentry SET digest = 'x' WHERE number = 3", [("audit_is_as_written", "entry 3 "), ("audit_is_chained", "entry 3 ")]),
        ("UPDATE audit_auditentry SET at = at - interval '1 day' WHERE number = 3", [("audit_is_chained", "entry 3 ")]),
        ("UPDATE audit_auditentry SET operator_id = 99 WHERE number = 3", [("audit_is_chained", "entry 3 ")]),
        ("DELETE FROM audit_auditentry WHERE number = 3", [("audit_is_chained", "entries 3 to 3 are missing")]),
        ("DELETE FROM audit_auditentry WHERE number = 1", [("audit_is_chained", "entries 1 to 1 are missing")]),
        (
            "DELETE FROM audit_auditentry WHERE number = (SELECT max(number) FROM audit_auditentry)",
            [("audit_is_chained", "the last entry is ")],
        ),
        ("DELETE FROM audit_auditentry", [("audit_is_chained", "the last entry is 0")]),
        ("DELETE FROM audit_audithead", [("audit_is_chained", "the last entry is ")]),
        (
            ADDED,
            [("audit_is_chained", "entry of ")],
        ),
    ],
)  # fmt: skip
def test_verify_names_what_was_broken(chained, statement, named):
    unguarded(statement)

    found = broken()
    assert [one.split(":")[0] for one in found] == [name for name, _said in named]
    for (_name, said), one in zip(named, found, strict=True):
        assert said in one


def test_changed_hash_breaks_its_link_and_the_next(chained):
    unguarded("UPDATE audit_auditentry SET hash = 'x' WHERE number = 3")

    (found,) = broken()
    assert "entry 3 " in found
    assert "entry 4 " in found


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET after = '{}'",
        "UPDATE audit_auditentry SET number = number + 100",
        "UPDATE audit_auditentry SET by_id = NULL, role = 'x'",
        "DELETE FROM audit_auditentry",
        f"{ERASED}, by_id = 5",
        "UPDATE audit_auditentry SET erased_at = now()",
    ],
)
def test_entries_are_only_added(chained, statement):
    with pytest.raises(Error, match="not rewritten"), transaction.atomic():
        sql(statement)


def test_content_is_erased_and_the_chain_holds(chained):
    sql(f"{ERASED} WHERE number = 3")

    assert broken() == []
    entry = AuditEntry.objects.get(number=3)
    assert (entry.before, entry.after, entry.shown, entry.salt) == (None, None, "", None)
    with pytest.raises(Error, match="not rewritten"), transaction.atomic():
        sql(f"{ERASED} WHERE number = 3")


def test_same_content_has_another_digest_each_time(chained):
    """So that what was erased can't be found by trying."""
    lot = Lot.objects.get(slug="central")
    for name in ("A", "B", "A", "B"):
        Lot.objects.filter(pk=lot.pk).update(name=name)

    digests = AuditEntry.objects.filter(subject="lots_lot").values_list("digest", flat=True)
    assert len(set(digests)) == len(digests)


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_chained_late_and_nobody_waits():
    lots = [make_lot(slug="a"), make_lot(slug="b")]
    chain_entries()
    written, may_commit = Signal(), Signal()

    def late() -> None:
        with transaction.atomic():
            Lot.objects.filter(pk=lots[0].pk).update(name="Late")
            written.set()
            assert may_commit.wait(30)
        connection.close()

    thread = Thread(target=late)
    thread.start()
    assert written.wait(30)
    Lot.objects.filter(pk=lots[1].pk).update(name="Early")
    assert chain_changes() == 1
    may_commit.set()
    thread.join(30)
    assert chain_changes() == 1
    assert chain_changes() == 0

    names = AuditEntry.objects.order_by("number").values_list("after__name", flat=True)
    assert [*names][-2:] == ["Early", "Late"]
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_many_who_chain_at_once_make_one_chain():
    lots = [make_lot() for _ in range(3)]

    def write_and_chain(lot: Lot) -> None:
        for number in range(10):
            Lot.objects.filter(pk=lot.pk).update(name=f"{number}")
            chain_entries(limit=3)

    at_once([lambda lot=lot: write_and_chain(lot) for lot in lots])
    while chain_entries():
        pass

    assert AuditHead.objects.get().last == AuditEntry.objects.count()
    assert broken() == []
