"""Each invariant is broken on purpose, past every guard, and exactly that one is reported."""

import datetime as dt
import hashlib
import io
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import InternalError, connection

from accounts.models import Membership, Operator
from billing.documents.drafting import Recipient
from billing.documents.issuing import issue_credit_notes, issue_invoice, issue_receipts
from billing.models import (
    Charge,
    Credit,
    Debt,
    Document,
    DocumentCounter,
    Payment,
    ProviderEvent,
    Refund,
    RefundRequest,
)
from billing.services import record_debt
from gates.models import GateEvent
from lots.models import Gate, Lot, SpotCount
from notifications.models import MailAddress, Message, PhoneCode, TextMessage
from reservations.models import Reservation
from tests.factories import (
    HOURLY,
    make_agreement,
    make_charge,
    make_device,
    make_gate,
    make_lot,
    make_reservation,
    make_ticket,
    make_user,
    make_vehicle,
)
from tickets.models import Ticket, TicketChange
from verification import INVARIANTS, book_invariants, prove, snapshot

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
HOUR = dt.timedelta(hours=1)
SOON = NOW + HOUR
"""For what the worker still has time to document."""


class World:
    """A small healthy site of every kind of row, with handles for the tests to break."""

    def __init__(self) -> None:
        self.lot = make_lot(spots={"regular": 4, "ev": 1}, levels=2)
        self.counting_lot = make_lot(self.lot.operator, tracking="levels", spots={"regular": 10})
        self.foreign_lot = make_lot()
        self.gate = make_gate(self.lot)
        self.device, _ = make_device(self.gate)
        self.inside = make_ticket(self.lot, "ZH 1")
        self.counted = make_ticket(self.counting_lot, "ZH 2")
        self.charge = make_charge(self.lot, 600)
        self.payment = pay(self.charge, 600)
        self.left = make_ticket(
            self.lot, "ZH 3", status="closed", exit_at=NOW, closed_reason="paid", charge=self.charge
        )
        self.event = record_event(self.gate, device=self.device, ticket=self.inside, seq=1)


def just_now() -> dt.datetime:
    """Return an instant of which documents are not due yet."""
    return dt.datetime.now(dt.UTC)


def pay(charge: Charge, amount: int) -> Payment:
    payment = Payment.objects.create(
        charge=charge, method="cash", state="captured", amount=amount, captured_amount=amount,
        idempotency_key=str(uuid.uuid4()), created_at=NOW, finished_at=NOW,
    )  # fmt: skip
    issue_receipts([payment], at=NOW)
    return Payment.objects.get(pk=payment.pk)


def record_event(gate: Gate, **fields: Any) -> GateEvent:
    defaults = {
        "kind": "read", "event_id": uuid.uuid4(), "body_hash": hashlib.sha256(b"").digest(), "captured_at": NOW,
        "at": NOW, "received_at": NOW, "action": "open", "reason": "ok", "answer": {"action": "open"},
    }  # fmt: skip
    return GateEvent.objects.create(lot=gate.lot, gate=gate, **defaults | fields)


def reserve(lot: Lot, **fields: Any) -> Reservation:
    times = {"starts_at": NOW, "ends_at": NOW + HOUR}
    return make_reservation(lot, "ZH 9", **times | {"spot": lot.spots.first()} | fields)


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def world(db: None) -> Iterator[World]:
    yield World()
    execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def unguarded(world: World) -> World:
    """The world without triggers and without the constraints and indexes that stand in the way of damage."""
    execute(
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET session_replication_role = replica",
        "DROP INDEX ticket_one_open_per_plate_and_lot",
        "DROP INDEX ticket_one_open_per_spot",
        "ALTER TABLE tickets_ticket DROP CONSTRAINT ticket_closed_has_exit_and_reason",
        "ALTER TABLE reservations_reservation DROP CONSTRAINT reservation_spot_never_double_booked",
        "ALTER TABLE billing_charge DROP CONSTRAINT charge_never_overpaid",
        "ALTER TABLE gates_gateevent DROP CONSTRAINT event_once_per_device",
    )
    return world


def broken() -> dict[str, int]:
    # What is written without triggers is not posted: see test_book_invariants.py.
    return {
        finding.invariant.name: finding.total
        for finding in prove(INVARIANTS)
        if finding.total and finding.invariant not in book_invariants.INVARIANTS
    }


def overlap_reservations(world: World) -> None:
    reserve(world.lot)
    reserve(world.lot, starts_at=NOW + HOUR / 2, during=(NOW + HOUR / 2, NOW + 2 * HOUR), ends_at=NOW + 2 * HOUR)


def forget_the_place_of_a_booking(world: World) -> None:
    reserve(world.lot, spot=None)


def hold_for_a_booking_of_another_spot(world: World) -> None:
    booking = reserve(world.lot)
    assert broken() == {}
    world.lot.spots.filter(pk=world.lot.spots.available().exclude(pk=booking.spot_id).first().pk).update(
        hold=booking.pk
    )


def lose_what_was_held_for_a_booking(world: World) -> None:
    charge = make_charge(world.lot, 300)
    Payment.objects.create(
        charge=charge, method="online", state="authorised", amount=300, authorised_amount=300, is_hold=True,
        capture_before=NOW + 90 * 24 * HOUR, idempotency_key="held", created_at=NOW - HOUR,
    )  # fmt: skip
    reserve(world.lot, charge=charge, prepay="hold")
    assert broken() == {}
    Payment.objects.filter(charge=charge).update(state="voided", finished_at=NOW)


def let_a_car_in_on_a_booking_that_waits(world: World) -> None:
    write_history(make_ticket(world.lot, "ZH 9", spot=None, reservation=reserve(world.lot)))


def forget_that_a_booked_car_has_left(world: World) -> None:
    reserve(world.lot, status="active")


def charge_more_than_agreed_for_not_coming(world: World) -> None:
    missed = {"status": "no_show", "missed_at": NOW + HOUR / 4, "no_show_percent": 50}
    reserve(world.lot, fee_amount=150, charge=make_charge(world.lot, 150), **missed)
    assert broken() == {}
    reserve(world.lot, fee_amount=151, charge=make_charge(world.lot, 151), **missed)


def charge_for_cancelling_in_time(world: World) -> None:
    reserve(world.lot, status="cancelled", cancelled_at=NOW - HOUR, fee_amount=1, charge=make_charge(world.lot, 1))


def ask_for_another_amount_than_the_fee(world: World) -> None:
    reserve(world.lot, status="cancelled", cancelled_at=NOW, fee_amount=150, charge=make_charge(world.lot, 149))
    reserve(world.lot, status="completed", prepay="capture", charge=make_charge(world.lot, 299))
    reserve(world.lot, status="cancelled", cancelled_at=NOW, fee_amount=150)


def miss_a_driver_too_early(world: World) -> None:
    reserve(world.lot, status="no_show", missed_at=NOW + HOUR / 4 - HOUR / 60)


def wait_for_a_driver_for_hours(world: World) -> None:
    reserve(world.lot, starts_at=NOW - 5 * HOUR, ends_at=NOW - 3 * HOUR)


def leave_a_booked_spot_to_others(world: World) -> None:
    due = {"starts_at": NOW + HOUR / 12, "ends_at": NOW + HOUR, "created_at": NOW - HOUR}
    reserve(world.lot, spot=world.lot.spots.available().first(), **due)


def promise_a_place_beyond_the_capacity(world: World) -> None:
    reserve(world.counting_lot, spot=None, place=11)


def delete_the_account_of_a_booking(world: World) -> None:
    reserve(world.lot, driver=make_user(email="1@deleted.invalid", deleted_at=NOW, is_active=False))


def open_second_ticket_for_plate(world: World) -> None:
    # A full lot's offline entry: the stay has no place, so only its plate is in the way.
    second = make_ticket(world.lot, "ZH 1", spot=None)
    write_history(second)


def give_a_spot_twice(world: World) -> None:
    Ticket.objects.filter(pk=world.inside.pk).update(plate="ZH 7")
    second = make_ticket(world.lot, "ZH 8", spot=world.inside.spot)
    write_history(second)


def write_history(ticket: Ticket) -> None:
    TicketChange.objects.create(ticket=ticket, from_status="", to_status=ticket.status, why="made for a test")


def forget_the_stay_of_a_spot(world: World) -> None:
    other = world.lot.spots.filter(stay=None, level=world.inside.level, spot_type="regular").first()
    assert other is not None
    world.lot.spots.filter(pk=world.inside.spot_id).update(stay=None)
    world.lot.spots.filter(pk=other.pk).update(stay=world.inside.pk)


def miscount_spots(world: World) -> None:
    SpotCount.objects.filter(lot=world.lot, spot_type="ev").update(reserved=1)


def miscount_cars(world: World) -> None:
    SpotCount.objects.filter(lot=world.counting_lot).update(occupied=7)


def close_without_reason(world: World) -> None:
    Ticket.objects.filter(pk=world.left.pk).update(closed_reason="", charge=None)


def leave_unpaid(world: World) -> None:
    charge = make_charge(world.lot, 700)
    Ticket.objects.filter(pk=world.left.pk).update(charge=charge, closed_reason="owed")


def claim_paid_without_charge(world: World) -> None:
    Ticket.objects.filter(pk=world.left.pk).update(charge=None)


def change_state_behind_history(world: World) -> None:
    Ticket.objects.filter(pk=world.left.pk).update(status="void")


def skip_a_state_in_history(world: World) -> None:
    TicketChange.objects.create(ticket=world.left, from_status="paid", to_status="closed", why="made for a test")


def forget_a_payment(world: World) -> None:
    Charge.objects.filter(pk=world.charge.pk).update(captured_amount=500, due_amount=500)


def overpay(world: World) -> None:
    Charge.objects.filter(pk=world.charge.pk).update(due_amount=500)


def refund_beyond_payment(world: World) -> None:
    pay(world.charge, 100)
    Refund.objects.create(
        payment=world.payment, amount=601, reason="made for a test", idempotency_key="r", created_at=SOON
    )
    Charge.objects.filter(pk=world.charge.pk).update(captured_amount=700, refunded_amount=601)
    Charge.objects.filter(pk=world.charge.pk).update(due_amount=99)


def keep_paid_debt(world: World) -> None:
    Debt.objects.create(
        operator=world.lot.operator, charge=world.charge, plate="ZH 3", plate_normalised="ZH3", amount=600,
        reason="declined", created_at=NOW,
    )  # fmt: skip


def refund_without_a_debt(world: World) -> None:
    Refund.objects.create(
        payment=world.payment, amount=100, reason="made for a test", idempotency_key="r", created_at=SOON
    )
    Charge.objects.filter(pk=world.charge.pk).update(refunded_amount=100)


def take_back_another_amount(world: World) -> None:
    refund = Refund.objects.create(
        payment=world.payment, amount=100, reason="made for a test", idempotency_key="r", created_at=just_now()
    )
    Refund.objects.create(
        payment=world.payment, amount=-90, reason="made for a test", idempotency_key="-r", created_at=just_now(),
        returned_at=NOW, reverses=refund,
    )  # fmt: skip
    Charge.objects.filter(pk=world.charge.pk).update(refunded_amount=10, due_amount=590)


def give_back_more_than_was_approved(world: World) -> None:
    refund = Refund.objects.create(
        payment=world.payment, amount=100, reason="made for a test", idempotency_key="r", created_at=just_now()
    )
    Charge.objects.filter(pk=world.charge.pk).update(refunded_amount=100, due_amount=500)
    RefundRequest.objects.create(
        payment=world.payment, amount=90, reason="made for a test", idempotency_key="r", state="approved",
        requested_by=make_user(), requested_at=NOW, decided_by=make_user(), decided_at=NOW, refund=refund,
    )  # fmt: skip


def close_as_paid_what_was_waived(world: World) -> None:
    Charge.objects.filter(pk=world.charge.pk).update(due_amount=700, credited_amount=100)
    Credit.objects.create(charge=world.charge, amount=100, kind="waived", reason="x", created_at=world.left.changed_at)


def skip_a_document(world: World) -> None:
    Document.objects.update(sequence=2)


def change_a_document(world: World) -> None:
    execute("UPDATE billing_document SET content = jsonb_set(content, '{issuer,name}', '\"Somebody else\"')")


def change_a_total(world: World) -> None:
    execute("UPDATE billing_document SET total_amount = 700")


def forget_a_receipt(world: World) -> None:
    Payment.objects.update(receipt=None, finished_at=NOW - HOUR)


def forget_a_credit_note(world: World) -> None:
    Refund.objects.create(
        payment=world.payment, amount=100, reason="x", goodwill=True, idempotency_key="r", created_at=NOW - HOUR
    )
    Credit.objects.create(charge=world.charge, amount=100, kind="goodwill", reason="x", created_at=NOW)
    Charge.objects.filter(pk=world.charge.pk).update(refunded_amount=100, credited_amount=100)


def give_back_the_money_without_its_tax(world: World) -> None:
    Refund.objects.create(
        payment=world.payment, amount=600, reason="x", goodwill=True, idempotency_key="r", created_at=NOW
    )
    Credit.objects.create(charge=world.charge, amount=600, kind="goodwill", reason="x", created_at=NOW)
    Charge.objects.filter(pk=world.charge.pk).update(refunded_amount=600, credited_amount=600)
    issue_credit_notes(Refund.objects.all(), at=NOW)
    execute("UPDATE billing_document SET tax_amount = 1 WHERE kind = 'R'")


def change_a_tax(world: World) -> None:
    execute(
        "UPDATE billing_document SET tax_amount = 1, content = jsonb_set(jsonb_set(content, '{taxes,0,tax}', '1'), "
        "'{taxes,0,net}', '599')"
    )


def owe_an_invoice(world: World) -> Charge:
    charge = make_charge(world.lot, 900)
    debt = record_debt(charge=charge, plate="ZH 7", reason="declined", at=NOW)
    issue_invoice(debt, Recipient(name="Ada", email=""), at=NOW - HOUR)
    assert broken() == {}
    return charge


def lower_what_was_invoiced(world: World) -> None:
    charge = owe_an_invoice(world)
    Credit.objects.create(charge=charge, amount=300, kind="waived", reason="x", created_at=NOW - HOUR)
    Charge.objects.filter(pk=charge.pk).update(credited_amount=300)


def forget_what_was_invoiced(world: World) -> None:
    owe_an_invoice(world)
    execute("UPDATE billing_debt SET invoice_id = NULL")


def take_back_what_stripe_reported(world: World) -> None:
    Payment.objects.filter(pk=world.payment.pk).update(provider="stripe")
    ProviderEvent.objects.create(
        provider="stripe", event_id="evt_1", kind="payment_intent.succeeded", reference=world.payment.idempotency_key,
        payload={}, occurred_at=NOW, received_at=NOW, applied_at=NOW,
    )  # fmt: skip
    assert broken() == {}
    execute("UPDATE billing_payment SET state = 'pending', captured_amount = 0 WHERE provider = 'stripe'")
    Charge.objects.filter(pk=world.charge.pk).update(captured_amount=0, due_amount=0)


def forget_a_hold(world: World) -> None:
    Payment.objects.create(
        charge=world.charge, method="online", state="authorised", amount=600, authorised_amount=600, is_hold=True,
        capture_before=NOW - HOUR, idempotency_key="held", created_at=NOW - HOUR,
    )  # fmt: skip


def share_a_reference(world: World) -> None:
    for key in "ab":
        Payment.objects.create(
            charge=world.charge, method="card", state="failed", amount=600, provider="stripe",
            provider_reference="pi_1", idempotency_key=key, created_at=NOW,
        )  # fmt: skip


def charge_automatically(world: World, **terms: Any) -> Payment:
    """Turn the world's payment into an automatic one of its full amount, agreed to an hour before."""
    agreed = make_agreement(make_vehicle(make_user(), "ZH 3"), **{"limit_amount": 600, "agreed_at": NOW - HOUR} | terms)
    Payment.objects.filter(pk=world.payment.pk).update(automatic=agreed)
    return world.payment


def charge_before_it_was_agreed(world: World) -> None:
    charge_automatically(world, agreed_at=NOW + HOUR)


def charge_after_it_was_withdrawn(world: World) -> None:
    charge_automatically(world, withdrawn_at=NOW - HOUR / 2, withdrawn_why="driver")


def charge_more_than_agreed(world: World) -> None:
    charge_automatically(world)
    execute("UPDATE billing_automaticpayment SET limit_amount = 599")


def charge_another_currency_than_agreed(world: World) -> None:
    charge_automatically(world, currency="EUR")


def charge_without_an_agreement(world: World) -> None:
    Payment.objects.filter(pk=world.payment.pk).update(idempotency_key="automatic-1")


def charge_a_stay_beyond_its_limit(world: World) -> None:
    agreed = charge_automatically(world)
    payment = pay(world.charge, 500)
    Payment.objects.filter(pk=payment.pk).update(automatic=Payment.objects.get(pk=agreed.pk).automatic)
    Charge.objects.filter(pk=world.charge.pk).update(due_amount=1100, captured_amount=1100)


def open_without_reason(world: World) -> None:
    record_event(world.gate, device=world.device, reason="")


def open_by_person_without_note(world: World) -> None:
    record_event(world.gate, kind="person", person=make_user())


def hold_without_an_event(world: World) -> None:
    world.lot.gates.update(held_open_since=NOW, held_open_by=make_user(), held_open_why="Fire alarm")


def end_a_hold_without_an_event(world: World) -> None:
    record_event(world.gate, kind="hold", person=make_user(), note="Event", action="hold_open", reason="held_open")


def record_event_twice(world: World) -> None:
    record_event(world.gate, device=world.device, event_id=world.event.event_id)


def repeat_another_gate(world: World) -> None:
    record_event(make_gate(world.lot), device=world.device, first=world.event)


def promise_an_exit(world: World, ticket: Ticket, **fields: Any) -> GateEvent:
    exit_gate = make_gate(world.lot, "exit", confirms_passage=True)
    return record_event(exit_gate, device=make_device(exit_gate)[0], ticket=ticket, reason="paid", **fields)


def promise_to_one_who_left(world: World) -> None:
    promise_an_exit(world, world.left)


def promise_twice(world: World) -> None:
    promise_an_exit(world, world.inside)
    promise_an_exit(world, world.inside)


def pass_before_it_opened(world: World) -> None:
    opening = promise_an_exit(world, world.inside)
    record_event(
        opening.gate, device=opening.device, kind="passage", action="passed", first=opening, at=NOW - HOUR, reason=""
    )


def leave_tomorrow(world: World) -> None:
    Ticket.objects.filter(pk=world.left.pk).update(exit_at=NOW + 24 * HOUR)


def let_one_car_in_twice(world: World, *, seconds: int = 9, reason: str = "ok") -> None:
    second = make_ticket(world.lot, "ZH 11", spot=None)
    write_history(second)
    for number, ticket in enumerate((world.inside, second)):
        at = NOW + dt.timedelta(seconds=seconds * number)
        record_event(world.gate, device=world.device, ticket=ticket, read={"vehicle_ref": "7"}, at=at, reason=reason)


def number_with_gaps(world: World) -> None:
    record_event(world.gate, device=world.device, seq=5)


def point_at_foreign_tariff(world: World) -> None:
    Ticket.objects.filter(pk=world.inside.pk).update(tariff=world.foreign_lot.tariffs.get())


def change_prices_secretly(world: World) -> None:
    world.lot.tariffs.update(rules=HOURLY | {"minimum_charge": 1})


def record_event_in_foreign_lot(world: World) -> None:
    GateEvent.objects.filter(pk=world.event.pk).update(lot=world.foreign_lot)


def owe_foreign_operator(world: World) -> None:
    charge = make_charge(world.lot, 500)
    Debt.objects.create(
        operator=world.foreign_lot.operator, charge=charge, plate="ZH 3", plate_normalised="ZH3", amount=500,
        reason="declined", created_at=NOW,
    )  # fmt: skip


def employ_a_stranger(world: World) -> None:
    Membership.objects.create(user=make_user(), operator=world.lot.operator, role="admin")


def give_a_role_at_a_foreign_lot(world: World) -> None:
    member = make_user("attendant", world.lot.operator).memberships.get()
    Membership.objects.filter(pk=member.pk).update(lot_ids=[world.lot.pk, world.foreign_lot.pk])


def forget_whose_message_it_is(world: World) -> None:
    forget_a_message(world)
    Message.objects.update(operator=None, state="sent", sent_at=NOW)


def forget_a_message(world: World) -> None:
    Message.objects.create(
        key="k",
        operator=world.lot.operator,
        recipient="a@example.com",
        template="receipt",
        created_at=NOW - 2 * HOUR,
        next_attempt_at=NOW - 2 * HOUR,
    )


def leave_out_what_must_come(world: World) -> None:
    message(world, "document", state="left_out", error="late")


def summarise_for_another(world: World) -> None:
    summary = message(world, "summary", key="s", state="sent", sent_at=NOW, recipient="b@example.com")
    message(world, "lot_full", state="left_out", error="in a summary", summary=summary)


def write_to_who_is_gone(world: World) -> None:
    MailAddress.objects.create(address="a@example.com", outcome="bounced", since=NOW - HOUR)
    message(world, "document", state="sent", sent_at=NOW, recipient="A@example.com")
    message(world, "document", key="before", state="sent", sent_at=NOW - 2 * HOUR)


def message(world: World, template: str, **fields: Any) -> Message:
    values = {"key": template, "operator": world.lot.operator, "recipient": "a@example.com", "template": template}
    return Message.objects.create(created_at=NOW, next_attempt_at=NOW, **values | fields)


def keep_texts_too_long(world: World) -> None:
    long_ago = NOW - 99 * 24 * HOUR
    old = {"phone": "+41791234567", "created_at": long_ago, "expires_at": long_ago}
    TextMessage.objects.create(key="t", state="sent", next_attempt_at=NOW, **old)
    for person, verified in (("driver 1", old["created_at"]), ("driver 2", None), ("email a@b.ch", old["created_at"])):
        PhoneCode.objects.create(person=person, digest="x", verified_at=verified, **old)


def number_impossibly(world: World) -> None:
    # As earlier versions took them.
    record_event(world.gate, device=world.device, seq=2**63 - 1)
    record_event(world.gate, device=make_device(world.gate)[0], seq=2**63 - 1)


def be_sure_beyond_certainty(world: World) -> None:
    record_event(world.gate, device=world.device, confidence=float("nan"))
    record_event(world.gate, device=world.device, confidence=1e308)


def come_before_the_calendar(world: World) -> None:
    assert world.inside.plate == "ZH 1"
    execute("UPDATE tickets_ticket SET entry_at = '-infinity', changed_at = 'infinity' WHERE plate = 'ZH 1'")
    execute("UPDATE devices_device SET revoked_at = '12026-01-01'")


def owe_more_than_numbers_hold(world: World) -> None:
    make_charge(world.lot, 2**60)


@pytest.mark.parametrize(
    ("break_it", "reported"),
    [
        (overlap_reservations, {"reservations_never_overlap": 1}),
        (forget_the_place_of_a_booking, {"reservations_have_a_place": 1}),
        (hold_for_a_booking_of_another_spot, {"holds_are_of_reservations": 1, "counters_equal_spots": 1}),
        (lose_what_was_held_for_a_booking, {"prepaid_bookings_are_covered": 1}),
        (let_a_car_in_on_a_booking_that_waits, {"bookings_and_stays_agree": 1}),
        (forget_that_a_booked_car_has_left, {"bookings_and_stays_agree": 1}),
        (charge_more_than_agreed_for_not_coming, {"changes_of_mind_cost_as_agreed": 1}),
        (charge_for_cancelling_in_time, {"changes_of_mind_cost_as_agreed": 1}),
        (ask_for_another_amount_than_the_fee, {"bookings_ask_for_what_they_cost": 3}),
        (miss_a_driver_too_early, {"no_shows_are_missed_when_agreed": 1}),
        (wait_for_a_driver_for_hours, {"no_shows_are_noticed": 1}),
        (leave_a_booked_spot_to_others, {"free_spots_are_held": 1}),
        (promise_a_place_beyond_the_capacity, {"booked_places_exist": 1}),
        (delete_the_account_of_a_booking, {"bookings_to_come_are_of_somebody": 1}),
        (open_second_ticket_for_plate, {"one_open_ticket_per_plate": 1}),
        (give_a_spot_twice, {"one_open_ticket_per_spot": 1, "spots_and_stays_agree": 1}),
        (forget_the_stay_of_a_spot, {"spots_and_stays_agree": 2}),
        (miscount_spots, {"counters_equal_spots": 2}),
        (miscount_cars, {"counters_equal_stays": 1}),
        (close_without_reason, {"closed_tickets_are_settled": 1}),
        (leave_unpaid, {"closed_tickets_are_settled": 1}),
        (claim_paid_without_charge, {"closed_tickets_are_settled": 1}),
        (change_state_behind_history, {"history_ends_where_tickets_are": 1}),
        (skip_a_state_in_history, {"history_ends_where_tickets_are": 1}),
        (forget_a_payment, {"charge_sums_equal_rows": 1}),
        (overpay, {"nobody_pays_too_much": 1}),
        (refund_beyond_payment, {"refunds_within_payments": 1}),
        (keep_paid_debt, {"open_debts_are_owed": 1}),
        (refund_without_a_debt, {"closed_tickets_are_settled": 1, "refunds_are_owed_again": 1}),
        (take_back_another_amount, {"reversals_mirror_refunds": 1}),
        (give_back_more_than_was_approved, {"two_people_refund": 1}),
        (close_as_paid_what_was_waived, {"waived_is_not_paid": 1}),
        (skip_a_document, {"documents_have_no_gaps": 1}),
        (change_a_document, {"documents_are_chained": 1}),
        (change_a_total, {"documents_add_up": 1}),
        (forget_a_receipt, {"money_is_documented": 1}),
        (forget_a_credit_note, {"money_is_documented": 1}),
        (
            give_back_the_money_without_its_tax,
            {"credit_notes_mirror": 1, "documents_add_up": 1, "documents_tax_as_books": 1},
        ),
        (change_a_tax, {"documents_tax_as_books": 1, "documents_are_chained": 1}),
        (lower_what_was_invoiced, {"invoices_say_what_is_owed": 1}),
        (forget_what_was_invoiced, {"invoices_say_what_is_owed": 1}),
        (take_back_what_stripe_reported, {"payments_are_as_reported": 1, "documents_add_up": 1}),
        (forget_a_hold, {"no_hold_is_forgotten": 1}),
        (share_a_reference, {"one_reference_a_payment": 1}),
        (charge_before_it_was_agreed, {"automatic_payments_were_agreed": 1}),
        (charge_after_it_was_withdrawn, {"automatic_payments_were_agreed": 1}),
        (charge_more_than_agreed, {"automatic_payments_were_agreed": 1, "automatic_payments_within_limit": 1}),
        (charge_another_currency_than_agreed, {"automatic_payments_were_agreed": 1}),
        (charge_without_an_agreement, {"automatic_payments_were_agreed": 1}),
        (charge_a_stay_beyond_its_limit, {"automatic_payments_within_limit": 1}),
        (open_without_reason, {"openings_are_explained": 1}),
        (open_by_person_without_note, {"openings_are_explained": 1}),
        (hold_without_an_event, {"holds_are_recorded": 1}),
        (end_a_hold_without_an_event, {"holds_are_recorded": 1}),
        (record_event_twice, {"events_are_recorded_once": 1}),
        (repeat_another_gate, {"repeats_refer_to_the_first": 1}),
        (promise_to_one_who_left, {"promises_are_of_open_stays": 1}),
        (promise_twice, {"stays_are_promised_once": 1}),
        (pass_before_it_opened, {"passages_follow_their_opening": 1}),
        (leave_tomorrow, {"nobody_leaves_in_the_future": 1}),
        (let_one_car_in_twice, {"one_open_ticket_per_car": 1}),
        (number_with_gaps, {"sequence_gaps": 1}),
        (point_at_foreign_tariff, {"links_stay_in_the_lot": 1}),
        (change_prices_secretly, {"prices_are_in_their_history": 1}),
        (record_event_in_foreign_lot, {"links_stay_in_the_lot": 3}),
        (owe_foreign_operator, {"money_stays_with_the_operator": 1}),
        (forget_a_message, {"messages_are_delivered_or_parked": 1}),
        (keep_texts_too_long, {"messages_are_forgotten": 3}),
        (number_impossibly, {"numbers_are_possible": 2}),
        (be_sure_beyond_certainty, {"numbers_are_possible": 2}),
        (come_before_the_calendar, {"numbers_are_possible": 3}),
        (owe_more_than_numbers_hold, {"numbers_are_possible": 1}),
        (give_a_role_at_a_foreign_lot, {"chosen_lots_are_the_operators_own": 1}),
        (employ_a_stranger, {"members_have_proven_their_address": 1}),
        (forget_whose_message_it_is, {"messages_name_their_operator": 1}),
        (leave_out_what_must_come, {"only_optional_messages_are_left_out": 1}),
        (summarise_for_another, {"summaries_go_to_who_waited": 1}),
        (write_to_who_is_gone, {"no_mail_goes_where_it_came_back": 1}),
    ],
)
def test_verify_reports_exactly_what_was_broken(
    unguarded: World, break_it: Callable[[World], None], reported: dict[str, int]
) -> None:
    break_it(unguarded)
    assert broken() == reported


def test_automatic_payment_that_was_agreed_breaks_nothing(world: World) -> None:
    charge_automatically(world)
    assert broken() == {}


def test_every_invariant_holds_on_healthy_data(world: World) -> None:
    assert broken() == {}


def test_second_promise_that_is_flagged_breaks_nothing(unguarded: World) -> None:
    promise_an_exit(unguarded, unguarded.inside)
    promise_an_exit(unguarded, unguarded.inside, flags=["promised_twice"])
    promise_an_exit(unguarded, unguarded.left, flags=["promised_twice"])
    assert broken() == {}


@pytest.mark.parametrize(
    ("seconds", "reason"), [(11, "ok"), (9, "reservation")], ids=["had the time to drive on", "booked"]
)
def test_camera_that_gives_an_id_to_the_next_car_breaks_nothing(unguarded: World, seconds: int, reason: str) -> None:
    let_one_car_in_twice(unguarded, seconds=seconds, reason=reason)
    assert broken() == {}


def test_a_message_that_is_still_tried_breaks_nothing(world: World) -> None:
    forget_a_message(world)
    Message.objects.update(next_attempt_at=NOW + HOUR, attempts=7, error="connection refused")
    assert broken() == {}


def test_findings_list_the_first_rows_and_count_all(unguarded: World) -> None:
    for number in range(5):
        forget_a_message(unguarded)
        Message.objects.filter(key="k").update(key=str(number))
    (finding,) = [one for one in prove(INVARIANTS, rows_listed=2) if one.total]
    assert (len(finding.rows), finding.total) == (2, 5)


def test_sequence_gaps_are_listed_and_prove_nothing_wrong(unguarded: World) -> None:
    number_with_gaps(unguarded)
    (finding,) = [one for one in prove(INVARIANTS) if one.total]
    assert finding.holds
    assert "2 to 4 missing" in finding.rows[0]


def test_impossible_sequence_numbers_are_named_and_hide_no_gap(unguarded: World) -> None:
    for seq in (2**63 - 1, 2**63 - 2, 0, 5, -(2**63)):
        record_event(unguarded.gate, device=unguarded.device, seq=seq)
    gaps, impossible = [one for one in prove(INVARIANTS) if one.total]
    assert gaps.rows == (
        f"device {unguarded.device.pk} ({unguarded.device.name} at {unguarded.gate.code}): 2 to 4 missing",
    )
    assert impossible.total == 3
    assert any("seq is 9223372036854775807" in row for row in impossible.rows)


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_sees_one_instant_and_writes_nothing() -> None:
    with snapshot(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        with pytest.raises(InternalError, match="read-only transaction"):
            Operator.objects.create(slug="acme", name="Acme", currency="CHF")
    assert not Operator.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_verify_command_answers_in_json_and_exits_1_when_broken() -> None:
    operator = Operator.objects.create(slug="acme", name="Acme", currency="CHF")
    out = io.StringIO()
    call_command("verify", "--json", stdout=out)
    assert json.loads(out.getvalue())["holds"] is True
    DocumentCounter.objects.create(operator=operator, kind="R", year=2026, last_number=3)
    out = io.StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("verify", stdout=out)
    assert exit_.value.code == 1
    assert "FAIL  5" in out.getvalue()
    assert f"operator {operator.pk}, R-2026: 0 documents" in out.getvalue()
