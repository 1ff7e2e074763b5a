"""The dirty field against a real server over HTTP."""

import datetime as dt
import sys
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from pytest_django.live_server_helper import LiveServer

from devices.models import Device
from lots.models import Lot
from tests.invariants import broken
from tests.traffic.test_simulation import make_drivable_lot
from tickets.models import Ticket
from traffic.field.scenario import HONEST, Ploy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quick_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lanes wait seconds where the rules let them wait minutes."""
    monkeypatch.setattr("gates.decision.repeats.UNANSWERED_LIMIT", 8)
    monkeypatch.setattr("gates.decision.entry.PASSBACK", dt.timedelta(seconds=8))
    for module in ("gates.reads.load", "gates.services.passages"):
        monkeypatch.setattr(f"{module}.SILENCE", dt.timedelta(seconds=15))


@pytest.fixture
def field(live_server: LiveServer, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a field, which also a failing test prints, and return what it says."""

    def run(*arguments: str) -> str:
        call_command("simulate", "--field", "--url", live_server.url, *arguments)
        printed = capsys.readouterr().out
        sys.stdout.write(printed)
        return printed

    return run


@pytest.mark.usefixtures("quick_lanes")
def test_field_reconciles_to_the_car_and_keeps_every_invariant(field: Callable[..., str]) -> None:
    printed = field("--cars", "60", "--seed", "4")
    assert "charged too much 0, refused 0, trapped 0" in printed
    assert "reconciles to the car" in printed
    assert all(ploy in printed for ploy in set(Ploy) - set(HONEST))
    assert broken() == []
    assert not Device.objects.filter(name="simulator", revoked_at=None).exists()


@pytest.mark.usefixtures("quick_lanes")
def test_field_is_driven_through_chosen_lots_with_the_lanes_they_have(field: Callable[..., str]) -> None:
    make_drivable_lot("central", spots={"regular": 20, "large": 10}, dedupe_seconds=5)
    printed = field("--cars", "6", "--lots", "central", "--seed", "1")
    assert "reconciles to the car" in printed
    assert set(Ticket.objects.values_list("lot__slug", flat=True)) == {"central"}
    assert not Lot.objects.filter(operator__slug="field").exists()


@pytest.mark.usefixtures("quick_lanes")
def test_field_names_the_cars_that_differ_and_exits_1(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_drivable_lot("central", spots={"regular": 20, "large": 10}, tariff=None)
    monkeypatch.setattr("traffic.field.run.pricing_of", lambda _: lambda *_: 100)
    with pytest.raises(SystemExit) as exit_:
        call_command("simulate", "--field", "--url", live_server.url, "--lots", "central", "--cars", "2", "--seed", "2")
    assert exit_.value.code == 1
    assert "instead of 100" in capsys.readouterr().out


@pytest.mark.usefixtures("quick_lanes")
def test_field_refuses_cars_that_have_been_here(field: Callable[..., str]) -> None:
    make_drivable_lot("central", spots={"regular": 20, "large": 10})
    arguments = ("--cars", "2", "--lots", "central", "--seed", "2")
    field(*arguments)
    with pytest.raises(CommandError, match="Choose another seed"):
        field(*arguments)


def test_field_takes_no_options_of_an_ordinary_day(field: Callable[..., str]) -> None:
    with pytest.raises(CommandError, match="--field goes only with"):
        field("--misread", "0.1")
