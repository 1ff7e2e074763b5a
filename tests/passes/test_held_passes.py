"""Passes that people have: granted, suspended, cancelled, their plates, renewed and ended."""

import datetime as dt
from contextlib import nullcontext

import pytest

from billing.models import Debt, Payment, Refund
from billing.services import PayBy, take_payment
from common.errors import DomainError, InvalidValueError
from notifications.models import Message
from passes.access import load_own_pass
from passes.errors import (
    PassesOverlapError,
    PassStateError,
    PlateOnPassError,
    SwapLimitError,
    TooManyPlatesError,
)
from passes.models import PassPeriod
from passes.services import (
    HeldBy,
    add_manager,
    add_plate,
    bill_renewals,
    cancel_pass,
    change_pass,
    change_renewal,
    conclude_paid,
    end_passes,
    offer_renewals,
    pay_period,
    remind_holders,
    remove_manager,
    remove_plate,
    resume_pass,
    suspend_pass,
    swap_plate,
    swaps_left,
    unused_of,
)
from reservations.booking_documents import invoice_bookers
from tests.factories import make_lot, make_saved_method, make_user
from tests.invariants import broken
from tests.passes.sold import DAY, NOW, TODAY, bought, company_of, granted, offered, pool, reloaded

pytestmark = pytest.mark.django_db
END = dt.datetime(2026, 4, 1, 10, tzinfo=dt.UTC)
"""The last day of a month from NOW on."""


def plates_of(held):
    return sorted(held.plates.current().values_list("plate", flat=True))


def test_granted_pass_is_active_and_costs_nothing():
    held = granted(offered(make_lot()))

    assert (held.status, held.periods.get().charge) == ("active", None)


def test_granted_pass_is_invoiced_to_its_company():
    lot = make_lot()
    held = granted(offered(lot), to=HeldBy(company=company_of(lot)), invoiced=True)

    [invoice] = invoice_bookers(at=NOW)
    assert invoice.content["recipient"] | {"country": ""} == {
        "name": "Helvetia Ltd",
        "email": "fleet@example.com",
        "address": "1 High St, Bern",
        "tax_id": "CHE-1",
        "country": "",
    }
    assert invoice.content["total"] == 12000
    assert invoice.content["items"][0]["reference"] == held.code


def test_nobody_to_invoice_is_refused():
    with pytest.raises(InvalidValueError):
        granted(offered(make_lot()), to=HeldBy(name="Somebody"), invoiced=True)


def test_pass_that_ends_before_it_starts_is_refused_at_its_field():
    with pytest.raises(InvalidValueError) as refused:
        granted(offered(make_lot()), valid_until=TODAY - DAY)
    assert refused.value.errors[0].path == "valid_until"

    held = granted(offered(make_lot()))
    with pytest.raises(InvalidValueError):
        change_pass(held_pass=held, by=make_user(), at=NOW, why="", valid_until=TODAY - DAY)


def test_company_has_one_pass_for_a_plate_at_a_time():
    lot = make_lot()
    company = company_of(lot)
    pool(lot, 2, "ZH 1", "ZH 2", company=company)

    with pytest.raises(PassesOverlapError):
        pool(lot, 2, "ZH 2", company=company)


def test_suspended_pass_is_resumed():
    held, by = granted(offered(make_lot())), make_user()

    assert suspend_pass(held_pass=held, by=by, why="misused", at=NOW).stopped_at == NOW
    assert suspend_pass(held_pass=held, by=by, why="misused", at=NOW + DAY).stopped_at == NOW
    assert resume_pass(held_pass=held, by=by, at=NOW + DAY).stopped_at is None
    cancel_pass(held_pass=held, by=by, why="", at=NOW + DAY)
    for act in (suspend_pass, resume_pass):
        with pytest.raises(PassStateError):
            act(held_pass=held, by=by, why="", at=NOW)


@pytest.mark.parametrize(
    ("months", "day", "fee", "back"),
    [(1, 1, 0, 0), (3, 1, 0, 8000), (3, 40, 0, 4000), (3, 40, 1000, 3000), (3, 40, 5000, 0), (3, 80, 0, 0)],
)
def test_cancelled_pass_gives_whole_unused_months_back_less_the_fee(months, day, fee, back):
    held = bought(offered(make_lot(), period_months=months, cancel_fee_amount=fee))
    at = NOW + day * DAY
    assert unused_of(held, at=at).refund_amount == back

    for _twice in range(2):
        held = cancel_pass(held_pass=held, by=held.holder, why="moved away", at=at)

    charge = held.periods.get().charge
    charge.refresh_from_db()
    assert (charge.due_amount, charge.refunded_amount, charge.balance_amount) == (12000 - back, back, 0)
    assert [refund.returned_at for refund in Refund.objects.all()] == ([at] if back else [])
    assert Message.objects.filter(template="pass_cancelled").count() == 1
    assert broken() == []


def test_what_is_not_paid_yet_of_a_cancelled_pass_is_not_owed_any_more():
    lot = make_lot()
    held = granted(offered(lot, period_months=3), to=HeldBy(company=company_of(lot)), invoiced=True)

    cancel_pass(held_pass=held, by=make_user(), why="", at=NOW + 40 * DAY)

    charge = held.periods.get().charge
    charge.refresh_from_db()
    assert (charge.credited_amount, charge.balance_amount) == (4000, 8000)


def test_plates_are_added_and_removed_within_their_number():
    held, by = granted(offered(make_lot(), most_plates=2)), make_user()

    add_plate(held_pass=held, plate="ZH 2", by=by, at=NOW, label="Ann")
    with pytest.raises(TooManyPlatesError):
        add_plate(held_pass=held, plate="ZH 3", by=by, at=NOW)
    remove_plate(held_pass=held, plate="zh1", by=by, at=NOW + DAY)
    with pytest.raises(PlateOnPassError):
        remove_plate(held_pass=held, plate="ZH 1", by=by, at=NOW)
    with pytest.raises(PlateOnPassError):
        add_plate(held_pass=held, plate="zh-2", by=by, at=NOW)
    assert plates_of(held) == ["ZH 2"]
    assert held.plates.get(plate="ZH 1").removed_at == NOW + DAY


def test_plate_is_swapped_as_often_as_a_month_allows():
    held, by = granted(offered(make_lot())), make_user()
    assert swaps_left(held, at=NOW) == 2

    swap_plate(held_pass=held, old="ZH 1", new="ZH 2", by=by, at=NOW)
    swap_plate(held_pass=held, old="ZH 2", new="ZH 3", by=by, at=NOW)
    assert swaps_left(held, at=NOW) == 0
    with pytest.raises(SwapLimitError):
        swap_plate(held_pass=held, old="ZH 3", new="ZH 4", by=by, at=NOW)
    swap_plate(held_pass=held, old="ZH 3", new="ZH 4", by=by, at=NOW, limited=False)
    swap_plate(held_pass=held, old="ZH 4", new="ZH 5", by=by, at=NOW + 31 * DAY)
    assert plates_of(held) == ["ZH 5"]


def test_swap_that_is_refused_changes_nothing():
    held, by = granted(offered(make_lot(), most_plates=2), "ZH 1", "ZH 2"), make_user()

    with pytest.raises(DomainError):
        swap_plate(held_pass=held, old="ZH 1", new="ZH 2", by=by, at=NOW)
    assert plates_of(held) == ["ZH 1", "ZH 2"]


def test_plate_of_another_own_pass_is_refused():
    lot, driver = make_lot(), make_user()
    offer = offered(lot)
    granted(offer, "ZH 1", to=HeldBy(user=driver))
    other = granted(offer, "ZH 2", to=HeldBy(user=driver))

    with pytest.raises(PassesOverlapError):
        swap_plate(held_pass=other, old="ZH 2", new="ZH 1", by=driver, at=NOW)


def test_manager_of_a_company_finds_its_passes_and_nobody_else_does():
    lot, boss = make_lot(), make_user(password="s3cret-words")
    company = company_of(lot)
    held = pool(lot, 2, "ZH 1", company=company)
    manager = add_manager(company=company, email=boss.email.upper(), by=make_user(), at=NOW)
    assert add_manager(company=company, email=boss.email, by=make_user(), at=NOW) == manager

    assert load_own_pass(boss, held.code) == held
    with pytest.raises(DomainError):
        load_own_pass(make_user(), held.code)
    remove_manager(manager=manager)
    with pytest.raises(DomainError):
        load_own_pass(boss, held.code)


@pytest.mark.parametrize("who", ["nobody", "unproven", "inactive"])
def test_address_that_nobody_has_proven_manages_no_company(who):
    proven = make_user(password="s3cret-words", is_active=False).email
    email = {"nobody": "nobody@example.com", "unproven": make_user().email, "inactive": proven}[who]
    company = company_of(make_lot())

    with pytest.raises(InvalidValueError):
        add_manager(company=company, email=email, by=make_user(), at=NOW)
    assert not company.managers.exists()


def run_tasks(at):
    """What the periodic tasks do, twice."""
    for _twice in range(2):
        conclude_paid(at=at)
        offer_renewals(at=at)
        bill_renewals(at=at)
        remind_holders(at=at)
        end_passes(at=at)


def told(held):
    keys = Message.objects.filter(key__contains=held.code).exclude(template="pass_begun").order_by("created_at", "id")
    return list(keys.values_list("template", flat=True))


def renewing(**fields):
    driver = make_user()
    card = make_saved_method(driver, reference="tok_ok")
    return bought(offered(make_lot(), renewal="charge", **fields), driver, pay_by=PayBy(saved_method=card))


def renewed_with(held, token):
    held.saved_method.reference = token
    held.saved_method.save()
    return held


def test_pass_is_renewed_by_its_card_a_week_before():
    held = renewing()

    run_tasks(END - 15 * DAY)
    assert not held.periods.filter(number=2).exists()
    run_tasks(END - 14 * DAY)
    assert held.periods.get(number=2).charge is None
    run_tasks(END - 7 * DAY)
    run_tasks(END + DAY)

    held = reloaded(held)
    assert (held.status, held.valid_until) == ("active", dt.date(2026, 5, 1))
    assert Payment.objects.count() == 2
    assert told(held) == ["pass_ends_soon"]
    assert broken() == []


def test_unpaid_pass_opens_for_its_days_of_grace_and_is_suspended_then():
    held = renewed_with(renewing(), "tok_declined")

    for day in range(-16, 8):
        run_tasks(END + day * DAY)
        expected = "active" if day <= 5 else "suspended"
        assert (day, reloaded(held).status) == (day, expected)

    assert told(held) == ["pass_ends_soon", "pass_billed", "pass_ends_today", "pass_still_unpaid"]
    assert Payment.objects.filter(state="failed").count() == 3
    period = held.periods.get(number=2)
    pay_period(period=period, pay_by=PayBy(token="tok_ok"), payer=held.holder, key="1", at=END + 8 * DAY)
    held = reloaded(held)
    assert (held.status, held.valid_until, held.unpaid) == ("active", dt.date(2026, 5, 1), False)


def test_tasks_that_were_missed_are_caught_up_without_old_reminders():
    held = renewed_with(renewing(), "tok_declined")

    run_tasks(END - 2 * DAY)
    assert told(held) == ["pass_billed"]
    run_tasks(END + 9 * DAY)
    assert (reloaded(held).status, told(held)) == ("suspended", ["pass_billed"])
    run_tasks(END + 40 * DAY)
    held = reloaded(held)
    assert (held.status, held.periods.get(number=2).charge.balance_amount) == ("expired", 0)
    assert broken() == []


def test_invoice_is_sent_although_its_holder_tried_a_card_before():
    company, boss = company_of(lot := make_lot()), make_user()
    held = granted(offered(lot, renewal="invoice"), to=HeldBy(company=company))
    run_tasks(END - 14 * DAY)
    period, early = held.periods.get(number=2), {"payer": boss, "key": "1", "at": END - 10 * DAY}
    assert pay_period(period=period, pay_by=PayBy(token="tok_declined"), **early).state == "failed"

    run_tasks(END - 8 * DAY)
    assert not Debt.objects.exists()
    run_tasks(END - 7 * DAY)

    assert Debt.objects.get().charge == held.periods.get(number=2).charge
    assert told(held)[-1] == "pass_billed"
    assert broken() == []


@pytest.mark.parametrize(("offer", "now_has", "answer"), [("none", "none", None), ("invoice", "none", "invoice")])
def test_holder_chooses_an_invoice_only_where_it_was_agreed(offer, now_has, answer):
    driver = make_user()
    held = granted(offered(make_lot(), renewal=offer), to=HeldBy(user=driver), changed={"renewal": now_has})
    choice = {"held_pass": held, "renewal": "invoice", "saved_method": None, "by": driver, "at": NOW}

    with nullcontext() if answer else pytest.raises(InvalidValueError):
        change_renewal(**choice)

    assert reloaded(held).renewal == (answer or now_has)


def test_renewal_by_invoice_is_owed_and_paid():
    lot = make_lot()
    held = granted(offered(lot, renewal="invoice"), to=HeldBy(company=company_of(lot)))

    run_tasks(END - 7 * DAY)
    debt = Debt.objects.get()
    assert (debt.amount, debt.of_booker) == (12000, True)
    take_payment(charge=debt.charge, method="online", amount=None, idempotency_key="k", at=END, token="tok_ok")
    run_tasks(END + DAY)
    assert reloaded(held).valid_until == dt.date(2026, 5, 1)
    assert Debt.objects.open().count() == 0


def test_pass_that_is_not_renewed_ends_after_its_last_day_by_the_lots_clock():
    held = granted(offered(make_lot()))

    run_tasks(dt.datetime(2026, 4, 1, 21, 59, tzinfo=dt.UTC))
    assert reloaded(held).status == "active"
    run_tasks(dt.datetime(2026, 4, 1, 22, 0, tzinfo=dt.UTC))
    assert reloaded(held).status == "expired"


def test_pass_that_ends_is_told_two_weeks_before():
    held = granted(offered(make_lot()))

    run_tasks(END - 14 * DAY)
    run_tasks(END - 7 * DAY)
    run_tasks(END)
    assert told(held) == ["pass_ends_soon"]


def test_holder_stops_the_renewal():
    held = renewed_with(renewing(), "tok_declined")
    run_tasks(END - 7 * DAY)

    change_renewal(held_pass=held, renewal="none", saved_method=None, by=held.holder, at=END - 6 * DAY)

    period = PassPeriod.objects.get(number=2)
    assert (period.dropped_at, period.charge.balance_amount) == (END - 6 * DAY, 0)
    run_tasks(END + DAY)
    assert reloaded(held).status == "expired"
    with pytest.raises(PassStateError):
        change_renewal(held_pass=held, renewal="none", saved_method=None, by=held.holder, at=END)


def test_card_of_another_is_refused():
    held = granted(offered(make_lot()))

    with pytest.raises(InvalidValueError):
        change_renewal(
            held_pass=held, renewal="charge", saved_method=make_saved_method(make_user()), by=held.holder, at=NOW
        )
    assert reloaded(held).saved_method is None


def test_renewed_pass_of_entries_gets_those_of_the_next_period():
    held = renewing(kind="entries", entries=10)

    run_tasks(END - 14 * DAY)
    run_tasks(END - 7 * DAY)

    assert reloaded(held).entries_left == 20


def test_operator_changes_a_pass_with_its_history():
    held = granted(offered(make_lot()))

    change_pass(held_pass=held, by=make_user(), at=NOW, why="agreed by phone", spaces=3, most_plates=5)

    assert (reloaded(held).spaces, held.changes.last().why) == (3, "agreed by phone")
    with pytest.raises(InvalidValueError):
        change_pass(held_pass=held, by=make_user(), at=NOW, why="", spaces=0)
