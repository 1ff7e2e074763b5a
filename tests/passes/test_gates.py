"""Cars with passes at gates and desks: what opens, what it costs, and what a pool holds."""

import datetime as dt
import uuid

import pytest

from billing.models import Debt
from gates.models import GateEvent
from gates.reads import ReadBody
from gates.services import correct_plate, let_in
from lots.calendar import zone_of
from passes.errors import PlateParkedError
from passes.models import PassUse
from passes.services import cancel_pass, remove_plate, suspend_pass, swap_plate
from tests.factories import make_lot, make_user
from tests.gates.lanes import Lane, Lanes, at
from tests.invariants import broken
from tests.passes.sold import granted, offered, pool, reloaded
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.queries import with_fee_parts

pytestmark = pytest.mark.django_db
TODAY = dt.datetime.now(dt.UTC).date()
LONG = {"valid_from": TODAY - dt.timedelta(days=20), "valid_until": TODAY + dt.timedelta(days=20)}


def now():
    return dt.datetime.now(dt.UTC)


def entered(lanes, plate="ZH 1", **fields):
    answer = lanes.entry.read(plate, **fields)
    return answer["action"], answer["reason"]


def test_pass_opens_and_covers_the_stay():
    lanes = Lanes()
    held = granted(offered(lanes.lot), "ZH 1", at=now(), **LONG)

    assert entered(lanes, offline=True, captured_at=at(-300)) == ("open", "pass")
    assert Ticket.objects.get().held_pass == held
    out = lanes.exit.read("ZH 1")
    assert (out["action"], out["reason"], out["ticket"]["status"]) == ("open", "pass", "closed")
    use = PassUse.objects.get()
    assert (use.entries, use.left_at is not None) == (1, True)
    assert broken() == []


def test_pass_is_found_by_a_plate_that_was_read_alike():
    lanes = Lanes()
    granted(offered(lanes.lot), "ZH 180", at=now(), **LONG)

    assert entered(lanes, "ZH I8O") == ("open", "pass")


@pytest.mark.parametrize("fields", [{"days": ("holiday",)}, {"spot_types": ("motorcycle",)}])
def test_outside_its_days_and_types_a_pass_is_none(fields):
    lanes = Lanes()
    granted(offered(lanes.lot, **fields), "ZH 1", at=now(), **LONG)

    assert entered(lanes) == ("open", "ok")


def test_pass_of_another_lot_or_operator_opens_nothing():
    lanes, others = Lanes(), make_lot()
    granted(offered(make_lot(lanes.lot.operator)), "ZH 1", at=now(), **LONG)
    granted(offered(others), "ZH 1", at=now(), **LONG)

    assert entered(lanes) == ("open", "ok")


def test_part_that_is_not_covered_is_priced_at_the_lane():
    lanes = Lanes()
    start = now().replace(second=0, microsecond=0)
    zone = zone_of(lanes.lot)
    local = start.astimezone(zone)
    closes = (local + dt.timedelta(hours=1)).hour * 60 + local.minute
    opens = (local - dt.timedelta(hours=1)).hour * 60 + local.minute
    granted(offered(lanes.lot, opens_minute=opens, closes_minute=closes), "ZH 1", at=now(), **LONG)
    assert entered(lanes) == ("open", "pass")

    asked = lanes.exit.read("ZH 1", minute=179)
    assert (asked["action"], asked["fee"]["amount"]) == ("pay", 600)
    [line] = asked["fee"]["lines"]
    assert (
        dt.datetime.fromisoformat(line["from"]).astimezone(zone).strftime("%H:%M")
        == f"{closes // 60:02}:{closes % 60:02}"
    )


def test_pool_that_is_full_pays_or_is_refused():
    lanes = Lanes()
    pool(lanes.lot, 1, "ZH 1", "ZH 2", **LONG)

    assert entered(lanes, "ZH 1") == ("open", "pass")
    assert entered(lanes, "ZH 2") == ("open", "ok")
    lanes = Lanes()
    pool(lanes.lot, 1, "ZH 1", "ZH 2", terms={"pool_full": "deny"}, **LONG)
    entered(lanes, "ZH 1")
    answer = lanes.entry.read("ZH 2")
    assert (answer["action"], answer["reason"], answer["message"]) == (
        "deny",
        "pool_full",
        "All spaces of your pass are taken.",
    )
    lanes.exit.read("ZH 1", minute=5)
    assert entered(lanes, "ZH 2", minute=6) == ("open", "pass")


def test_own_pass_comes_before_the_companys():
    lanes = Lanes()
    pool(lanes.lot, 1, "ZH 1", **LONG)
    own = granted(offered(lanes.lot), "ZH 1", at=now(), **LONG)

    entered(lanes)
    assert Ticket.objects.get().held_pass == own


def test_offline_beyond_the_pool_is_flagged_and_not_charged():
    lanes = Lanes()
    pool(lanes.lot, 1, "ZH 1", "ZH 2", **LONG)
    entered(lanes, "ZH 1")

    assert entered(lanes, "ZH 2", offline=True, captured_at=at(-30)) == ("open", "pass")
    assert "pool_full" in GateEvent.objects.get(plate="ZH 2").flags
    lanes.exit.read("ZH 2", offline=True, captured_at=at(-5))
    assert Debt.objects.count() == 0
    assert broken() == []


def test_attendant_lets_a_car_in_on_its_pass_and_beyond_the_pool_as_a_walk_in():
    lanes = Lanes()
    pool(lanes.lot, 1, "ZH 1", "ZH 2", **LONG)
    by = make_user("attendant", lanes.lot.operator)
    reasons = [
        let_in(
            gate=lanes.entry.gate, body=ReadBody(event_id=uuid.uuid4(), plate=plate), by=by, note="asked", at=now()
        ).reason
        for plate in ("ZH 1", "ZH 2")
    ]

    assert reasons == ["pass", "ok"]


def test_entries_are_used_by_the_entry_and_given_back_when_it_is_undone():
    lot = make_lot()
    lane = Lane(lot, "entry", confirms_passage=True)
    held = granted(offered(lot, kind="entries", entries=1, most_plates=2), "ZH 1", "ZH 2", at=now(), **LONG)

    opening = lane.read("ZH 1")
    assert (opening["reason"], reloaded(held).entries_left) == ("pass", 0)
    assert lane.read("ZH 2", minute=1)["reason"] == "ok"
    body = {"event_id": str(uuid.uuid4()), "of_event": opening["event_id"], "outcome": "backed_out", "at": at(0)}
    lane.send(body, f"/api/v1/gates/{lane.gate.code}/passages")
    assert reloaded(held).entries_left == 1
    assert PassUse.objects.get().given_back
    assert lane.read("ZH 1", minute=3)["reason"] == "pass"
    assert broken() == []


def test_each_local_day_of_a_stay_takes_an_entry_as_far_as_there_are_any():
    lanes = Lanes()
    held = granted(offered(lanes.lot, kind="entries", entries=3, per_day=True), "ZH 1", at=now(), **LONG)
    entered(lanes, offline=True, captured_at=at(-60 * 24 * 4))

    ticket = with_fee_parts().get()
    assert fee_of(ticket, ticket.entry_at + dt.timedelta(days=1)).total == 0
    assert fee_of(ticket, ticket.entry_at + dt.timedelta(days=4)).total > 0
    lanes.exit.read("ZH 1", offline=True, captured_at=at(-60 * 24 * 3))
    assert (reloaded(held).entries_left, PassUse.objects.get().entries) == (1, 2)
    assert broken() == []


def test_plate_is_not_changed_while_its_car_is_inside():
    lanes = Lanes()
    held = granted(offered(lanes.lot, most_plates=2), "ZH 1", "ZH 2", at=now(), **LONG)
    entered(lanes)

    with pytest.raises(PlateParkedError):
        swap_plate(held_pass=held, old="ZH 1", new="ZH 3", by=held.holder, at=now())
    with pytest.raises(PlateParkedError):
        remove_plate(held_pass=held, plate="ZH 1", by=held.holder, at=now())
    swap_plate(held_pass=held, old="ZH 2", new="ZH 3", by=held.holder, at=now())
    lanes.exit.read("ZH 1", minute=5)
    swap_plate(held_pass=held, old="ZH 1", new="ZH 4", by=held.holder, at=now())
    assert entered(lanes, "ZH 4", minute=6) == ("open", "pass")
    assert entered(lanes, "ZH 1", minute=40) == ("open", "ok")


@pytest.mark.parametrize("stop", [suspend_pass, cancel_pass])
def test_car_inside_pays_from_when_its_pass_is_stopped(stop):
    lanes = Lanes()
    held = granted(offered(lanes.lot), "ZH 1", at=now(), **LONG)
    entered(lanes, offline=True, captured_at=at(-180))

    stop(held_pass=held, by=held.holder, why="", at=now() - dt.timedelta(minutes=61))
    ticket = with_fee_parts().get()
    assert fee_of(ticket, now()).total == 600
    assert entered(Lanes(), "ZH 1") == ("open", "ok")


def test_missed_exit_gives_its_space_back():
    lanes = Lanes()
    held = pool(lanes.lot, 1, "ZH 1", **LONG)
    entered(lanes, offline=True, captured_at=at(-600))

    assert entered(lanes) == ("open", "reentry")
    assert [one.held_pass for one in Ticket.objects.all()] == [held, held]
    assert PassUse.objects.filter(left_at=None).count() == 1
    assert broken() == []


def test_car_cannot_be_at_two_lots_of_a_pass_at_once():
    lanes = Lanes()
    other = Lane(make_lot(lanes.lot.operator), "entry")
    pool(lanes.lot, 5, "ZH 1", lots=(lanes.lot, other.gate.lot), **LONG)
    entered(lanes)

    assert other.read("ZH 1")["reason"] == "passback"
    later = other.read("ZH 1", minute=10)
    assert later["reason"] == "pass"
    assert "passback" in GateEvent.objects.get(gate=other.gate, action="open").flags


def test_corrected_plate_gets_its_pass_and_gives_that_of_another_back():
    lanes = Lanes()
    mine = granted(offered(lanes.lot, kind="entries", entries=5), "ZH 1", at=now(), **LONG)
    entered(lanes, "BE 9")
    ticket, by = Ticket.objects.get(), make_user("attendant", lanes.lot.operator)

    correct_plate(ticket=ticket, plate="ZH 1", by=by, at=now(), key=uuid.uuid4())
    assert (Ticket.objects.get().held_pass, reloaded(mine).entries_left) == (mine, 4)
    correct_plate(ticket=ticket, plate="BE 9", by=by, at=now(), key=uuid.uuid4())
    assert (Ticket.objects.get().held_pass, reloaded(mine).entries_left) == (None, 5)
    assert broken() == []


def test_late_record_of_an_entry_has_its_pass():
    lanes = Lanes()
    granted(offered(lanes.lot), "ZH 1", at=now(), **LONG)
    lanes.exit.read("ZH 1", offline=True, captured_at=at(-60))

    entered(lanes, offline=True, captured_at=at(-300))
    assert (Ticket.objects.get().status, Debt.objects.count()) == ("closed", 0)
    assert Ticket.objects.get().closed_reason == "pass"
