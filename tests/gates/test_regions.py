"""Two cars with the same plate of two regions: the pure decision and the reads of a lot that tells them apart."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.blocklist import BlockTerms, block_plate
from accounts.models import BlockedPlate
from billing.models import Debt
from common.regions import regions_meet
from gates.decision import (
    Action,
    CloseTicket,
    Concern,
    Context,
    CorrectPlate,
    Due,
    Lane,
    LotPolicy,
    OpenStay,
    OpenTicket,
    PlateRead,
    Reading,
    Reason,
    ReviewTicket,
    decide,
)
from gates.models import GateEvent
from lots.compatibility import SpotType
from lots.gate_rules import Direction
from lots.services import update_lot
from tests.factories import make_ticket, make_user
from tests.gates.decision_cases import NOW
from tests.gates.lanes import Lanes, at
from tickets.models import Ticket, TicketStatus
from tickets.services import PlatesAlikeError, TicketStateError, return_from_review
from verification.stay_invariants import ONE_OPEN_TICKET_PER_PLATE, PLATES_TOLD_AS_THE_LOT_DOES

PLATE = "ZH123456"
BY_REGION = LotPolicy(plates_by_region=True)
ENTRY = Context(
    lane=Lane(code="here", direction=Direction.ENTRY), now=NOW, policy=BY_REGION, free={SpotType.REGULAR: 50}
)
EXIT = replace(ENTRY, lane=Lane(code="out", direction=Direction.EXIT), due=Due(why_free=Reason.GRACE))


def stay(key: int, region: str | None, **fields: object) -> OpenStay:
    known = {"number": f"N{key}", "plate": PLATE, "entered_at": NOW - timedelta(hours=2), "entry_gate": "other"}
    return OpenStay(**{"ticket_id": key, "region": region, "others_since": True} | known | fields)


def read(region: str | None, **fields: object) -> PlateRead:
    return PlateRead(plate=PLATE, region=region, **fields)


def reading(region: str | None, **fields: object) -> Reading:
    earlier = {"event": 7, "at": NOW - timedelta(seconds=3), "action": Action.OPEN, "reason": Reason.OK, "ticket_id": 1}
    return Reading(**earlier | {"plate": PLATE, "region": region} | fields)


# --- the decision


@pytest.mark.parametrize("context", [ENTRY, EXIT])
def test_known_other_region_is_flagged_where_the_plate_alone_tells_the_car(context):
    plain = replace(context, policy=LotPolicy(), stays=(stay(1, "CH"),))

    assert Concern.REGION_MISMATCH in decide(read("DE"), plain).concerns
    assert Concern.REGION_MISMATCH not in decide(read("CH-ZH"), plain).concerns
    assert Concern.REGION_MISMATCH not in decide(read(None), plain).concerns


def test_repeated_reading_from_elsewhere_is_flagged_where_the_plate_alone_tells_the_car():
    decision = decide(read("DE"), replace(ENTRY, policy=LotPolicy(), readings=(reading("CH"),)))

    assert (decision.repeats, decision.concerns) == (7, (Concern.REGION_MISMATCH,))


def test_readings_from_two_regions_are_two_cars_even_by_the_cameras_own_name():
    context = replace(ENTRY, readings=(reading("CH", vehicle_ref="a"),))

    assert decide(read("DE", vehicle_ref="a"), context).repeats is None
    assert decide(read("CH-ZH", vehicle_ref="a"), context).repeats == 7


def test_first_reading_with_a_region_gives_it_to_the_stay():
    decision = decide(read("CH"), replace(ENTRY, readings=(reading(None),)))

    assert (decision.repeats, decision.effects) == (7, (CorrectPlate(1, PLATE, "CH"),))


def test_car_that_still_stands_in_its_lane_is_no_other_for_want_of_a_region():
    here = stay(2, "DE", entry_gate="here", entered_at=NOW - timedelta(minutes=2), others_since=False, entry_event=5)
    decision = decide(read(None), replace(ENTRY, stays=(stay(1, "CH"), here)))

    assert (decision.action, decision.ticket_id, decision.repeats) == (Action.OPEN, 2, 5)


def test_entry_of_one_of_several_suggests_them_to_a_person():
    decision = decide(read(None), replace(ENTRY, stays=(stay(1, "CH"), stay(2, "DE"))))

    assert (decision.action, decision.reason, decision.suggestions) == (Action.ATTEND, Reason.AMBIGUOUS, (1, 2))


def test_record_of_one_of_several_opens_a_numbered_stay_and_is_listed():
    decision = decide(read(None, offline=True), replace(ENTRY, stays=(stay(1, "CH"), stay(2, "DE"))))

    assert [effect.plate for effect in decision.effects if isinstance(effect, OpenTicket)] == [None]
    assert Concern.LOW_CONFIDENCE in decision.concerns


def test_exit_from_elsewhere_suggests_the_car_with_the_same_plate():
    decision = decide(read("DE"), replace(EXIT, stays=(stay(1, "CH"),)))

    assert (decision.action, decision.reason, decision.suggestions) == (Action.ATTEND, Reason.AMBIGUOUS, (1,))


def test_own_ticket_is_not_outranked_by_the_same_plate_from_elsewhere():
    context = replace(EXIT, stays=(stay(1, "CH"), stay(2, "DE")), plate_owes=500)

    assert decide(read(None, ticket="N1"), context).ticket_id == 1
    assert decide(read("DE", ticket="N1"), context).suggestions == (2, 1)


REGIONS = st.sampled_from([None, "CH", "CH-ZH", "CH-BE", "DE"])
STEPS = st.lists(st.tuples(st.booleans(), REGIONS), max_size=12)


@given(STEPS)
def test_no_order_of_reads_makes_two_stays_that_meet(steps):
    inside = play(steps)

    assert not any(
        regions_meet(one.region, other.region) for one in inside for other in inside if one.ticket_id < other.ticket_id
    )


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["CH", "DE"])), max_size=12))
def test_cars_of_two_regions_never_touch_each_other(steps):
    together = {one.region for one in play(steps)}
    apart = {region for region in ("CH", "DE") if play([step for step in steps if step[1] == region])}

    assert together == apart


def play(steps: list[tuple[bool, str | None]]) -> list[OpenStay]:
    """Decide about reads of one plate an hour apart, (enters, region) each, and return who is inside then."""
    inside: list[OpenStay] = []
    for key, (enters, region) in enumerate(steps, 1):
        now = NOW + timedelta(hours=key)
        decision = decide(read(region), replace(ENTRY if enters else EXIT, now=now, stays=tuple(inside)))
        for effect in decision.effects:
            match effect:
                case ReviewTicket(ticket_id) | CloseTicket(ticket_id):
                    inside = [one for one in inside if one.ticket_id != ticket_id]
                case OpenTicket():
                    inside.append(stay(key, region, entered_at=now, entry_gate="here"))
    return inside


# --- reads


@pytest.fixture
def lanes(db):
    return Lanes(plates_by_region=True)


def inside() -> list[tuple[str, str]]:
    return list(Ticket.objects.open().order_by("pk").values_list("region", "status"))


def broken() -> list[str]:
    with connection.cursor() as cursor:
        found = []
        for invariant in (ONE_OPEN_TICKET_PER_PLATE, PLATES_TOLD_AS_THE_LOT_DOES):
            cursor.execute(invariant.query)
            found += [row[0] for row in cursor.fetchall()]
    return found


def test_two_cars_with_one_plate_come_and_go_by_themselves(lanes):
    first = lanes.entry.read(region="CH", minute=-9)
    second = lanes.entry.read(region="DE", minute=-8.9)

    assert (first["reason"], second["reason"]) == ("ok", "ok")
    assert inside() == [("CH", "active"), ("DE", "active")]
    assert lanes.exit.read(minute=-3)["reason"] == "ambiguous"
    left = lanes.exit.read(region="CH-ZH", minute=-2)
    assert (left["action"], left["ticket"]["number"]) == ("open", first["ticket"]["number"])
    assert inside() == [("DE", "active")]
    assert not broken()


def test_exit_of_another_car_takes_no_grace(lanes):
    for region in ("CH", "DE"):
        lanes.entry.read(region=region, minute=-9)
    lanes.exit.read(region="CH", minute=-5)

    lanes.entry.read("zh 123456", region="FR", minute=-3)
    lanes.entry.read("zh 123456", region="ch", minute=-2)

    assert list(Ticket.objects.open().order_by("pk").values_list("region", "no_grace")) == [
        ("DE", False),
        ("FR", False),
        ("ch", True),
    ]


def test_third_reading_without_a_region_waits_for_a_person(lanes):
    for region in ("CH", "DE"):
        lanes.entry.read(region=region, minute=-60)

    answer = lanes.entry.read(minute=0)

    assert (answer["action"], answer["reason"]) == ("attend", "ambiguous")
    assert inside() == [("CH", "active"), ("DE", "active")]


def test_better_reading_brings_its_region(lanes):
    lanes.entry.read("ZH 12345", confidence=0.6, minute=-0.1)
    lanes.entry.read("ZH 123456", confidence=0.9, region="CH", minute=0)

    assert Ticket.objects.values_list("plate_normalised", "region", "plate_region").get() == ("ZH123456", "CH", "CH")


def test_region_of_a_car_is_kept_but_tells_nothing_where_the_lot_does_not_ask(db):
    lanes = Lanes()
    lanes.entry.read(region="CH", minute=-60)
    lanes.entry.read(region="DE", minute=-30)

    assert Ticket.objects.filter(status=TicketStatus.REVIEW).values_list("region", "plate_region").get() == ("CH", "")
    assert inside() == [("DE", "active")]
    assert GateEvent.objects.order_by("-pk").first().flags == ["missed_exit", "region_mismatch"]


def test_block_with_a_region_stops_the_cars_that_meet_it(lanes):
    block_plate(
        operator=lanes.lot.operator, plate="ZH 123456", region="ch", terms=BlockTerms("x"), today=NOW.date(), at=NOW
    )

    assert lanes.entry.read(region="CH-ZH", minute=-5)["reason"] == "blocked"
    assert lanes.entry.read(minute=-4)["reason"] == "blocked"
    assert lanes.entry.read(region="DE", minute=-3)["reason"] == "ok"


def test_debts_block_the_region_that_owes(lanes):
    for turn, region in enumerate(["CH", "DE", "CH-ZH", "", "CH-ZH"]):
        number = f"PS-{turn}"
        make_ticket(lanes.lot, number=number, region=region, plate_region=region)
        lanes.exit.read(region=region or None, ticket_number=number, offline=True, captured_at=at(turn - 10))

    assert list(Debt.objects.order_by("pk").values_list("region", flat=True)) == ["CH", "DE", "CH-ZH", "", "CH-ZH"]
    assert list(BlockedPlate.objects.values_list("plate_normalised", "region")) == [(PLATE, "CH-ZH")]


def test_late_record_is_of_the_car_from_its_region(lanes):
    lanes.entry.read(region="CH", offline=True, captured_at=at(-60))
    lanes.entry.read(region="DE", offline=True, captured_at=at(-50))
    lanes.exit.read(region="DE", offline=True, captured_at=at(-30))

    lanes.exit.read(region="CH", offline=True, captured_at=at(-40))

    gone = Ticket.objects.order_by("entry_at").values_list("region", "status")
    assert list(gone) == [("CH", "closed"), ("DE", "closed")]
    ends = list(Ticket.objects.order_by("entry_at").values_list("exit_at", flat=True))
    assert ends[0] < ends[1]


def test_records_of_two_regions_end_the_same_in_any_order(lanes):
    passages = [(lanes.entry, "CH", -60), (lanes.entry, "DE", -55), (lanes.exit, "CH", -40), (lanes.exit, "DE", -30)]
    for lane, region, minute in reversed(passages):
        lane.read(region=region, offline=True, captured_at=at(minute), event_id=str(uuid.uuid4()))

    stays = Ticket.objects.exclude(status=TicketStatus.VOID).order_by("entry_at")
    assert list(stays.values_list("region", "status")) == [("CH", "closed"), ("DE", "closed")]


# --- the lot's switch


def test_switch_tells_the_cars_inside_by_their_region(db):
    lanes = Lanes()
    lanes.entry.read(region="CH", minute=-60)

    update_lot(lot=lanes.lot, values={"plates_by_region": True})

    lanes.entry.read(region="DE", minute=-30)
    lanes.entry.read(region="CH", minute=-20)
    assert inside() == [("DE", "active"), ("CH", "active")]
    assert not broken()


def test_switch_back_is_refused_while_two_cars_would_be_one(lanes):
    numbers = [lanes.entry.read(region=region, minute=-9)["ticket"]["number"] for region in ("CH", "DE")]

    with pytest.raises(PlatesAlikeError) as refused:
        update_lot(lot=lanes.lot, values={"plates_by_region": False})

    assert all(number in refused.value.message for number in numbers)
    lanes.lot.refresh_from_db()
    assert lanes.lot.plates_by_region

    lanes.exit.read(region="DE", minute=-1)
    update_lot(lot=lanes.lot, values={"plates_by_region": False})
    assert not broken()


def test_stay_returns_from_review_only_beside_cars_that_it_does_not_meet(lanes):
    aside = [
        make_ticket(lanes.lot, region=region, status=TicketStatus.REVIEW, changed_why="x") for region in ("CH", "FR")
    ]
    lanes.entry.read(region="CH-ZH", minute=-5)
    by = make_user("admin", lanes.lot.operator)

    with pytest.raises(TicketStateError):
        return_from_review(ticket=aside[0], at=NOW, why="there", by=by)
    return_from_review(ticket=aside[1], at=NOW, why="there", by=by)

    assert inside() == [("FR", "active"), ("CH-ZH", "active")]
    assert not broken()


def test_cars_inside_are_found_by_an_index_on_the_plate(lanes):
    lot = lanes.entry.gate.lot
    for number in range(30):  # with fewer, any index will do
        make_ticket(lot, f"ZH {number}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_ticket")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM tickets_ticket WHERE lot_id = %s AND plate_normalised = 'ZH1'"
            " AND status IN ('entering', 'active', 'paid')",
            [lot.pk],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert re.search(r"Index Cond: .*plate_normalised\)::text = 'ZH1'", plan), plan
