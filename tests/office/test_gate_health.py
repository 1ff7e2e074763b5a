"""How gates are: the dot, the sentence and the figures of the list."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from analytics.gate_health import health_of
from gates.models import GateEvent
from tests.entrance.sessions import client_of
from tests.factories import make_device, make_gate, make_lot, make_ticket, make_user
from tickets.models import PlateCorrection

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


class WatchedGate:
    """A gate with a camera."""

    def __init__(self, **gate):
        self.lot = make_lot()
        self.at = now()
        self.gate = make_gate(self.lot, "entry", "in-1", **gate)
        self.device, _key = make_device(self.gate)

    def hear(self, ago, count=1, **fields):
        """Record events of this gate, `ago` minutes before now."""
        at = self.at - ago * MINUTE
        facts = {"kind": "read", "action": "open", "reason": "ok", "answer": {}, "body_hash": b"", "confidence": 0.9}
        facts |= {"captured_at": at, "at": at, "received_at": at}
        GateEvent.objects.bulk_create(
            GateEvent(lot=self.lot, gate=self.gate, device=self.device, event_id=uuid.uuid4(), **facts | fields)
            for _ in range(count)
        )

    def health(self, **known):
        asked = {"without_key": set(), "at": self.at} | known
        return health_of([self.gate], **asked)[self.gate.pk]


@pytest.fixture
def station():
    return WatchedGate()


def test_gate_that_reads_as_usual_is_well(station):
    station.hear(24 * 60, 40)
    station.hear(5, 25)

    health = station.health()

    assert (health.tone, health.said) == ("ok", "Works as usual.")
    assert (health.figures.this_hour, health.usual_reads, health.sure_percent) == (25, 20, 90)


def test_silent_gate_says_what_to_do(station):
    station.hear(24 * 60, 40)
    station.hear(90)

    health = station.health()

    assert health.tone == "stop"
    assert health.said.replace("\xa0", " ").startswith("Silent for 1 h 30 min. Check its power")


def test_quiet_gate_that_is_seldom_used_is_well(station):
    station.hear(24 * 60, 2)
    station.hear(90)

    assert station.health().tone == "ok"


@pytest.mark.parametrize(
    ("change", "tone", "said"),
    [
        ({"is_closed": True}, "", "Out of service."),
        ({"skew_seconds": 600}, "warn", "Its clock is 10 min ahead."),
        ({"skew_seconds": -600}, "warn", "Its clock is 10 min behind."),
        ({"kind": "passage", "action": "fault"}, "warn", "1 fault of its barrier in 24 hours."),
        ({"flags": ["low_confidence"]}, "warn", "10 % of its plates are read unsurely."),
    ],
)
def test_first_thing_that_is_wrong_is_said(change, tone, said):
    closed = change.pop("is_closed", False)
    station = WatchedGate(is_closed=closed)
    flagged = "flags" in change
    station.hear(20, 27 if flagged else 30)
    if change:
        station.hear(5, 3 if flagged else 1, **change)

    health = station.health()

    assert (health.tone, health.said.replace("\xa0", " ")[: len(said)]) == (tone, said)


def test_clock_that_was_set_again_is_no_matter(station):
    station.hear(30, skew_seconds=600)
    station.hear(5)

    assert station.health().tone == "ok"


def test_gate_without_a_key_and_one_that_never_spoke_are_told_apart(station):
    assert station.health(without_key={station.gate.pk}).said.startswith("No device has a key.")
    assert station.health().said.startswith("Nothing has arrived yet.")


def test_plates_that_people_corrected_count_at_the_entry(station):
    ticket = make_ticket(station.lot, "ZH 1")
    station.hear(20, 28)
    station.hear(10, 2, ticket=ticket)
    for person in (make_user(), None):
        PlateCorrection.objects.create(ticket=ticket, to_plate="ZH 2", at=station.at, by=person)

    assert (station.health().figures.corrected, station.health().corrected_percent) == (1, 3)
    other = make_ticket(station.lot, "ZH 3")
    station.hear(10, ticket=other)
    PlateCorrection.objects.create(ticket=other, to_plate="ZH 4", at=station.at, by=make_user())

    assert station.health().said == "People corrected 6 % of its plates. Clean and aim the camera."


def test_list_takes_as_many_statements_for_many_gates_as_for_one(station):
    client = client_of(make_user("admin", station.lot.operator))
    station.hear(5)

    def statements():
        with CaptureQueriesContext(connection) as caught:
            page = client.get("/manage/gates/").content.decode()
        return len(caught), page

    few, page = statements()
    assert "Works as usual." in page
    for _ in range(30):
        make_device(make_gate(station.lot))
    many, page = statements()

    assert many == few
    assert page.count("Nothing has arrived yet.") >= 20
    assert "Works as usual." in client.get("/manage/gates/in-1/").content.decode()
