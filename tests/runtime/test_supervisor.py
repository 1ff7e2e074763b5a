"""The supervisor with small processes of its own."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from parking.embedded.processes import is_alive, wait_until
from parking.supervisor import leftovers
from parking.supervisor.backoff import FIRST_SECONDS, LONGEST_SECONDS, STABLE_SECONDS, Backoff
from parking.supervisor.command import Command
from parking.supervisor.supervisor import Supervisor

SLEEP = "import time; print('hello', flush=True); time.sleep(60)"
ANNOUNCE = (
    "import os, socket, time\n"
    "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'READY=1', os.environ['NOTIFY_SOCKET'])\n"
    "time.sleep(60)\n"
)


def command(tmp_path: Path, code: str, **more) -> Command:
    return Command("small", [sys.executable, "-c", code], more.pop("environment", {}), tmp_path, **more)


@pytest.fixture
def supervisor():
    supervisor = Supervisor()
    yield supervisor
    supervisor.stop()


def process_of(supervisor: Supervisor):
    return supervisor._all[0].process


def turn_until(supervisor: Supervisor, condition, seconds: float = 10) -> bool:
    def turned() -> bool:
        supervisor.turn()
        return bool(condition())

    return wait_until(turned, seconds=seconds)


def test_process_that_dies_is_started_again(supervisor, tmp_path, capsys):
    supervisor.add([command(tmp_path, SLEEP)])
    supervisor.turn()
    first = process_of(supervisor)
    first.kill()
    assert turn_until(supervisor, lambda: process_of(supervisor) not in {None, first})
    assert process_of(supervisor).poll() is None
    assert "small ended with status -9" in capsys.readouterr().out


def test_processes_a_dead_leader_left_are_ended(supervisor, tmp_path, capsys):
    supervisor.add([command(tmp_path, "import os, time; p = os.fork(); p and print(p, flush=True); time.sleep(60)")])
    shown = []

    def child_shown() -> bool:
        shown.append(capsys.readouterr().out)
        return "small" in "".join(shown)

    assert turn_until(supervisor, child_shown)
    child = int("".join(shown).split("|")[1])
    process_of(supervisor).kill()
    assert turn_until(supervisor, lambda: not is_alive(child))


def test_stop_forces_what_ignores_the_request(supervisor, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("parking.supervisor.supervisor.STOP_SECONDS", 0.3)
    ignoring = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    supervisor.add([command(tmp_path, ignoring)])
    assert turn_until(supervisor, lambda: "deaf" in capsys.readouterr().out)
    deaf = process_of(supervisor)
    supervisor.stop()
    assert deaf.returncode == -signal.SIGKILL


def test_silent_process_is_asked_ever_more_rarely(supervisor, tmp_path):
    asked = []
    chatty = "import time\nwhile True: print('still starting', flush=True); time.sleep(0.001)"
    supervisor.add([command(tmp_path, chatty, probe=lambda: bool(asked.append(1)))])
    assert not turn_until(supervisor, supervisor.all_answer, seconds=1)
    assert 2 <= len(asked) <= 11


def test_process_answers_once_it_announced_itself(supervisor, tmp_path):
    supervisor.add([command(tmp_path, ANNOUNCE, notify=tmp_path / "notify")])
    assert not supervisor.all_answer()
    assert turn_until(supervisor, supervisor.all_answer)


def test_process_that_never_announces_itself_stays_silent(supervisor, tmp_path):
    supervisor.add([command(tmp_path, SLEEP, notify=tmp_path / "notify")])
    assert not turn_until(supervisor, supervisor.all_answer, seconds=0.5)
    assert supervisor.silent() == ["small"]


def test_program_that_is_missing_does_not_end_the_others(supervisor, tmp_path, capsys):
    missing = Command("missing", [str(tmp_path / "none")], {}, tmp_path)
    supervisor.add([missing, command(tmp_path, SLEEP)])
    supervisor.turn()
    assert "missing could not be started" in capsys.readouterr().out
    assert supervisor._all[1].process.poll() is None


def test_output_lines_carry_the_name(supervisor, tmp_path, capsys):
    supervisor.add([command(tmp_path, SLEEP)])
    shown = []
    turn_until(supervisor, lambda: shown.append(capsys.readouterr().out) or "hello" in "".join(shown))
    assert "small   | hello\n" in "".join(shown)


def test_backoff_doubles_up_to_a_bound_and_forgets_after_a_stable_run():
    backoff = Backoff()
    waits = [backoff.wait_after(0) for _ in range(12)]
    assert waits[:4] == [FIRST_SECONDS, FIRST_SECONDS * 2, FIRST_SECONDS * 4, FIRST_SECONDS * 8]
    assert waits[-1] == LONGEST_SECONDS
    assert backoff.wait_after(STABLE_SECONDS) == FIRST_SECONDS


def test_marked_processes_of_a_killed_run_are_ended(tmp_path):
    marked = command(tmp_path, SLEEP, environment=leftovers.mark(tmp_path)).start()
    other = command(tmp_path, SLEEP, environment=leftovers.mark(tmp_path / "other")).start()
    try:
        marked.stdout.readline()
        other.stdout.readline()
        assert leftovers.end_leftovers(tmp_path) == 1
        assert marked.wait(5) == -signal.SIGTERM
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_child_is_told_when_its_parent_is_killed(tmp_path):
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        child = command(tmp_path, SLEEP).start()
        child.stdout.readline()
        os.write(write_end, str(child.pid).encode())
        time.sleep(60)
        os._exit(0)
    child_pid = int(os.read(read_end, 20))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert wait_until(lambda: not is_alive(child_pid), seconds=5)
