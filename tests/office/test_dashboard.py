"""The operator's home: what it says, to whom, and at what cost."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from analytics.attention import attention_of
from analytics.figures import figures_of, occupancy_of, revenue_of
from analytics.scope import Scope, scope_of
from billing.models import Payment
from billing.services import record_debt
from gates.feed import recent_activities
from gates.models import GateEvent
from notifications.models import Message
from tests.entrance.sessions import client_of
from tests.factories import (
    make_charge,
    make_device,
    make_gate,
    make_lot,
    make_operator,
    make_tariff,
    make_ticket,
    make_user,
)

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
NOON = dt.datetime(2026, 3, 6, 11, tzinfo=dt.UTC)  # a Friday, 12:00 in Zürich


def make_event(gate, at, *, device=None, action="open", reason="ok", **fields):
    defaults = {"body_hash": b"", "event_id": uuid.uuid4(), "answer": {}}
    times = {"captured_at": at, "at": at, "received_at": at}
    device = device or gate.devices.first() or make_device(gate)[0]
    return GateEvent.objects.create(
        lot=gate.lot, gate=gate, device=device, action=action, reason=reason, **defaults | times | fields
    )


def pay(lot, amount, at, **charge):
    Payment.objects.create(
        charge=make_charge(lot, amount, at=at, **charge),
        method="cash",
        state="captured",
        amount=amount,
        captured_amount=amount,
        idempotency_key=str(uuid.uuid4()),
        created_at=at,
        finished_at=at,
    )


def found(*lots, at=NOON):
    return [
        (finding.kind, finding.text)
        for finding in attention_of(Scope(lots, operators=frozenset(lot.operator_id for lot in lots)), at)
    ]


PAGES = [
    "",
    "attention/",
    "events/",
    "exceptions/?flag=no_spot",
    "reviews/",
    "stays/",
    "stays/?q=ZH&status=review&from=2026-01-01&to=2026-12-31",
    "people/",
    "blocked/",
    "permits/",
    "debts/",
    "debts/?q=zh",
    "messages/",
]


@pytest.mark.parametrize("path", PAGES)
def test_page_is_the_admins_alone(path):
    operator = make_operator()
    make_ticket(make_lot(operator), status="review")
    path = f"/manage/{path}"
    admin = client_of(make_user("admin", operator))

    assert admin.get(path).status_code == 200
    assert client_of(make_user("attendant", operator)).get(path).status_code == 403
    assert client_of(make_user()).get(path).status_code == 403
    assert Client().get(path)["Location"].startswith("/accounts/login/")
    assert admin.delete(path).status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_page_shows_nothing_of_another_operator(path):
    foreign = make_lot(name="Foreign Garage")
    gate = make_gate(foreign, name="Foreign Gate")
    ticket = make_ticket(foreign, "FOREIGN 1", status="review")
    make_event(gate, now(), plate="FOREIGN 1", flags=["no_spot"], ticket=ticket)
    record_debt(charge=make_charge(foreign), plate="FOREIGN 2", reason="r", at=now())
    make_user("admin", foreign.operator, email="foreign@example.com")
    Message.objects.create(
        key="k", operator=foreign.operator, recipient="foreign@example.com", template="receipt", state="parked",
        error="e", created_at=now(), next_attempt_at=now(),
    )  # fmt: skip

    page = client_of(make_user("admin", make_lot().operator)).get(f"/manage/{path}")

    assert "foreign" not in page.content.decode().lower()


def test_lot_of_another_operator_does_not_exist():
    make_lot(slug="foreign")

    assert client_of(make_user("admin")).get("/manage/?lot=foreign").status_code == 404


def test_admin_of_two_operators_sees_both():
    first, second = make_lot(), make_lot()
    admin = make_user("admin", first.operator)
    admin.memberships.create(operator=second.operator, role="admin")
    admin.memberships.create(operator=make_lot().operator, role="attendant")

    assert {lot.pk for lot in scope_of(admin).lots} == {first.pk, second.pk}


def test_home_without_a_lot_says_what_to_do():
    page = client_of(make_user("admin")).get("/manage/")

    assert "You have no lots yet" in page.content.decode()


def test_live_part_is_sent_once_until_something_happens():
    lot = make_lot()
    client = client_of(make_user("admin", lot.operator))
    htmx = {"HX-Request": "true"}

    part = client.get("/manage/", headers=htmx)
    assert "<html" not in part.content.decode()
    assert client.get("/manage/", headers=htmx | {"If-None-Match": part["ETag"]}).status_code == 304

    make_event(make_gate(lot), now(), plate="ZH 777", plate_normalised="ZH777")
    again = client.get("/manage/", headers=htmx | {"If-None-Match": part["ETag"]})
    assert again.status_code == 200
    assert "ZH 777" in again.content.decode()


def test_attention_part_is_sent_once_until_something_happens():
    lot = make_lot()
    client = client_of(make_user("admin", lot.operator))
    htmx = {"HX-Request": "true"}

    part = client.get("/manage/attention/", headers=htmx)
    assert client.get("/manage/attention/", headers=htmx | {"If-None-Match": part["ETag"]}).status_code == 304

    make_ticket(lot, status="review")
    again = client.get("/manage/attention/", headers=htmx | {"If-None-Match": part["ETag"]})
    assert "1 stay in review" in again.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_queries_do_not_grow_with_rows(path):
    operator = make_operator()
    client = client_of(make_user("admin", operator))

    def fill(times):
        for _ in range(times):
            lot = make_lot(operator, spots={"regular": 3, "ev": 1})
            gate = make_gate(lot)
            for number in range(2):
                plate = f"ZH {lot.pk}{number}"
                ticket = make_ticket(lot, plate, charge=make_charge(lot))
                make_ticket(lot, plate, status="review")
                make_event(gate, now(), plate=plate, flags=["no_spot"], ticket=ticket)
                record_debt(charge=make_charge(lot), plate=plate, reason="r", at=now())
                pay(lot, 300, now())
            make_user("attendant", operator)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/manage/{path}").status_code == 200
        return len(captured)

    fill(2)  # an only lot has its checklist, too
    few = queries()
    fill(3)

    assert queries() == few
    assert few <= 15


def test_occupancy_adds_up_by_lot_level_and_type():
    operator = make_operator()
    tower = make_lot(operator, name="Tower", levels=2, spots={"regular": 3, "ev": 1})
    field = make_lot(operator, name="Field", tracking="levels", spots={"regular": 10})
    make_ticket(tower, "ZH 1")
    make_ticket(field, "ZH 2")

    both, one = occupancy_of(Scope((field, tower))), occupancy_of(Scope((field, tower), tower))

    assert (both.whole.total, both.whole.occupied, both.whole.free) == (18, 2, 16)
    assert [(row.label, row.total, row.free) for row in both.rows] == [("Field", 10, 9), ("Tower", 8, 7)]
    assert [(row.label, row.total) for row in both.types] == [("Regular", 16), ("Electric", 2)]
    assert [(row.label, row.total, row.free) for row in one.rows] == [("Level 1", 4, 4), ("Ground", 4, 3)]


def test_revenue_is_of_the_lots_day_and_by_currency():
    operator = make_operator()
    swiss, american = make_lot(operator), make_lot(operator, currency="USD", timezone="America/New_York")
    midnight = dt.datetime(2026, 3, 5, 23, tzinfo=dt.UTC)
    pay(swiss, 100, midnight)
    pay(swiss, 1000, midnight - MINUTE)
    pay(swiss, 20, NOON - MINUTE)
    pay(swiss, 3000, NOON + MINUTE)
    pay(american, 7, midnight)  # still the day before over there
    pay(american, 50, midnight + 7 * HOUR)
    pay(swiss, 80, NOON - 7 * DAY - MINUTE)
    pay(swiss, 4000, NOON - 7 * DAY + MINUTE)

    swiss_francs, dollars = revenue_of(Scope((swiss, american)), NOON)

    assert (swiss_francs.currency, swiss_francs.today, swiss_francs.week_ago) == ("CHF", 120, 80)
    assert swiss_francs.change_percent == 50
    assert (dollars.currency, dollars.today, dollars.change_percent) == ("USD", 50, None)


def test_revenue_counts_only_what_was_captured():
    lot = make_lot()
    charge = make_charge(lot)
    for state in ("pending", "failed", "voided"):
        Payment.objects.create(
            charge=charge,
            method="card",
            state=state,
            is_hold=state == "voided",
            amount=100,
            idempotency_key=state,
            created_at=NOON,
            finished_at=NOON,
        )

    assert revenue_of(Scope((lot,)), NOON)[0].today == 0


def test_cars_are_counted_by_the_lots_hours():
    lot = make_lot(spots={"regular": 9})
    make_ticket(lot, "ZH 1", NOON - 2 * HOUR)
    make_ticket(lot, "ZH 2", NOON - 2 * HOUR, status="void")
    make_ticket(lot, "ZH 3", NOON - DAY)
    make_ticket(lot, "ZH 4", NOON - 3 * HOUR, status="closed", exit_at=NOON - HOUR, closed_reason="paid")
    make_ticket(lot, "ZH 5", NOON - DAY, status="closed", exit_at=NOON - 14 * HOUR, closed_reason="paid")

    figures = figures_of(Scope((lot,)), NOON)

    assert (figures.cars_in, figures.cars_out, figures.average_stay) == (2, 1, 2 * HOUR)
    assert {
        (hour.hour, hour.cars, hour.cars_yesterday) for hour in figures.hours if hour.cars or hour.cars_yesterday
    } == {
        (9, 1, 0),
        (10, 1, 0),
        (12, 0, 2),
    }


@pytest.mark.parametrize(
    ("direction", "event", "words", "amount"),
    [
        ("entry", {}, "came in", None),
        ("entry", {"action": "deny", "reason": "full"}, "turned away, full", None),
        ("entry", {"answer": {"spot": {"number": "A-12"}}}, "came in, A-12", None),
        ("exit", {"reason": "paid"}, "left, paid", 600),
        ("exit", {"reason": "owed", "answer": {"fee": {"amount": 250}}}, "left owing", 250),
        ("exit", {"action": "pay", "reason": "fee_due", "answer": {"fee": {"amount": 700}}}, "asked to pay", 700),
        ("exit", {"action": "attend", "reason": "no_ticket"}, "waits: no stay found", None),
        ("exit", {"action": "passed", "reason": "passed", "kind": "passage"}, "drove through", None),
    ],
)
def test_activity_is_said_in_plain_words(direction, event, words, amount):
    lot = make_lot()
    charge = make_charge(lot)
    ticket = make_ticket(lot, "ZH 123456", charge=charge)
    Payment.objects.create(
        charge=charge,
        method="cash",
        state="captured",
        amount=600,
        captured_amount=600,
        idempotency_key="k",
        created_at=NOON,
        finished_at=NOON,
    )
    make_event(make_gate(lot, direction, name="Lane 1"), NOON, ticket=ticket, **event)

    (line,) = recent_activities([lot.pk])

    assert (line.gate, line.plate, line.words, line.amount) == ("Lane 1", "ZH 123456", words, amount)


def test_activity_of_a_person_names_them():
    lot = make_lot()
    person = make_user("attendant", lot.operator, name="Beat Frei")
    make_event(make_gate(lot, "exit"), NOON, kind="person", person=person, reason="unattended", note="barrier stuck")

    (line,) = recent_activities([lot.pk])

    assert (line.words, line.note) == ("let out by Beat Frei", "barrier stuck")


def test_repeats_are_left_out_of_the_activity():
    gate = make_gate(make_lot())
    first = make_event(gate, NOON)
    make_event(gate, NOON, first=first)

    assert [line.id for line in recent_activities([gate.lot_id])] == [first.pk]


def test_nothing_is_found_where_all_is_well():
    assert found(make_lot()) == []


def test_reviews_and_debts_are_counted_over_all_lots():
    lots = [make_lot(), make_lot()]
    for lot in lots:
        make_ticket(lot, status="review")
        record_debt(charge=make_charge(lot), plate="ZH 1", reason="r", at=NOON)

    assert found(*lots) == [("review", "2 stays in review"), ("debt", "2 open debts")]


def test_silent_gate_is_found_by_its_usual_traffic():
    lot = make_lot(name="Tower")
    busy, quiet = make_gate(lot, name="IN 1"), make_gate(lot, name="IN 2")
    for gate, minutes in ((busy, 5), (quiet, 40)):
        for number in range(120 // minutes):
            make_event(gate, NOON - DAY + HOUR - number * minutes * MINUTE)
        make_event(gate, NOON - 30 * MINUTE)

    assert found(lot) == [("silent", "Tower: gate IN 1 silent for 30\u00a0min")]

    make_event(busy, NOON - MINUTE)
    assert found(lot) == []


def test_skewed_clock_is_found_until_it_is_right_again():
    lot = make_lot(name="Tower")
    gate = make_gate(lot, name="IN 1")
    device, _ = make_device(gate, name="Camera")
    make_event(gate, NOON - HOUR, device=device, skew_seconds=-600)

    assert found(lot) == [("skew", "Tower: clock of IN 1, Camera is 10\u00a0min behind")]

    make_event(gate, NOON, device=device)
    assert found(lot) == []


def test_sequence_gap_is_found():
    lot = make_lot(name="Tower")
    gate = make_gate(lot, name="IN 1")
    device, _ = make_device(gate, name="Camera")
    for seq in (7, 8, 11):
        make_event(gate, NOON, device=device, seq=seq)

    assert found(lot) == [("gap", "Tower: 2 reads of IN 1, Camera never arrived")]


def test_tariff_that_ends_soon_is_found_unless_another_follows():
    lot = make_lot(name="Tower", tariff=None)
    last = NOON.date() + 9 * DAY
    make_tariff(lot, valid_until=last)

    assert found(lot) == [("tariff_ends", "Tariff of Tower ends in 9 days")]
    assert found(lot, at=NOON + 10 * DAY) == [("no_tariff", "Tower has no tariff today: parking is free")]

    make_tariff(lot, valid_from=last + DAY)
    assert found(lot) == []


def test_flagged_events_of_a_day_are_found_by_kind():
    lot = make_lot()
    gate = make_gate(lot)
    make_event(gate, NOON - HOUR, flags=["no_spot", "unanswered"])
    make_event(gate, NOON - 2 * HOUR, flags=["no_spot"])
    make_event(gate, NOON - 2 * DAY, flags=["no_spot"])

    assert found(lot) == [
        ("flag", "2 cars came in without a spot (last 24 h)"),
        ("flag", "1 car waited with nobody answering (last 24 h)"),
    ]


def test_exit_whose_entry_came_later_is_no_longer_listed():
    lot = make_lot()
    gate = make_gate(lot, "exit")
    for plate in ("ZH 1", "ZH 2"):
        make_event(
            gate, NOON - HOUR, plate=plate, plate_normalised=plate.replace(" ", ""), offline=True, flags=["no_ticket"]
        )
    assert found(lot) == [("flag", "2 cars at exits without a stay (last 24 h)")]

    make_ticket(lot, "ZH 1", NOON - 3 * HOUR, status="closed", exit_at=NOON - HOUR, closed_reason="grace")
    assert found(lot) == [("flag", "1 car at an exit without a stay (last 24 h)")]


def park_message(operator, recipient="ada@example.com", template="receipt", key="k"):
    return Message.objects.create(
        key=key, operator=operator, recipient=recipient, template=template, state="parked", error="e", created_at=NOON,
        next_attempt_at=NOON,
    )  # fmt: skip


def test_parked_messages_are_found_by_the_operator_they_are_about():
    lot = make_lot()
    park_message(lot.operator)

    assert found(lot) == [("message", "1 message could not be delivered")]
    assert found(make_lot()) == []


def test_parked_mail_about_a_persons_own_account_is_found_by_no_operator():
    lot = make_lot()
    member = make_user("attendant", lot.operator)
    park_message(None, member.email, "raw")

    assert found(lot) == []


def test_operator_learns_nothing_of_a_members_messages_from_another_operator():
    ours, theirs = make_lot(), make_lot(name="Foreign Garage")
    member = make_user("attendant", ours.operator)
    member.memberships.create(operator=theirs.operator, role="admin")
    park_message(theirs.operator, member.email, "invitation", key=f"invitation:{member.memberships.first().pk}")

    page = client_of(make_user("admin", ours.operator)).get("/manage/messages/").content.decode()

    assert member.email not in page
    assert found(ours) == []
    assert found(theirs) == [("message", "1 message could not be delivered")]


def queue(key, operator, created_at, **fields):
    times = {"created_at": created_at, "next_attempt_at": created_at}
    return Message.objects.create(
        key=key, operator=operator, recipient="ada@example.com", template="invitation", **times | fields
    )


def test_mail_that_does_not_go_out_is_found_after_fifteen_minutes():
    lot = make_lot()
    queue("a", lot.operator, NOON - 14 * MINUTE)
    queue("b", None, NOON - 50 * MINUTE)
    assert found(lot) == []

    queue("c", lot.operator, NOON - 22 * MINUTE)
    assert found(lot) == [("mail", "Mail has not gone out for 22\u00a0min")]
    assert found(make_lot()) == []


def test_one_message_that_waits_while_others_go_out_is_no_failure_of_mail():
    lot = make_lot()
    queue("a", lot.operator, NOON - 22 * MINUTE)
    queue("b", None, NOON - 5 * MINUTE, state="sent", sent_at=NOON - 4 * MINUTE)

    assert found(lot) == [("mail", "1 message has been waiting to be sent for 22\u00a0min")]


def test_spots_out_of_use_are_found_after_a_week():
    lot = make_lot()
    spot = lot.spots.filter(pk=lot.spots.first().pk)
    spot.update(maintenance=True)

    assert found(lot, at=now() + 6 * DAY) == []
    assert found(lot, at=now() + 8 * DAY) == [("maintenance", "1 spot out of use for over a week")]

    spot.update(maintenance=False)
    assert found(lot, at=now() + 8 * DAY) == []


def test_many_findings_of_a_kind_are_cut_short():
    lots = [make_lot(name=f"Lot {number}", tariff=None) for number in range(6)]

    texts = [text for _, text in found(*lots)]

    assert len(texts) == 5
    assert texts[-1] == "and 2 more like this"


@pytest.mark.parametrize("largest", [2**53 - 1, 2**63 - 1])
def test_pages_of_a_lot_whose_device_numbers_wildly(largest):
    lot = make_lot()
    device = make_device(make_gate(lot))[0]
    for seq in (0, 1, 4, largest, largest - 1, -(2**63)):
        make_event(device.gate, now(), device=device, seq=seq, skew_seconds=2**31 - 1)
    admin = client_of(make_user("admin", lot.operator))

    for path in ("/manage/", "/manage/attention/", "/manage/events/", f"/api/v1/lots/{lot.slug}/dashboard"):
        assert admin.get(path).status_code == 200, path
    assert "gap" in {kind for kind, _text in found(lot, at=now())}
