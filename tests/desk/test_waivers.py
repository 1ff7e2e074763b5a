"""What attendants let go: recorded as that, flagged, limited, and summed for each person and day."""

import datetime as dt
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role
from analytics.scope import scope_of
from analytics.waiver_totals import let_go_by_day
from billing.documents.issuing import issue_receipts
from billing.models import Charge, Credit
from billing.services import take_payment
from gates.models import GateEvent
from gates.services import ActConflictError, WaiverLimitError, open_by_hand
from tests.factories import make_gate, make_lot, make_ticket, make_user
from tests.gates.test_desk_services import HOURS, NOW, Desk
from tests.invariants import broken
from tickets.models import Ticket
from tickets.services import assess_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def limit(desk, **limits):
    operator = desk.lot.operator
    for name, value in limits.items():
        setattr(operator, name, value)
    operator.save()


def another_car(desk, plate="ZH 9"):
    return make_ticket(desk.lot, plate, entry_at=NOW - 2.5 * HOURS)


def test_a_waived_fee_is_never_recorded_as_paid(desk):
    done = desk.let_out(waive=True)

    event = GateEvent.objects.get()
    assert (done.decision.reason, done.ticket.closed_reason, event.reason, event.flags) == (
        "waived",
        "waived",
        "waived",
        ["waived"],
    )
    assert Credit.objects.get().kind == "waived"
    assert broken() == []


def test_the_rest_that_is_waived_after_a_part_was_paid_is_waived_too(desk):
    charge = assess_ticket(ticket=desk.ticket, at=NOW)
    take_payment(charge=charge, method="terminal", amount=400, idempotency_key="part", at=NOW)

    done = desk.let_out(waive=True)

    charge = Charge.objects.get()
    assert (done.ticket.closed_reason, charge.charged_amount, charge.charged_tax_amount) == ("waived", 400, 30)
    assert broken() == []


def test_what_was_paid_before_is_left_as_paid_although_it_should_be_waived(desk):
    charge = assess_ticket(ticket=desk.ticket, at=NOW)
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="all", at=NOW)

    assert desk.let_out(waive=True).ticket.closed_reason == "paid"


def test_a_gate_opened_by_hand_says_so(desk):
    event = open_by_hand(gate=desk.exit, by=desk.attendant, note="barrier stuck", at=NOW, key=uuid4())

    assert (event.action, event.reason, event.flags) == ("open", "by_hand", ["by_hand"])


def test_a_strangers_pending_card_does_not_keep_a_fee_from_being_waived(desk):
    charge = assess_ticket(ticket=desk.ticket, at=NOW)
    charge.payments.create(
        method="card", state="pending", amount=900, idempotency_key="x", by_number=True, created_at=NOW
    )

    assert desk.let_out(waive=True).ticket.closed_reason == "waived"


def test_an_attendant_waives_no_more_than_the_operator_allows(desk):
    limit(desk, waiver_limit=899)

    with pytest.raises(WaiverLimitError, match=r"CHF\s8\.99 at most"):
        desk.let_out(waive=True)
    assert Ticket.objects.get().is_open
    assert not Credit.objects.exists()

    limit(desk, waiver_limit=900)
    assert desk.let_out(waive=True).left


def test_an_attendants_day_has_a_limit_and_the_next_day_begins_anew(desk):
    limit(desk, waiver_day_limit=1000)
    desk.let_out(waive=True)
    other = another_car(desk)

    with pytest.raises(WaiverLimitError, match=r"CHF\s1\.00 more today"):
        desk.let_out(waive=True, ticket=other)
    tomorrow = NOW + dt.timedelta(hours=14)  # after the lot's midnight
    late = make_ticket(desk.lot, "ZH 10", entry_at=tomorrow - 2.5 * HOURS)
    assert desk.let_out(waive=True, ticket=late, at=tomorrow).left


def test_admins_waive_without_a_limit(desk):
    limit(desk, waiver_limit=0, waiver_day_limit=0)
    desk.attendant.memberships.update(role=Role.ADMIN)

    assert desk.let_out(waive=True).left


def test_a_lot_of_another_currency_has_the_same_figure_as_its_limit(desk):
    limit(desk, waiver_limit=2000)
    yen = make_lot(desk.lot.operator, currency="JPY", spots={"regular": 1})
    ticket, gate = make_ticket(yen, entry_at=NOW - 2.5 * HOURS), make_gate(yen, "exit")

    with pytest.raises(WaiverLimitError, match="¥20 at most"):
        desk.let_out(waive=True, ticket=ticket, gate=gate)


def test_the_desk_says_what_the_limit_is(desk):
    limit(desk, waiver_limit=100)
    client = Client()
    client.force_login(desk.attendant)
    ticket = make_ticket(desk.lot, "ZH 11")  # two hours up to now
    page = f"/desk/stays/{ticket.number}/out/?lot={desk.lot.slug}&lane={desk.exit.code}"

    answer = client.post(page, {"key": uuid4(), "gate": desk.exit.code, "how": "waive", "note": "sorry"})

    assert answer.status_code == 422
    assert "at most. Let the fee stay owed, or ask an admin to waive it." in answer.content.decode()


def test_the_sums_of_each_person_and_day_equal_the_rows(desk):
    admin = make_user("admin", desk.lot.operator, name="Ada")
    tomorrow = NOW + dt.timedelta(days=1)
    desk.let_out(waive=True)
    desk.let_out(waive=True, ticket=another_car(desk))
    late = make_ticket(desk.lot, "ZH 10", entry_at=tomorrow - 2.5 * HOURS)
    desk.let_out(waive=True, ticket=late, at=tomorrow)
    for at in (NOW, NOW, tomorrow):
        open_by_hand(gate=desk.exit, by=admin, note="x", at=at, key=uuid4())
    elsewhere = Desk()
    elsewhere.let_out(waive=True)

    rows = let_go_by_day(scope_of(admin), tomorrow)

    mine = Credit.objects.filter(kind="waived", charge__lot=desk.lot)
    events = GateEvent.objects.filter(reason="by_hand", lot=desk.lot)
    assert sum(row.waived for row in rows) == sum(credit.amount for credit in mine) == 2700
    assert sum(row.openings for row in rows) == events.count() == 3
    for row in rows:
        of_day = [credit for credit in mine if credit.created_at.date() == row.day]
        assert row.waived == sum(credit.amount for credit in of_day if credit.granted_by_id == row.person_id)
        assert row.waivers == sum(credit.granted_by_id == row.person_id for credit in of_day)
        assert row.openings == events.filter(at__date=row.day, person=row.person_id).count()
    assert [(row.day.day, row.waived, row.openings) for row in rows if row.person == "Ada"] == [(3, 0, 1), (2, 0, 2)]


def test_the_page_shows_the_sums_and_keeps_the_limits(desk):
    admin = make_user("admin", desk.lot.operator)
    desk.let_out(waive=True, at=dt.datetime.now(dt.UTC))
    client = Client()
    client.force_login(admin)
    limits = f"/manage/waivers/{desk.lot.operator.slug}/limits/"

    assert client.post(limits, {"largest": "twenty"}).status_code == 422
    assert client.post(limits, {"largest": "20", "a_day": "50.5"}).status_code == 302
    page = client.get("/manage/waivers/").content.decode()

    desk.lot.operator.refresh_from_db()
    assert (desk.lot.operator.waiver_limit, desk.lot.operator.waiver_day_limit) == (2000, 5050)
    assert str(desk.attendant) in page
    assert 'value="20.00"' in page


def test_a_key_stands_for_one_act_and_its_money(desk):
    key = uuid4()
    desk.pay(key=key, tendered=1000)

    for other in (
        lambda: desk.pay("tok_ok", key),
        lambda: desk.pay(key=key, tendered=2000),
        lambda: desk.let_out(key=key, waive=True),
        lambda: desk.lose(key=key),
        lambda: open_by_hand(gate=desk.exit, by=desk.attendant, note="x", at=NOW, key=key),
    ):
        with pytest.raises(ActConflictError):
            other()
    assert desk.pay(key=key, tendered=1000).left
    assert GateEvent.objects.count() == 1


def test_a_key_of_a_lost_ticket_stands_for_that_car(desk):
    key = uuid4()
    ticket = desk.lose("ZH 77", key=key)

    assert desk.lose("ZH 77", key=key) == ticket
    for other in (lambda: desk.lose("ZH 78", key=key), lambda: desk.let_out(ticket=ticket, key=key)):
        with pytest.raises(ActConflictError):
            other()


def test_the_lost_ticket_fee_is_taxed_and_receipted_like_any_price(desk):
    ticket = desk.lose("ZH 77")

    done = desk.pay(ticket=ticket)

    charge = done.payment.charge
    assert (charge.due_amount, charge.charged_tax_amount) == (4000, 300)
    assert issue_receipts([done.payment], at=NOW)[0].tax_amount == 300
