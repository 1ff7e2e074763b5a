"""The embedded servers under rough treatment."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import connection

from parking import embedded
from parking.embedded import binaries, server_user, sharing
from parking.embedded.layout import LONGEST_SOCKET_PATH
from parking.embedded.processes import is_alive, running_in, wait_until
from tests.runtime.conftest import servers_running_in

NO_ADDRESSES: dict[str, str] = {}
PROJECT = Path(__file__).parents[2]
HOLD = """
import sys, time, pathlib
from parking import embedded
with embedded.servers(pathlib.Path(sys.argv[1]), durable=False, environ={}):
    print("holding", flush=True)
    sys.stdin.readline()
"""


def hold_servers(data: Path) -> subprocess.Popen[str]:
    """Start a process that uses the servers of a folder until it reads a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    assert process.stdout.readline() == "holding\n"
    return process


def let_go(process: subprocess.Popen[str]) -> int:
    process.communicate("\n", timeout=30)
    return process.returncode


def postmaster(data: Path) -> int:
    return int((data / "servers/postgres/18/postmaster.pid").read_text().split()[0])


def test_database_of_the_test_run_is_postgresql_18_on_a_unix_socket(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('listen_addresses')")
        version, addresses = cursor.fetchone()
    assert version >= 180000
    assert addresses == ""


def test_servers_are_durable_and_stop_with_the_block(data):
    with embedded.servers(data, environ=NO_ADDRESSES) as layout:
        with psycopg.connect(layout.database_url) as session:
            settings = [
                session.execute(f"SHOW {name}").fetchone()[0]
                for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums", "server_encoding")
            ]
        assert redis.Redis.from_url(layout.redis_url).ping()
    assert settings == ["on", "on", "on", "on", "UTF8"]
    assert servers_running_in(data) == []


def test_database_orders_and_folds_letters_beyond_ascii(data):
    with (
        embedded.servers(data, durable=False, environ=NO_ADDRESSES) as layout,
        psycopg.connect(layout.database_url) as c,
    ):
        assert c.execute("SELECT upper('zürich'), 'Zürich' ILIKE 'ZÜRICH'").fetchone() == ("ZÜRICH", True)


def test_only_the_server_without_an_address_is_started(data):
    with embedded.servers(data, environ={"DATABASE_URL": "postgresql://elsewhere/parking"}) as layout:
        assert redis.Redis.from_url(layout.redis_url).ping()
        assert not (layout.postgres / "18").exists()


def test_nothing_is_started_when_both_addresses_are_given(data):
    addresses = {"DATABASE_URL": "postgresql://elsewhere/parking", "REDIS_URL": "redis://elsewhere"}
    with embedded.servers(data / "none", environ=addresses):
        assert not (data / "none").exists()


def test_second_command_joins_and_the_first_waits_for_it(data):
    first = hold_servers(data)
    second = hold_servers(data)
    assert len(running_in(data / "servers/redis", {"redis-server", "valkey-server"})) == 1
    first.stdin.write("\n")
    first.stdin.flush()
    time.sleep(0.3)
    assert first.poll() is None
    with psycopg.connect(embedded.Layout(data).database_url) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
    assert let_go(second) == 0
    assert first.wait(30) == 0
    first.communicate()


def test_committed_rows_survive_a_killed_postgres(data):
    with embedded.servers(data, environ=NO_ADDRESSES) as layout:
        with psycopg.connect(layout.database_url, autocommit=True) as session:
            session.execute("CREATE TABLE kept (n int)")
            session.execute("INSERT INTO kept VALUES (7)")
        os.kill(postmaster(data), signal.SIGKILL)
    with embedded.servers(data, environ=NO_ADDRESSES) as layout, psycopg.connect(layout.database_url) as session:
        assert session.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_servers_die_with_a_killed_starter_and_start_again_at_once(data):
    starter = hold_servers(data)
    starter.kill()
    starter.communicate()
    with (
        embedded.servers(data, durable=False, environ=NO_ADDRESSES) as layout,
        psycopg.connect(layout.database_url) as c,
    ):
        assert c.execute("SELECT 1").fetchone() == (1,)


def test_servers_that_outlived_their_starter_are_replaced(data):
    owner = server_user.server_owner()
    layout = embedded.Layout(data)
    server_user.prepare_folders(layout, owner)
    outlived = [
        (server, sharing.start_and_wait(server))
        for server in sharing.wanted_servers(layout, durable=False, environ=NO_ADDRESSES)
    ]
    with embedded.servers(data, durable=False, environ=NO_ADDRESSES):
        assert [process.poll() is not None for _server, process in outlived] == [True, True]
        assert postmaster(data) != outlived[0][1].pid


def test_pid_file_that_names_a_stranger_is_cleared(data):
    with embedded.servers(data, durable=False, environ=NO_ADDRESSES):
        pid_file = data / "servers/postgres/18/postmaster.pid"
        lines = pid_file.read_text().splitlines()
        os.kill(postmaster(data), signal.SIGKILL)
        wait_until(lambda: not running_in(pid_file.parent, {"postgres"}), seconds=5)
    owner = server_user.server_owner()
    stranger = subprocess.Popen(["sleep", "60"], user=owner.switch_uid, group=owner.switch_gid)
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        if owner.drops:
            os.chown(pid_file, owner.uid, owner.gid)
        with embedded.servers(data, durable=False, environ=NO_ADDRESSES):
            assert postmaster(data) != stranger.pid
        assert is_alive(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


def test_half_made_cluster_is_made_anew(data):
    layout = embedded.Layout(data)
    server_user.prepare_folders(layout, server_user.server_owner())
    (layout.postgres / "18.new").mkdir()
    (layout.postgres / "18.new" / "PG_VERSION").write_text("18\n")
    with embedded.servers(data, durable=False, environ=NO_ADDRESSES), psycopg.connect(layout.database_url) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_data_folder_with_a_long_name_has_its_sockets_elsewhere(data):
    long = data / ("Straße mit Leerzeichen " * 5)
    with embedded.servers(long, durable=False, environ=NO_ADDRESSES) as layout:
        assert len(str(layout.sockets)) <= LONGEST_SOCKET_PATH
        assert redis.Redis.from_url(layout.redis_url).ping()
        with psycopg.connect(layout.database_url) as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
    shutil.rmtree(layout.sockets)


def test_servers_do_not_run_as_root(data, as_root):
    with embedded.servers(data, durable=False, environ=NO_ADDRESSES):
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in servers_running_in(data)}
    assert owners == {server_user.server_owner().uid}
    assert 0 not in owners


def test_folder_that_the_servers_user_cannot_enter_is_replaced(data, as_root, monkeypatch, tmp_path):
    """The case of a clone below /root: neither the data nor the programs can be reached."""
    data.chmod(0o700)
    clone = data / "clone"
    monkeypatch.setattr(server_user, "OUTSIDE", Path(tempfile.gettempdir()))
    program = tmp_path / "redis-server"
    shutil.copy(binaries.redis_program(), program)
    monkeypatch.setattr(binaries, "redis_program", lambda: program)
    tmp_path.chmod(0o700)
    with embedded.servers(clone, durable=False, environ=NO_ADDRESSES) as layout:
        assert redis.Redis.from_url(layout.redis_url).ping()
        with psycopg.connect(layout.database_url) as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
        assert layout.servers.is_symlink()
        assert list((layout.servers / "programs").glob("redis-server-*"))
    assert stat.S_IMODE(clone.stat().st_mode) == 0o700
    shutil.rmtree(layout.servers.resolve())


def private(data: Path) -> None:
    """Prove that nobody but its owner, and the servers' user where it passes through, enters any folder below."""
    owner = server_user.server_owner()
    passed_through = {data, data / "servers"} if owner.drops else set()
    for path in (data, *data.rglob("*")):
        status = path.lstat()
        if path.is_symlink() or path.is_socket():
            continue
        allowed = 0o710 if path in passed_through else 0o700
        assert not stat.S_IMODE(status.st_mode) & ~allowed, path
        assert status.st_uid in {os.geteuid(), owner.uid}
        if path in passed_through:
            assert status.st_gid == owner.gid


def test_the_data_folder_is_its_owners_alone(data):
    new = data / "new"
    with embedded.servers(new, durable=False, environ=NO_ADDRESSES):
        (new / "servers/redis/dump.rdb").touch()
        (new / "servers/redis/dump.rdb").chmod(0o600)
        private(new)


def test_a_data_folder_that_was_open_is_closed(data):
    with embedded.servers(data, durable=False, environ=NO_ADDRESSES):
        pass
    (data / "secret-key").write_text("k")
    for path in (data, data / "log", data / "servers", data / "servers/redis", data / "servers/run"):
        path.chmod(0o755)
    (data / "secret-key").chmod(0o644)
    with embedded.servers(data, durable=False, environ=NO_ADDRESSES):
        assert stat.S_IMODE((data / "secret-key").stat().st_mode) == 0o600
        for path in (data, data / "log", data / "servers", data / "servers/redis", data / "servers/run"):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o067, path


def test_servers_have_a_user_of_their_own(as_root):
    assert server_user.server_owner().name == server_user.OWN_USER


def test_data_of_the_stand_in_is_taken_over(data, as_root, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(server_user, "OWN_USER", "nobody")
        with embedded.servers(data, durable=False, environ=NO_ADDRESSES) as layout:
            former = layout.postgres.stat().st_uid
    assert former != server_user.server_owner().uid
    with embedded.servers(data, environ=NO_ADDRESSES) as layout, psycopg.connect(layout.database_url) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
        assert {path.lstat().st_uid for path in layout.servers.resolve().rglob("*")} == {server_user.server_owner().uid}


def test_platform_without_wheels_is_told_both_addresses(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(embedded.EmbeddedServerError, match="DATABASE_URL and REDIS_URL"):
        binaries.postgres_package()


def test_postgres_that_cannot_start_shows_the_end_of_its_log(data):
    with embedded.servers(data, durable=False, environ=NO_ADDRESSES) as layout:
        pass
    (layout.postgres / "18" / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
    with (
        pytest.raises(embedded.EmbeddedServerError, match="no_such_setting"),
        embedded.servers(data, durable=False, environ=NO_ADDRESSES),
    ):
        pass


def test_data_folder_that_is_a_file_is_refused(data):
    (data / "file").write_text("")
    with (
        pytest.raises(embedded.EmbeddedServerError, match="can't be made"),
        embedded.servers(data / "file", environ={}),
    ):
        pass
