"""Simulated cars against a real server over HTTP."""

import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils.timezone import now
from pytest_django.live_server_helper import LiveServer

from billing.models import Debt, Payment
from devices.models import Device
from gates.models import GateEvent
from lots.models import Lot
from reservations.models import Reservation
from tests.factories import (
    make_device,
    make_gate,
    make_lot,
    make_operator,
    make_proof,
    make_reservation,
    make_ticket,
    make_user,
)
from tests.invariants import broken
from tickets.models import Ticket
from traffic.client import Server
from traffic.demo.gate_events import CAMERA
from traffic.demo.live import EMPTIEST_SHARE, FULLEST_SHARE, LiveDemo
from traffic.simulation.reckoning import Recorded
from traffic.simulation.recorded import recorded_by

pytestmark = pytest.mark.django_db(transaction=True)


def simulate(live_server: LiveServer, *arguments: str) -> str:
    out = io.StringIO()
    call_command("simulate", "--url", live_server.url, *arguments, stdout=out)
    return out.getvalue()


def make_drivable_lot(slug: str, **fields: Any) -> Lot:
    lot = make_lot(slug=slug, **fields)
    for direction in ("entry", "entry", "exit"):
        make_gate(lot, direction)
    return lot


def test_simulate_reconciles_to_the_car_and_keeps_every_invariant(live_server: LiveServer) -> None:
    make_drivable_lot("central", spots={"compact": 5, "regular": 20, "large": 5, "ev": 2, "motorcycle": 2}, levels=2)
    make_drivable_lot("lakeside", spots={"regular": 30}, tracking="levels")
    printed = simulate(live_server, "--cars", "60", "--misread", "0.15", "--duplicates", "0.3", "--seed", "5")
    assert "60 cars:" in printed
    assert "reconciles to the car" in printed
    assert broken() == []
    assert Ticket.objects.filter(status="closed", closed_reason="paid").exists()
    assert Ticket.objects.filter(status="closed", closed_reason="grace").exists()
    assert Payment.objects.filter(state="captured").exists()
    assert GateEvent.objects.filter(first__isnull=False).exists()
    assert not Device.objects.filter(name="simulator", revoked_at=None).exists()


@pytest.mark.proof
def test_simulate_reconciles_two_thousand_cars(live_server: LiveServer) -> None:
    make_drivable_lot("central", spots={"compact": 10, "regular": 60, "large": 6, "ev": 4, "motorcycle": 4}, levels=5)
    make_drivable_lot("lakeside", spots={"regular": 60}, tracking="levels")
    printed = simulate(live_server, "--cars", "2000", "--misread", "0.05", "--duplicates", "0.1", "--seed", "2")
    assert "2000 cars:" in printed
    assert "reconciles to the car" in printed
    assert broken() == []


def test_simulate_drives_only_through_the_chosen_lots(live_server: LiveServer) -> None:
    make_drivable_lot("central", spots={"regular": 20})
    make_drivable_lot("lakeside", spots={"regular": 20})
    simulate(live_server, "--cars", "6", "--lots", "lakeside", "--seed", "1")
    assert set(Ticket.objects.values_list("lot__slug", flat=True)) == {"lakeside"}


def test_simulate_plays_the_barrier_where_passages_are_confirmed(live_server: LiveServer) -> None:
    lot = make_lot(slug="central", spots={"regular": 20})
    for direction in ("entry", "exit"):
        make_gate(lot, direction, confirms_passage=True)
    printed = simulate(live_server, "--cars", "12", "--seed", "8")
    assert "reconciles to the car" in printed
    assert GateEvent.objects.filter(kind="passage", action="passed").exists()
    assert not Ticket.objects.filter(status="entering").exists()


def test_simulate_records_cars_that_a_full_lot_had_no_spot_for(live_server: LiveServer) -> None:
    make_drivable_lot("tiny", spots={"regular": 1})
    printed = simulate(live_server, "--cars", "12", "--seed", "3")
    assert "reconciles to the car" in printed
    assert broken() == []


def test_simulate_drives_a_remote_server_with_keys_from_a_file(live_server: LiveServer, tmp_path: Path) -> None:
    lot = make_lot(slug="central", spots={"regular": 20})
    keys = {
        "central": {
            direction: {gate.code: make_device(gate)[1]}
            for direction in ("entry", "exit")
            for gate in [make_gate(lot, direction)]
        }
    }
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(keys))
    printed = simulate(live_server, "--cars", "8", "--keys", str(file), "--seed", "2", "--duplicates", "0.5")
    assert "reconciles to the car" in printed


def test_simulate_exits_1_when_something_is_not_recorded(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_drivable_lot("central", spots={"regular": 20})

    def forgetful(devices: Iterable[Device]) -> Recorded:
        recorded = recorded_by(devices)
        return replace(recorded, events=dict(list(recorded.events.items())[1:]))

    monkeypatch.setattr("parking.management.commands.simulate.recorded_by", forgetful)
    with pytest.raises(SystemExit) as exit_:
        call_command("simulate", "--url", live_server.url, "--cars", "3", "--seed", "2")
    assert exit_.value.code == 1
    assert "does not reconcile" in capsys.readouterr().out


def test_simulate_says_the_first_failure(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_drivable_lot("central", spots={"regular": 20})
    monkeypatch.setattr("gates.reads.receive.known_device", lambda _: None)
    with pytest.raises(SystemExit):
        call_command("simulate", "--url", live_server.url, "--cars", "3", "--seed", "2")
    printed = capsys.readouterr().out
    assert re.search(
        r"^401 from POST /api/v1/gates/\S+/reads: unknown device key \(3 cars had no usable answer\)$",
        printed,
        re.MULTILINE,
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--lots", "nowhere"), "no lot nowhere"),
        (("--lots", "gateless"), "needs an entry and an exit"),
        (("--keys", "/nonexistent/keys.json"), "holds no keys"),
        (("--misread", "1.5"), "not between 0 and 1"),
        (("--cars", "0"), "not between 1"),
    ],
)
def test_simulate_says_what_is_wrong(live_server: LiveServer, arguments: tuple[str, ...], complaint: str) -> None:
    make_lot(slug="gateless")
    with pytest.raises(CommandError, match=complaint):
        simulate(live_server, *arguments)


@pytest.fixture
def live_demo(live_server: LiveServer) -> Iterator[LiveDemo]:
    operator = make_operator("demo")
    lot = make_lot(operator, slug="city-garage", spots={"regular": 8, "compact": 2, "ev": 2, "motorcycle": 2})
    for direction in ("entry", "exit"):
        make_device(make_gate(lot, direction), name=CAMERA)
    demo = LiveDemo(Server(live_server.url, connections=1), Random(4), sleep=lambda _: None)
    demo.take_cameras()
    yield demo
    demo.server.close()


def share() -> float:
    lot = Lot.objects.annotate(taken=Sum("counts__occupied"), places=Sum("counts__total")).get()
    return float(lot.taken / lot.places)


def test_live_demo_fills_an_empty_lot_to_what_the_hour_wants(live_demo: LiveDemo) -> None:
    for _ in range(30):
        live_demo.turn()
    assert EMPTIEST_SHARE <= share() <= FULLEST_SHARE
    assert Ticket.objects.filter(status="closed").exists()
    assert not Debt.objects.exists()
    assert broken() == []


def test_live_demo_lets_the_demo_driver_stay(live_demo: LiveDemo) -> None:
    for _ in range(12):
        live_demo.turn()
    own = Ticket.objects.open().earliest("entry_at")
    make_proof(own, make_user())
    for _ in range(12):
        live_demo._leave(own.lot)
    assert list(Ticket.objects.open()) == [own]


def test_live_demo_lets_booked_guests_come_and_leave(live_demo: LiveDemo) -> None:
    lot = Lot.objects.get()
    begun = now() - dt.timedelta(minutes=2)
    booking = make_reservation(lot, "GE 500000", begun, email="guest@guests.example", spot=lot.spots.first())
    live_demo.turn()
    assert Ticket.objects.open().get().reservation == booking
    live_demo._leave(lot)
    assert Ticket.objects.open().exists()
    Reservation.objects.update(ends_at=now() - dt.timedelta(minutes=1))
    live_demo._leave(lot)
    booking.refresh_from_db()
    assert booking.status == "completed"


def test_live_demo_leaves_cars_alone_that_came_by_other_means(live_demo: LiveDemo) -> None:
    lot = Lot.objects.get()
    make_ticket(lot)
    live_demo._leave(lot)
    assert not GateEvent.objects.exists()


def test_live_demo_goes_on_with_new_keys_after_a_restart(live_demo: LiveDemo) -> None:
    again = LiveDemo(live_demo.server, Random(5), sleep=lambda _: None)
    again.take_cameras()
    again.turn()
    assert GateEvent.objects.count() == 1


def test_live_demo_refuses_to_run_without_a_demo() -> None:
    with pytest.raises(CommandError, match="no demo site"):
        call_command("live_demo")


def test_openapi_prints_the_gate_endpoint() -> None:
    out = io.StringIO()
    call_command("openapi", stdout=out)
    assert "/api/v1/gates/{code}/reads" in json.loads(out.getvalue())["paths"]
