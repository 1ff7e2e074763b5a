"""Exports are written once, one after another for each person, and never offered in part."""

import datetime as dt
import errno
import os
import signal
import threading
from multiprocessing import get_context

import pytest
from django.db import connection, connections
from django.utils.timezone import now

from exports import file_writing
from exports.file_store import store
from exports.models import Export
from exports.row_source import source_connection
from exports.services import ExportOrder, ask_export, cancel_export, clear_exports, erase_exports, run_exports
from exports.services import running as running_service
from exports.services.asking import MOST_WAITING
from exports.services.running import claim_export
from tests.at_once import at_once, codes_at_once
from tests.exports.orders import asked, content, rows, written
from tests.factories import make_lot, make_ticket, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)
ENTRY = dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)


@pytest.fixture
def admin():
    lot = make_lot()
    for number in range(3):
        times = {"entry_at": ENTRY, "exit_at": ENTRY + dt.timedelta(hours=1), "closed_reason": "grace"}
        make_ticket(lot, f"ZH {number}", status="closed", **times)
    return make_user("admin", lot.operator)


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def refreshed(export):
    return Export.objects.get(pk=export.pk)


def test_the_same_key_asks_once(admin):
    order = ExportOrder("stays", "lots", key="k")
    first = ask_export(owner=admin, order=order, at=now())

    assert ask_export(owner=admin, order=order, at=now()) == first
    assert ask_export(owner=admin, order=order, at=now() + dt.timedelta(days=2)) != first
    with pytest.raises(Exception, match="another order"):
        ask_export(owner=admin, order=ExportOrder("payments", "lots", key="k"), at=now())


def ask_without_lock(admin):
    """What asking does, without the lock of its person: the count may be of before the others."""
    unfinished = Export.objects.unfinished().filter(owner=admin).count()
    pause.wait()
    if unfinished < MOST_WAITING:
        Export.objects.create(
            owner=admin, whose="lots", kind="stays", file_format="csv", created_at=now(), language="en"
        )


pause = threading.Barrier(32, timeout=30)


def test_of_thirty_two_at_once_ten_wait_and_the_others_are_refused(admin):
    at_once([lambda: ask_without_lock(admin)] * 32)
    assert Export.objects.count() > MOST_WAITING, "without the lock the limit does not hold"
    Export.objects.all().delete()

    told = codes_at_once([lambda: asked(admin)] * 32)

    assert told.count("too_many_exports") == 32 - MOST_WAITING
    assert Export.objects.count() == MOST_WAITING
    cancel_export(export=Export.objects.first(), at=now())
    assert asked(admin).state == "queued"
    run_exports(clock=now)
    assert not Export.objects.unfinished().exists()


def test_thirty_two_at_once_with_one_key_are_one(admin):
    assert len({export.pk for export in codes_at_once([lambda: asked(admin, key="k")] * 32)}) == 1
    assert Export.objects.count() == 1


def test_one_export_of_a_person_is_written_at_a_time_and_all_take_turns(admin, settings):
    settings.EXPORTS_AT_ONCE = 5
    other = make_user()
    first, second, third = asked(admin), asked(admin), asked(other, "stays", "own")
    with source_connection() as one, source_connection() as two, source_connection() as three:
        claimed = [claim_export(source=source, at=now()) for source in (one, two, three)]

    assert claimed == [first, third, None]
    settings.EXPORTS_AT_ONCE = 1
    with source_connection() as one, source_connection() as two:
        # The workers of both have died: they wait again, and one begins.
        claimed = [claim_export(source=source, at=now()) for source in (one, two)]
    assert claimed == [first, None]
    assert refreshed(second).state == "queued"


def test_many_workers_write_each_export_once(admin, settings):
    settings.EXPORTS_AT_ONCE = 4
    for _ in range(5):
        asked(admin)
        asked(make_user(), "stays", "own")
    for result in at_once([lambda: run_exports(clock=now)] * 4):
        assert isinstance(result, int), result

    run_exports(clock=now)
    assert {(export.state, export.attempt) for export in Export.objects.all()} == {("ready", 1)}


def test_a_worker_that_dies_leaves_nothing_offered_and_the_next_begins_again(admin, export_folder):
    export = asked(admin)
    with source_connection() as source:
        claim_export(source=source, at=now())
        assert run_exports(clock=now) == 0, "it is being written"
    assert refreshed(export).state == "running"
    assert not refreshed(export).is_offered(now())

    assert run_exports(clock=now) == 1
    assert (refreshed(export).state, refreshed(export).attempt) == ("ready", 2)
    assert len(files(export_folder)) == 1


def killed_while_writing():
    """Write in a process that is killed when some lines are written."""

    def write():
        connections["default"].connection = None
        connections["default"].ensure_connection()

        def copied(*parts):
            for number, line in enumerate(real(*parts)):
                if number == 1:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield line

        real = file_writing.copied_rows
        file_writing.copied_rows = copied
        run_exports(clock=now)

    child = get_context("fork").Process(target=write)
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL


def test_killed_three_times_it_says_so(admin, export_folder):
    export = asked(admin)
    for attempt in (1, 2, 3):
        killed_while_writing()
        assert (refreshed(export).state, refreshed(export).attempt) == ("running", attempt)
        assert not [path for path in files(export_folder) if path.parent == export_folder], "nothing is offered in part"
    run_exports(clock=now)

    export = refreshed(export)
    assert (export.state, export.failure) == ("failed", "broken")
    os.utime(export_folder / "unfinished", (0, 0))
    for folder in (export_folder / "unfinished").iterdir():
        os.utime(folder, (0, 0))
    clear_exports(at=now())
    assert files(export_folder) == []
    assert refreshed(export).file == ""
    assert broken() == []


def test_killed_once_it_is_written_whole_afterwards(admin):
    export = asked(admin)
    killed_while_writing()
    run_exports(clock=now)

    assert (refreshed(export).state, len(rows(refreshed(export)))) == ("ready", 3)


@pytest.fixture
def every_row_noted(monkeypatch):
    monkeypatch.setattr(file_writing, "NOTED_EVERY", 1)
    monkeypatch.setattr(running_service, "NOTED_SECONDS", 0)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_cancelled_while_it_is_written_it_stops(admin, monkeypatch, export_folder, every_row_noted, file_format):
    export, noted = asked(admin, file_format=file_format), []
    real = running_service._note

    def note(one, **values):
        if values.get("rows") == 2:
            cancel_export(export=one, at=now())
        noted.append(values.get("rows"))
        real(one, **values)

    monkeypatch.setattr(running_service, "_note", note)
    run_exports(clock=now)

    assert refreshed(export).state == "cancelled"
    assert noted[-1] == 2
    assert files(export_folder) == []


def test_cancelled_at_the_last_moment_it_has_no_file(admin, monkeypatch, export_folder):
    export = asked(admin)
    real = running_service.keep_file

    def keep(path, name):
        real(path, name)
        cancel_export(export=export, at=now())
        real(path, name) if not store().exists(name) else None

    monkeypatch.setattr(running_service, "keep_file", keep)
    monkeypatch.setattr("exports.file_store._MovableFile.temporary_file_path", None, raising=False)
    monkeypatch.delattr("exports.file_store._MovableFile.temporary_file_path")
    run_exports(clock=now)

    assert refreshed(export).state == "cancelled"
    assert files(export_folder) == []


def test_a_full_disk_is_told_and_nothing_is_offered(admin, monkeypatch, export_folder):
    """The file lies on a disk without room, so that the kernel itself refuses to write."""
    export = asked(admin)
    real = running_service.write_file

    def on_a_full_disk(path, *more):
        path.symlink_to("/dev/full")
        return real(path, *more)

    monkeypatch.setattr(running_service, "write_file", on_a_full_disk)
    run_exports(clock=now)

    export = refreshed(export)
    assert (export.state, export.failure) == ("failed", "disk_full")
    assert "no room left" in export.get_failure_display()
    assert not export.is_offered(now())
    assert files(export_folder) == []
    monkeypatch.undo()
    assert run_exports(clock=now) == 0, "it is not tried again by itself"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), OSError(errno.EDQUOT, "quota")])
def test_a_full_storage_is_told(admin, monkeypatch, error):
    export = asked(admin)

    def refuse(*_):
        raise error

    monkeypatch.setattr(running_service, "keep_file", refuse)
    run_exports(clock=now)
    assert refreshed(export).failure == "disk_full"


def test_an_error_is_tried_three_times(admin, monkeypatch):
    export = asked(admin)

    def fail(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(running_service, "write_file", fail)
    assert run_exports(clock=now) == 3
    assert (refreshed(export).state, refreshed(export).failure) == ("failed", "broken")


def test_who_lost_the_role_gets_nothing(admin):
    export = asked(admin)
    admin.memberships.all().delete()
    run_exports(clock=now)

    assert (refreshed(export).state, refreshed(export).failure) == ("failed", "not_allowed")


def test_old_files_are_removed_and_told(admin, settings, export_folder):
    export = written(admin)
    assert clear_exports(at=now() + dt.timedelta(days=settings.EXPORTS_KEPT_DAYS - 1)) == 0
    assert content(export)

    later = now() + dt.timedelta(days=settings.EXPORTS_KEPT_DAYS, seconds=5)
    assert clear_exports(at=later) == 1
    assert (refreshed(export).state, refreshed(export).file) == ("expired", "")
    assert files(export_folder) == []
    clear_exports(at=later + dt.timedelta(days=60))
    assert not Export.objects.exists()


def test_a_removed_export_leaves_no_file(admin, export_folder):
    export = written(admin)
    cancel_export(export=export, at=now())
    cancel_export(export=export, at=now())

    assert refreshed(export).state == "cancelled"
    assert files(export_folder) == []
    clear_exports(at=now())
    assert broken() == []


def test_a_deleted_account_leaves_no_export(admin, export_folder):
    written(admin)
    erase_exports(person=admin)

    assert not Export.objects.exists()
    assert files(export_folder) == []


def test_rows_are_those_of_one_instant(admin, monkeypatch):
    export = asked(admin)
    real = running_service.count_rows

    def count(*parts):
        counted = real(*parts)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE tickets_ticket SET plate = 'LATER'")
        return counted

    monkeypatch.setattr(running_service, "count_rows", count)
    run_exports(clock=now)
    assert {row["plate"] for row in rows(refreshed(export))} == {"ZH 0", "ZH 1", "ZH 2"}
