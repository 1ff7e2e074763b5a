"""Recordings replayed against a real server over HTTP."""

import csv
import datetime as dt
import io
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.live_server_helper import LiveServer

from devices.models import Device
from gates.models import GateEvent
from lots.models import Lot, SpotCount
from tests.factories import make_device, make_gate, make_lot, make_tariff
from tests.invariants import broken
from tests.recordings import recording
from tickets.models import Ticket
from traffic.client import Server

pytestmark = pytest.mark.django_db(transaction=True)

UTC = dt.UTC


def replay(live_server: LiveServer, *arguments: object) -> str:
    out = io.StringIO()
    call_command("replay", *map(str, arguments), "--url", live_server.url, stdout=out)
    return out.getvalue()


def make_drivable_lot(slug: str, **fields) -> Lot:
    lot = make_lot(slug=slug, **fields)
    for direction in ("entry", "entry", "exit"):
        make_gate(lot, direction)
    return lot


def occupied(lot: Lot) -> int:
    return sum(SpotCount.objects.filter(lot=lot).values_list("occupied", flat=True))


def write_sessions(path: Path, stays: Sequence[tuple[dt.datetime, dt.datetime, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["arrival", "departure", "vehicle"])
        writer.writerows((entry.isoformat(), exit_.isoformat(), plate) for entry, exit_, plate in stays)
    return path


def draw_stays(cars: int) -> list[tuple[dt.datetime, dt.datetime, str]]:
    drawn = random.Random(7)
    start = dt.datetime(2026, 3, 2, 6, tzinfo=UTC)
    arrivals = sorted(start + dt.timedelta(seconds=drawn.randrange(86_400)) for _ in range(cars))
    return [(at, at + dt.timedelta(seconds=drawn.randrange(60, 40_000)), f"ZH {n}") for n, at in enumerate(arrivals)]


def test_replayed_stays_have_their_times_and_fees_and_leave_the_lot_empty(live_server, tmp_path, client):
    lot = make_drivable_lot("central", spots={"regular": 60}, levels=2)
    stays = draw_stays(50)
    printed = replay(live_server, write_sessions(tmp_path / "stays.csv", stays), "--lot", "central")

    assert "reconciles to the stay" in printed
    assert sorted(Ticket.objects.values_list("entry_at", "exit_at", "plate_normalised")) == sorted(
        (entry, exit_, plate.replace(" ", "")) for entry, exit_, plate in stays
    )
    assert_fees_equal_quotes(client, lot, sample=10)
    assert occupied(lot) == 0
    assert broken() == []
    events = GateEvent.objects.order_by("seq")
    assert [event.seq for event in events] == list(range(1, 101))
    assert all(event.offline and event.at == event.captured_at for event in events)
    assert not Device.objects.filter(revoked_at=None).exists()


def assert_fees_equal_quotes(client, lot: Lot, *, sample: int | None = None) -> None:
    tickets = list(Ticket.objects.filter(lot=lot, status="closed").select_related("charge__debt"))
    for ticket in tickets if sample is None else random.Random(1).sample(tickets, sample):
        body = {"entry": ticket.entry_at.isoformat(), "exit": ticket.exit_at.isoformat(), "spot_type": ticket.priced_as}
        quote = client.post(f"/api/v1/lots/{lot.slug}/quote", body, content_type="application/json").json()
        charge = ticket.charge
        assert (charge.due_amount if charge else 0) == quote["total"], ticket.number
        if charge and charge.due_amount:
            assert charge.debt.amount == quote["total"]


def test_replayed_counts_fill_several_lots_as_counted_and_name_what_made_no_sense(live_server, tmp_path):
    north = make_drivable_lot("north", spots={"regular": 20}, tracking="levels", timezone="Europe/London")
    south = make_drivable_lot("south", spots={"regular": 20}, timezone="Europe/London")
    path = tmp_path / "counts.csv"
    numbers = {"N": (5, -2, 12, 12, 99, 4), "S": (0, 18, 3, 7, 7, 9), "elsewhere": (1, 2, 3, 4, 5, 6)}
    rows = [f"{lot},20,{n},2016-10-04T{8 + h:02}:00:00" for lot, found in numbers.items() for h, n in enumerate(found)]
    path.write_text("\n".join(["lot,capacity,occupied,at", *rows, rows[0]]))

    printed = replay(live_server, path, "--map", "N=north", "S=south", "--seed", "3")

    assert "13 rows, skipped: 1 negative, 1 out of order, 1 over capacity" in printed
    assert "reconciles to the stay" in printed
    assert (occupied(north), occupied(south)) == (4, 9)
    assert broken() == []
    first = Ticket.objects.filter(lot=north).order_by("entry_at")
    assert all(dt.datetime(2016, 10, 4, 6, tzinfo=UTC) <= one.entry_at for one in first)
    assert first[4].entry_at <= dt.datetime(2016, 10, 4, 7, tzinfo=UTC) < first[5].entry_at


def test_cars_a_full_lot_had_no_spot_for_and_cars_that_come_twice_reconcile_too(live_server, tmp_path):
    make_drivable_lot("tiny", spots={"regular": 2})
    start = dt.datetime(2026, 3, 2, 6, tzinfo=UTC)
    hour = dt.timedelta(hours=1)
    stays = [(start, start + 9 * hour, "A1"), (start + hour, start + 4 * hour, "A1")]
    stays += [(start + 2 * hour, start + 3 * hour, f"B{n}") for n in range(4)]

    printed = replay(live_server, write_sessions(tmp_path / "stays.csv", stays), "--lot", "tiny")

    assert "reconciles to the stay" in printed
    assert "1 cars came while still inside" in printed
    assert "1 cars left without having come" in printed
    assert Counter(Ticket.objects.values_list("status", flat=True)) == {"closed": 5, "review": 1}
    assert broken() == []


def test_replay_drives_a_remote_server_with_keys_from_a_file(live_server, tmp_path):
    lot = make_lot(slug="central", spots={"regular": 20})
    keys = {"central": {way: {(gate := make_gate(lot, way)).code: make_device(gate)[1]} for way in ("entry", "exit")}}
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(keys))

    printed = replay(
        live_server, write_sessions(tmp_path / "stays.csv", draw_stays(6)), "--lot", "central", "--keys", file
    )

    assert "reconciles to the stay" in printed
    assert GateEvent.objects.count() == 12


def test_replay_takes_its_time_when_a_speed_is_given(live_server, tmp_path, monkeypatch):
    make_drivable_lot("central", spots={"regular": 20})
    slept = []
    monkeypatch.setattr("traffic.replay.sending.sleep", slept.append)
    start = dt.datetime(2026, 3, 2, 6, tzinfo=UTC)

    replay(
        live_server,
        write_sessions(tmp_path / "stays.csv", [(start, start + dt.timedelta(hours=1), "A1")]),
        "--lot",
        "central",
        "--speed",
        60,
    )

    assert slept == [pytest.approx(0, abs=0.1), pytest.approx(60, abs=5)]


def test_replay_exits_1_and_names_the_stays_that_differ(live_server, tmp_path, monkeypatch, capsys):
    make_drivable_lot("central", spots={"regular": 20})
    really_read = Server.read

    def late(self, lane, body):
        later = dt.datetime.fromisoformat(body["captured_at"]) + dt.timedelta(seconds=body["seq"] == 3)
        return really_read(self, lane, body | {"captured_at": later.isoformat()})

    monkeypatch.setattr(Server, "read", late)
    with pytest.raises(SystemExit) as exit_:
        call_command(
            "replay",
            str(write_sessions(tmp_path / "stays.csv", draw_stays(4))),
            "--lot",
            "central",
            "--url",
            live_server.url,
        )
    assert exit_.value.code == 1
    printed = capsys.readouterr().out
    assert "! in the file only: central ZH" in printed
    assert "! recorded only: central ZH" in printed
    assert "does not reconcile" in printed


def test_replay_gives_up_when_the_server_refuses_everything(live_server, tmp_path, monkeypatch):
    make_drivable_lot("central", spots={"regular": 20})
    monkeypatch.setattr("gates.reads.receive.known_device", lambda _: None)

    with pytest.raises(
        CommandError,
        match=r"^401 from POST /api/v1/gates/.*/reads: unknown device key \(\d+ reads failed, the rest was not sent\)",
    ):
        replay(live_server, write_sessions(tmp_path / "stays.csv", draw_stays(40)), "--lot", "central")
    assert not Device.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("stays.csv", "--lot", "nowhere"), "no lot nowhere"),
        (("stays.csv", "--lot", "gateless"), "needs an entry and an exit"),
        (("stays.csv", "--map", "A=gateless"), "no `lot` column"),
        (("stays.csv",), "required"),
        (("stays.csv", "--lot", "gateless", "--speed", "0"), "not between"),
        (("stays.csv", "--lot", "gateless", "--from", "today"), "no day"),
        (("stays.csv", "--lot", "gateless", "--from", "2030-01-01"), "has no cars"),
        (("nothing.csv", "--lot", "gateless"), "can't be opened"),
    ],
)
def test_replay_says_what_is_wrong(live_server, tmp_path, arguments, complaint):
    make_lot(slug="gateless")
    write_sessions(tmp_path / "stays.csv", draw_stays(3))

    with pytest.raises(CommandError, match=complaint):
        replay(live_server, tmp_path / arguments[0], *arguments[1:])
    assert not GateEvent.objects.exists()


BIRMINGHAM = {"BHMBCCPST01": 317, "BHMNCPPLS01": 450, "NIA North": 480}


def birmingham_lots(path: Path, sources: dict[str, int] | None = None) -> list[str]:
    """Make a lot for each car park, as large as the recording says, and return the map to them."""
    if sources is None:
        with path.open(encoding="utf-8") as file:
            sources = {row["lot"]: int(row["capacity"]) for row in csv.DictReader(file)}
    maps = []
    for number, (source, capacity) in enumerate(sources.items()):
        tracking = "levels" if number % 2 else "spots"
        spots = {"regular": capacity}
        # Who only counts cars knows no stays, so what these would cost says nothing: parking is free here.
        make_drivable_lot(f"b-{number}", spots=spots, timezone="Europe/London", tracking=tracking, tariff=None)
        maps.append(f"{source}=b-{number}")
    return maps


def sampled(path: Path, folder: Path, *, every: int) -> Path:
    """A recording of the three car parks in their first two weeks, every so many days of it."""
    kept = folder / "sampled.csv"
    with path.open(encoding="utf-8") as file, kept.open("w", newline="") as target:
        rows = csv.DictReader(file)
        writer = csv.DictWriter(target, rows.fieldnames or ())
        writer.writeheader()
        for row in rows:
            day = dt.date.fromisoformat(row["at"][:10])
            if row["lot"] in BIRMINGHAM and (day - dt.date(2016, 10, 4)).days % every == 0:
                writer.writerow(row)
    return kept


@pytest.mark.realdata
@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.proof)], ids=["sampled days", "every day"])
def test_three_birmingham_car_parks_replay_two_weeks(live_server, tmp_path, every):
    path = recording("occupancy_birmingham_2016.csv")
    maps = birmingham_lots(path, BIRMINGHAM)

    printed = replay(
        live_server,
        sampled(path, tmp_path, every=every),
        *("--map", *maps, "--from", "2016-10-04", "--to", "2016-10-17"),
    )

    if every == 1:
        assert "522 rows, skipped: 3 duplicate, 2 negative, 1 over capacity" in printed
    assert "reconciles to the stay" in printed
    last_counts = last_of(path, dt.date(2016, 10, 17 if every == 1 else 16))
    assert {source: occupied(lot) for source, lot in zip(BIRMINGHAM, Lot.objects.order_by("slug"), strict=True)} == (
        last_counts
    )
    assert broken() == []


def last_of(path: Path, day: dt.date) -> dict[str, int]:
    """The last count of each of the three car parks up to a day that makes sense."""
    found = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            sensible = 0 <= int(row["occupied"]) <= int(row["capacity"])
            if row["lot"] in BIRMINGHAM and row["at"][:10] <= day.isoformat() and sensible:
                found[row["lot"]] = int(row["occupied"])
    return found


@pytest.mark.realdata
def test_a_german_garage_reporting_nonsense_replays_what_makes_sense(live_server):
    path = recording("occupancy_german_garages_2026-05_2026-07.csv.gz")
    make_drivable_lot("ph-42", spots={"regular": 559}, timezone="Europe/Berlin", tracking="levels")
    source = "vtmanager-duesseldorf-parken-PH-42"

    printed = replay(
        live_server, path, "--map", f"{source}=ph-42", "--only", source, "--from", "2026-05-01", "--to", "2026-05-01"
    )

    assert "reconciles to the stay" in printed
    assert broken() == []


@pytest.mark.proof
@pytest.mark.realdata
def test_every_caltech_stay_replays_with_its_times_and_fee(live_server, client):
    path = recording("sessions_caltech_2019.csv")
    lot = make_drivable_lot("caltech", spots={"regular": 54}, timezone="America/Los_Angeles", tariff=None)
    make_tariff(lot, valid_from=dt.date(2019, 1, 1))

    printed = replay(live_server, path, "--lot", "caltech")

    assert "reads                               13408     13408" in printed
    assert "reconciles to the stay" in printed
    with path.open(encoding="utf-8") as file:
        filed = {(row["vehicle"], row["arrival"], row["departure"]) for row in csv.DictReader(file)}
    kept = Ticket.objects.values_list("plate_normalised", "entry_at", "exit_at")
    assert sorted(kept) == sorted(
        (plate, dt.datetime.fromisoformat(entry), dt.datetime.fromisoformat(exit_)) for plate, entry, exit_ in filed
    )
    assert_fees_equal_quotes(client, lot)
    assert occupied(lot) == 0
    assert broken() == []
