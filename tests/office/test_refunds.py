"""Payments and refunds on the office's pages."""

import pytest
from django.utils.timezone import now

from billing.models import Refund, RefundRequest
from billing.services import ask_refund, refund_payment, return_refund, take_payment
from tests.desk.test_pages import words
from tests.entrance.sessions import client_of
from tests.factories import make_cashier, make_charge, make_lot, make_ticket, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(name="Tower")


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator, name="Anna Keller")


@pytest.fixture
def other(lot):
    return make_user("admin", lot.operator, name="Bea Huber")


@pytest.fixture
def client(admin):
    return client_of(admin)


@pytest.fixture
def paid(lot):
    return pay(lot)


def pay(lot, token="", due=600, taken_by=None):
    charge = make_charge(lot, due)
    make_ticket(lot, f"ZH {charge.pk}00", status="closed", exit_at=now(), closed_reason="paid", charge=charge)
    key, method = f"paid-{charge.pk}", "card" if token else "cash" if taken_by else "terminal"
    return take_payment(
        charge=charge, method=method, amount=None, token=token, idempotency_key=key, taken_by=taken_by, at=now()
    )


def limit(lot, amount):
    lot.operator.refund_limit = amount
    lot.operator.save()


def ask(paid, by, amount=400):
    return ask_refund(payment=paid, amount=amount, reason="Broken lift", idempotency_key="asked", by=by, at=now())


def give_back(client, paid, **data):
    key = "00000000-0000-4000-8000-000000000001"
    defaults = {"amount": "4.00", "kind": "goodwill", "reason": "Broken lift", "currency": "CHF", "key": key}
    return client.post(f"/manage/payments/{paid.pk}/refund/", defaults | data, follow=True)


def refunds_page(client):
    return words(client.get("/manage/refunds/").content.decode())


def test_payments_are_found_by_plate_ticket_method_and_day(client, paid, lot):
    pay(lot, "tok_ok")
    ticket = paid.charge.ticket

    for query, found in [
        ("", 2),
        (f"?q={ticket.plate}", 1),
        (f"?q={ticket.number}", 1),
        ("?q=GE999999", 0),
        ("?method=card", 1),
        ("?state=failed", 0),
        ("?from=2000-01-01&to=2000-01-02", 0),
        (f"?lot={lot.slug}", 2),
    ]:
        assert client.get(f"/manage/payments/{query}").context["page"].paginator.count == found, query


def test_a_wrong_filter_is_refused(client):
    assert client.get("/manage/payments/?from=yesterday").status_code == 422


def test_one_payment_and_many_take_the_same_queries(client, paid, lot, django_assert_max_num_queries):
    for _ in range(5):
        refund_payment(payment=pay(lot), amount=100, reason="x", idempotency_key=str(_), at=now(), goodwill=True)

    with django_assert_max_num_queries(14):
        client.get("/manage/payments/")
    with django_assert_max_num_queries(16):
        client.get("/manage/refunds/")


def test_an_admin_gives_back_within_the_limit(client, paid, admin):
    page = words(give_back(client, paid).content.decode())

    refund = Refund.objects.get()
    assert (refund.amount, refund.goodwill, refund.refunded_by) == (400, True, admin)
    assert "CHF 4.00 given back." in page
    assert "Goodwill: Broken lift" in page


def test_the_same_form_twice_gives_back_once(client, paid):
    give_back(client, paid)
    give_back(client, paid)

    assert Refund.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"amount": "-1"}, {"amount": "0.005"}, {"amount": "6.01"}, {"amount": "9" * 18},
                                   {"currency": "EUR"}, {"kind": "gift"}, {"reason": " "}])  # fmt: skip
def test_wrong_refunds_are_refused_and_nothing_has_moved(client, paid, wrong):
    assert give_back(client, paid, **wrong).status_code == 422
    assert not Refund.objects.exists()


@pytest.mark.parametrize(("currency", "typed", "minor"), [("JPY", "150", 150), ("KWD", "0.125", 125)])
def test_amounts_have_the_decimals_of_their_currency(client, admin, currency, typed, minor):
    lot = make_lot(admin.memberships.get().operator, currency=currency)
    paid = pay(lot)

    give_back(client, paid, amount=typed, currency=currency)

    assert Refund.objects.get().amount == minor
    assert give_back(client, paid, amount=f"{typed}.5555", currency=currency).status_code == 422


def test_a_payment_that_failed_offers_no_refund(client, lot):
    failed = pay(lot, "tok_declined")

    assert "Give back" not in client.get(f"/manage/payments/{failed.pk}/").content.decode()
    assert give_back(client, failed).status_code in {409, 422}
    assert not Refund.objects.exists()


def test_above_the_limit_a_second_person_approves_and_both_names_are_shown(client, lot, admin, other):
    paid = pay(lot, taken_by=make_cashier(lot))
    limit(lot, 399)
    asked_page = words(give_back(client, paid).content.decode())
    asked = RefundRequest.objects.get()
    assert "wait for a second person" in asked_page
    assert "another person has to decide" in refunds_page(client)
    assert "asked for by Anna Keller" in refunds_page(client_of(other))

    client_of(other).post(f"/manage/refunds/requests/{asked.pk}/approve/")

    page = refunds_page(client)
    assert "Anna Keller, approved by Bea Huber" in page
    assert "Approved, to be handed over in cash." in page


def test_nobody_approves_their_own_also_through_another_session(client, paid, lot, admin):
    limit(lot, 0)
    asked = ask(paid, admin)

    response = client_of(admin).post(f"/manage/refunds/requests/{asked.pk}/approve/")

    assert response.status_code == 403
    assert "another person has to decide" in words(response.content.decode())
    assert not Refund.objects.exists()


def test_an_attendant_approves_nothing(paid, lot, admin):
    limit(lot, 0)
    asked = ask(paid, admin)
    attendant = client_of(make_user("attendant", lot.operator))

    for act in ("approve", "reject"):
        assert attendant.post(f"/manage/refunds/requests/{asked.pk}/{act}/", {"why": "x"}).status_code == 403
    assert attendant.get("/manage/refunds/").status_code == 403


def test_a_rejection_needs_a_reason(client, paid, lot, other):
    limit(lot, 0)
    asked = ask(paid, other)

    assert client.post(f"/manage/refunds/requests/{asked.pk}/reject/").status_code == 422
    client.post(f"/manage/refunds/requests/{asked.pk}/reject/", {"why": "No receipt"})

    asked.refresh_from_db()
    assert (asked.state, asked.decision_note) == ("rejected", "No receipt")


def test_a_refund_that_did_not_arrive_shows_why_and_what_to_do(client, lot, admin):
    closed = pay(lot, "tok_no_refund")
    give_back(client, closed)
    refund = Refund.objects.get()
    page = refunds_page(client)
    assert "The provider refuses: card closed. Asked once." in page

    client.post(f"/manage/refunds/{refund.pk}/retry/")
    refund.refresh_from_db()
    assert (refund.attempts, refund.is_stuck) == (2, True)

    client.post(f"/manage/refunds/{refund.pk}/take-back/", {"why": "Card closed"})
    assert "Taken back" in refunds_page(client)
    assert client.post(f"/manage/refunds/{refund.pk}/retry/").status_code == 409


def test_a_refund_is_given_back_otherwise(client, lot, admin):
    closed = pay(lot, "tok_no_refund")
    refund = return_refund(
        refund=refund_payment(payment=closed, amount=100, reason="x", idempotency_key="x", at=now()), at=now()
    )

    client.post(f"/manage/refunds/{refund.pk}/otherwise/", {"why": "Bank transfer"})

    assert "Given back Bank transfer" in refunds_page(client)


def test_an_admin_hands_over_what_was_approved(client, paid, lot, admin, other):
    limit(lot, 0)
    asked = ask(paid, other)
    client.post(f"/manage/refunds/requests/{asked.pk}/approve/")

    client.post(f"/manage/refunds/{Refund.objects.get().pk}/paid-out/")

    assert Refund.objects.get().returned_by == admin


def test_the_limit_is_set_and_shown(client, lot):
    path = f"/manage/refunds/{lot.operator.slug}/limit/"
    client.post(path, {"largest": "20"})
    lot.operator.refresh_from_db()
    assert lot.operator.refund_limit == 2000
    assert 'value="20.00"' in client.get("/manage/refunds/").content.decode()

    assert client.post(path, {"largest": "many"}).status_code == 422
    client.post(path, {"largest": ""})
    lot.operator.refresh_from_db()
    assert lot.operator.refund_limit is None


def test_a_stay_leads_to_its_payments(client, paid):
    assert f"/manage/payments/{paid.pk}/" in client.get(f"/manage/stays/{paid.charge.ticket.number}/").content.decode()
