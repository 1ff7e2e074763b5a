"""The dirty field against a real server over HTTP."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from pytest_django.live_server_helper import LiveServer

from devices.models import Device
from gates.models import GateEvent
from lots.models import Lot
from tickets.models import Ticket
from traffic.field.scenario import Ploy
from verification import INVARIANTS, prove

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quick_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lanes wait seconds where the rules let them wait minutes."""
    monkeypatch.setattr("gates.decision.repeats.UNANSWERED_LIMIT", 8)
    for module in ("gates.reads.load", "gates.services.passages"):
        monkeypatch.setattr(f"{module}.SILENCE", dt.timedelta(seconds=12))
    monkeypatch.setattr("traffic.field.site.SETTINGS", {"dedupe_seconds": 5, "passing_seconds": 5})


def field(live_server: LiveServer, *arguments: str) -> str:
    out = io.StringIO()
    call_command("simulate", "--field", "--url", live_server.url, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("quick_lanes")
def test_field_reconciles_to_the_car_and_keeps_every_invariant(live_server: LiveServer) -> None:
    printed = field(live_server, "--cars", "60", "--seed", "4")
    print(printed)
    assert "charged too much 0, refused 0, trapped 0" in printed
    assert "reconciles to the car" in printed
