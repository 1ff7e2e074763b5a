"""Payments and refunds over the API: who sees them, who gives back how much, and who decides."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from billing.documents.issuing import issue_receipts
from billing.models import Payment, Refund, RefundRequest
from billing.providers import RefundRefusedError
from billing.services import take_payment
from tests.api.bookings_sent import refusal
from tests.api.documented import get, post
from tests.factories import make_cashier, make_charge, make_lot, make_operator, make_proof, make_ticket, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db
BACK = {"amount": 200, "reason": "The lift was out of order."}
GOODWILL = BACK | {"goodwill": True}
AT = now().replace(microsecond=0)


@pytest.fixture
def operator():
    return make_operator()


@pytest.fixture
def lot(operator):
    return make_lot(operator, slug="central")


@pytest.fixture
def admin(operator):
    return make_user("admin", operator)


@pytest.fixture
def attendant(operator):
    return make_user("attendant", operator)


def paid(lot, *, driver=None, method="card", stay=True, amount=600, at=AT, by=None):
    """A payment of a stay that has been proven by a driver; without a stay, of something else."""
    charge = make_charge(lot, amount, at=at)
    if stay:
        came = at - dt.timedelta(hours=2)
        ticket = make_ticket(
            lot, f"ZH {charge.pk}", came, status="closed", exit_at=at, closed_reason="paid", charge=charge
        )
        if driver:
            make_proof(ticket, driver)
    token = {"token": "tok_ok"} if method == "card" else {}
    key = f"payment-{charge.pk}"
    return take_payment(charge=charge, method=method, amount=None, idempotency_key=key, at=at, taken_by=by, **token)


def listed(person, query=""):
    answer = get(person, f"/payments{query}")
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["items"]]


def give_back(person, payment, body=GOODWILL, key=""):
    return post(person, f"/payments/{payment.pk}/refunds", body, key=key)


def asked_of(lot, attendant):
    """A refund that waits for a second person, and its id."""
    lot.operator.refund_limit = 100
    lot.operator.save()
    answer = give_back(attendant, paid(lot))
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting_for_approval"), answer.content
    return answer.json()["id"]


def test_payment_is_told_with_its_refunds_and_documents(lot, admin, attendant):
    payment = paid(lot, method="terminal", by=attendant)
    [receipt] = issue_receipts([payment], at=AT)
    give_back(admin, payment)

    [said] = get(admin, "/payments").json()["items"]

    assert said == get(admin, f"/payments/{payment.pk}").json()
    assert (said["lot"], said["ticket"], said["method"], said["state"]) == (
        *("central", payment.charge.ticket.number, "terminal", "captured"),
    )
    assert (said["amount"], said["captured"], said["refunded"], said["held"], said["currency"]) == (
        *(600, 600, 200, 0, "CHF"),
    )
    assert (said["receipt"], said["taken_by"]) == (receipt.number, attendant.email)
    assert said["created_at"] == AT.astimezone(dt.timezone(dt.timedelta(hours=1))).isoformat()
    [given] = said["refunds"]
    assert (given["amount"], given["reason"], given["goodwill"], given["requested_by"], given["status"]) == (
        *(200, BACK["reason"], True, admin.email, "returned"),
    )


def test_payments_are_seen_by_whom_they_concern(lot, admin, attendant):
    driver, other = make_user(), make_user("admin", make_lot().operator)
    mine, stay, pass_or_booking = paid(lot, driver=driver), paid(lot), paid(lot, stay=False)

    assert listed(admin) == [pass_or_booking.pk, stay.pk, mine.pk]
    assert listed(driver) == [mine.pk]
    assert listed(attendant) == listed(other) == listed(make_user()) == []
    assert get(None, "/payments").status_code == 401
    number = f"?ticket={stay.charge.ticket.number}"
    assert [listed(person, number) for person in (admin, attendant, driver, other)] == [[stay.pk], [stay.pk], [], []]
    for person, statuses in {
        admin: (200, 200, 200),
        attendant: (200, 200, 404),
        driver: (200, 404, 404),
        other: (404, 404, 404),
    }.items():
        got = tuple(get(person, f"/payments/{one.pk}").status_code for one in (mine, stay, pass_or_booking))
        assert got == statuses, person


def test_drivers_are_not_told_who_works_there(lot, admin, attendant):
    driver = make_user()
    payment = paid(lot, driver=driver, method="terminal", by=attendant)
    refund = give_back(admin, payment).json()["id"]

    said = get(driver, f"/payments/{payment.pk}").json()

    assert (said["taken_by"], said["refunds"][0]["requested_by"]) == (None, None)
    assert get(driver, f"/refunds/{refund}").json() == said["refunds"][0]
    assert refusal(give_back(driver, payment)) == (403, "forbidden", [])


def test_list_is_filtered_sorted_and_paged(lot, admin):
    second = make_lot(lot.operator, slug="second")
    early = paid(lot, amount=900, at=AT - dt.timedelta(days=3))
    late, there = paid(lot, method="terminal"), paid(second, amount=300)
    Payment.objects.filter(pk=there.pk).update(state="captured")
    day = (AT - dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    for query, rows in {
        "": [there, late, early],
        "?sort=created_at": [early, late, there],
        "?sort=-amount": [early, late, there],
        "?sort=amount": [there, late, early],
        "?lot=central": [late, early],
        "?lot=nowhere": [],
        "?method=terminal": [late],
        "?state=failed": [],
        f"?from={day}": [there, late],
        f"?to={day}": [early],
        "?page_size=2&page=2": [early],
        "?page=9": [],
        f"?ticket={late.charge.ticket.number.lower()}": [late],
        "?ticket=PS-%00": [],
    }.items():
        assert listed(admin, query) == [row.pk for row in rows], query
    for query, path in {
        "?state=lost": "state",
        "?method=barter": "method",
        "?sort=lot": "sort",
        "?from=yesterday": "from",
        "?to=2026-01-01T00:00:00": "to",
        "?page=0": "page",
        "?page_size=201": "page_size",
        f"?page={'9' * 40}": "page",
    }.items():
        assert refusal(get(admin, f"/payments{query}"))[2] == [path], query


def test_list_takes_the_same_statements_however_long_it_is(lot, admin):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            listed(admin)
        return len(captured)

    for _ in range(2):
        give_back(admin, paid(lot))
    few = statements()
    for _ in range(5):
        give_back(admin, paid(lot))

    assert statements() == few


@pytest.mark.parametrize("goodwill", [False, True])
def test_refund_within_the_limit_is_given_at_once(lot, admin, goodwill):
    payment = paid(lot)

    answer = give_back(admin, payment, BACK | {"goodwill": goodwill})

    said = answer.json()
    assert (answer.status_code, said["status"], said["amount"], said["currency"]) == (201, "returned", 200, "CHF")
    assert get(admin, f"/refunds/{said['id']}").json() == said
    payment.charge.refresh_from_db()
    assert (payment.charge.refunded_amount, payment.charge.credited_amount) == (200, 200 if goodwill else 0)
    assert broken() == []


def test_same_key_gives_back_once_and_another_body_is_refused(lot, admin):
    payment = paid(lot)
    first = give_back(admin, payment, key="k")

    assert give_back(admin, payment, key="k").json() == first.json()
    for body in ({"amount": 100}, {"reason": "Another one"}, {"goodwill": False}):
        assert refusal(give_back(admin, payment, GOODWILL | body, key="k"))[:2] == (422, "idempotency_key_reused")
    assert refusal(give_back(admin, paid(lot), key="k"))[:2] == (422, "idempotency_key_reused")
    assert give_back(make_user("admin", lot.operator), payment, key="k").status_code == 201
    assert Refund.objects.count() == 2
    assert give_back(admin, payment).status_code == give_back(admin, paid(lot)).status_code == 201


def test_attendant_gives_back_of_stays_within_the_limit(lot, attendant):
    assert give_back(attendant, paid(lot)).status_code == 201
    assert give_back(attendant, paid(lot, stay=False)).status_code == 404
    assert asked_of(lot, attendant).startswith("w")
    payment = RefundRequest.objects.get().payment
    assert refusal(give_back(attendant, payment))[:2] == (409, "refund_waiting")


def test_cash_needs_an_open_till(lot, admin):
    cashier = make_cashier(lot)
    payment = paid(lot, method="cash", by=cashier)

    assert refusal(give_back(admin, payment))[:2] == (409, "no_open_shift")
    answer = give_back(cashier, payment)

    assert (answer.status_code, answer.json()["status"]) == (201, "returned")
    assert Refund.objects.get().shift.person == cashier


WRONG = [
    *({"amount": amount} for amount in (0, -1, 601, 10**13, 10**400, "200", 2.0, True, None, [1], {})),
    *({"reason": reason} for reason in (" ", "x" * 201, "a\0b", 3, None, ["x"])),
    *({"goodwill": goodwill} for goodwill in ("yes", 1, None)),
]


def test_impossible_refund_is_refused_at_its_field(lot, admin):
    payment = paid(lot)
    for body in WRONG:
        answer = give_back(admin, payment, GOODWILL | body)
        assert (answer.status_code, refusal(answer)[2]) == (422, list(body)), body
    assert Refund.objects.count() == 0


def test_what_took_no_money_gives_none_back(lot, admin):
    charge = make_charge(lot, 600)
    failed = take_payment(charge=charge, method="card", amount=None, idempotency_key="f", at=AT, token="tok_declined")
    assert refusal(give_back(admin, failed))[:2] == (409, "payment_not_captured")
    assert get(admin, "/payments?state=failed").json()["items"][0]["failure"]


def test_second_person_approves(lot, admin, attendant):
    asked = asked_of(lot, attendant)
    path = f"/refunds/{asked}"
    assert get(attendant, path).json()["status"] == "waiting_for_approval"
    assert refusal(post(attendant, f"{path}/approve"))[:2] == (403, "forbidden")

    said = post(admin, f"{path}/approve")

    assert said.status_code == 200
    assert (said.json()["id"], said.json()["status"], said.json()["decided_by"]) == (asked, "returned", admin.email)
    assert post(admin, f"{path}/approve").json() == said.json() == get(attendant, path).json()
    assert Refund.objects.count() == 1
    other = make_user("admin", lot.operator)
    assert refusal(post(other, f"{path}/approve"))[:2] == (409, "refund_decided")
    assert refusal(post(admin, f"{path}/reject", {"why": "No."}))[:2] == (409, "refund_decided")
    assert get(admin, f"/payments/{said.json()['payment']}").json()["refunds"] == [said.json()]
    assert broken() == []


def test_second_person_rejects(lot, admin, attendant):
    asked = asked_of(lot, attendant)
    for why in ({}, {"why": ""}, {"why": " "}, {"why": "x" * 201}, {"why": None}):
        assert refusal(post(admin, f"/refunds/{asked}/reject", why))[2] == ["why"], why

    said = post(admin, f"/refunds/{asked}/reject", {"why": "The fee was right."})

    assert (said.status_code, said.json()["status"]) == (200, "rejected")
    assert said.json()["decision_note"] == "The fee was right."
    assert post(admin, f"/refunds/{asked}/reject", {"why": "The fee was right."}).json() == said.json()
    assert refusal(post(admin, f"/refunds/{asked}/approve"))[:2] == (409, "refund_decided")
    assert Refund.objects.count() == 0


def test_nobody_decides_about_their_own(lot, admin):
    asked = asked_of(lot, admin)

    for act, body in {"approve": {}, "reject": {"why": "x"}}.items():
        assert refusal(post(admin, f"/refunds/{asked}/{act}", body))[:2] == (403, "own_refund")
    assert RefundRequest.objects.get().state == "waiting"


def test_approval_is_refused_when_the_money_is_gone(lot, admin, attendant):
    asked = asked_of(lot, attendant)
    payment = RefundRequest.objects.get().payment
    lot.operator.refund_limit = None
    lot.operator.save()
    Refund.objects.create(payment=payment, amount=600, reason="x", idempotency_key="x", created_at=AT, returned_at=AT)

    assert refusal(post(admin, f"/refunds/{asked}/approve"))[:2] == (422, "refund_exceeds_payment")


def test_driver_learns_of_a_refund_when_it_is_given(lot, admin):
    driver = make_user()
    lot.operator.refund_limit = 100
    lot.operator.save()
    payment = paid(lot, driver=driver)
    asked = give_back(admin, payment).json()["id"]
    assert get(driver, f"/payments/{payment.pk}").json()["refunds"] == []
    assert get(driver, f"/refunds/{asked}").status_code == 404

    post(make_user("admin", lot.operator), f"/refunds/{asked}/approve")

    said = get(driver, f"/refunds/{asked}").json()
    assert (said["status"], said["decided_by"], said["requested_by"]) == ("returned", None, None)
    assert post(driver, f"/refunds/{asked}/approve").status_code == 403


def test_unknown_refund_is_not_found(lot, admin):
    for wrong in ["0", "w0", "9" * 18, "w" + "9" * 18, "9" * 40, "-1", "x", "w", "w1w", "٣", "%00"]:
        for method in (lambda path: get(admin, path), lambda path: post(admin, f"{path}/approve")):
            assert method(f"/refunds/{wrong}").status_code == 404, wrong
        assert post(admin, f"/refunds/{wrong}/reject", {"why": "x"}).status_code == 404, wrong


def test_refunds_of_another_operator_are_not_found(lot, attendant):
    other = make_user("admin", make_lot().operator)
    asked = asked_of(lot, attendant)
    payment = RefundRequest.objects.get().payment
    lot.operator.refund_limit = None
    lot.operator.save()
    given = give_back(attendant, paid(lot)).json()["id"]

    assert give_back(other, payment).status_code == 404
    for path in (f"/refunds/{asked}", f"/refunds/{given}"):
        assert get(other, path).status_code == 404
        assert post(other, f"{path}/approve").status_code == 404
        assert post(other, f"{path}/reject", {"why": "x"}).status_code == 404
    # One that needed nobody can't be decided about.
    assert post(make_user("admin", lot.operator), f"/refunds/{given}/approve").status_code == 404


def test_refund_that_the_provider_refuses_is_stuck(lot, admin, monkeypatch):
    payment = paid(lot)

    def refuse(*_args, **_more):
        raise RefundRefusedError("too_old", is_final=True)

    monkeypatch.setattr("billing.providers.simulated.SimulatedProvider.refund", refuse)
    said = give_back(admin, payment).json()

    assert (said["status"], said["failure"], said["returned_at"]) == ("stuck", "too_old", None)
