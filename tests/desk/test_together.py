"""Old debts and the fee of a car in one go."""

import pytest

from accounts.models import BlockedPlate
from billing.models import Debt, Payment
from billing.services import record_debt
from tests.desk.test_pages import Desk, ago, words
from tests.factories import make_charge, make_lot, make_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """A desk whose car owes CHF 9.00, and 4.00 and 5.00 from before."""
    desk = Desk()
    desk.debts = [owe(desk.lot, amount) for amount in (400, 500)]
    return desk


def owe(lot, amount, plate="ZH 123456"):
    charge = make_charge(lot, amount)
    made = make_ticket(
        lot, plate, status="closed", entry_at=ago(days=3), exit_at=ago(days=2), closed_reason="owed", charge=charge
    )
    return record_debt(charge=charge, plate=made.plate, reason="declined", at=ago(days=2))


def pay(desk, debts=None, **data):
    shown = ",".join(f"{debt.pk}:{debt.charge.balance_amount}" for debt in debts or desk.debts)
    return desk.post(desk.stay("together/"), **{"agreed": 1800, "debts": shown, "how": "cash"} | data)


def left(desk):
    return Ticket.objects.get(pk=desk.ticket.pk).status == "closed"


def test_a_car_with_debts_leads_to_all_of_it_by_one_key(desk):
    assert f'data-key="Control+Enter" aria-keyshortcuts="Control+Enter" href="{desk.stay("together/")}' in desk.text(
        desk.stay()
    )

    page = words(desk.text(desk.stay("together/")))
    assert "All of it CHF 18.00" in page
    assert page.count("Debt from") == 2


def test_cash_pays_the_debts_and_the_fee_and_lets_the_car_go(desk):
    response = pay(desk, tendered="20")

    assert response.status_code == 302
    assert left(desk)
    assert not Debt.objects.open().exists()
    assert sorted(Payment.objects.values_list("captured_amount", flat=True)) == [400, 500, 900]
    page = words(desk.text())
    assert "ZH 123456 may leave" in page
    assert "CHF 18.00 with 2 debts." in page
    assert "Change CHF 2.00" in page


def test_the_same_form_twice_takes_it_once(desk):
    key = "00000000-0000-4000-8000-000000000001"

    assert [pay(desk, key=key, tendered="20").status_code for _ in range(2)] == [302, 302]
    assert Payment.objects.count() == 3


def test_cash_takes_all_or_nothing(desk):
    desk.post(desk.stay("debt/cash/", desk.debts[0].charge.ticket), agreed=400)

    response = pay(desk)

    assert response.status_code == 409
    assert "has been paid meanwhile" in words(response.content.decode())
    assert (Payment.objects.count(), left(desk)) == (1, False)
    assert 'value="1400"' in response.content.decode(), "the next submit agrees to what is owed now"


def test_a_fee_that_has_grown_takes_nothing(desk):
    assert pay(desk, agreed=1799).status_code == 409
    assert (Payment.objects.count(), left(desk)) == (0, False)


def test_too_little_cash_takes_nothing(desk):
    response = pay(desk, tendered="17.95")

    assert response.status_code == 422
    assert "CHF 0.05 is missing" in words(response.content.decode())
    assert not Payment.objects.exists()


def test_a_card_pays_everything(desk):
    pay(desk, how="card", token="tok_ok")

    assert left(desk)
    assert not Debt.objects.open().exists()


def test_a_card_that_is_declined_stops_at_the_first_debt(desk):
    pay(desk, how="card", token="tok_declined")

    assert (Payment.objects.count(), left(desk), Debt.objects.open().count()) == (1, False, 2)
    assert "Card declined" in words(desk.text(desk.stay()))


def test_paying_all_lifts_the_block(desk):
    desk.debts.append(owe(desk.lot, 300))
    assert BlockedPlate.objects.in_force().exists()

    pay(desk, agreed=2100)

    assert not BlockedPlate.objects.in_force().exists()


def test_the_desk_says_what_three_debts_lead_to(desk):
    desk.debts.append(owe(desk.lot, 300))
    assert "On the blocklist (3 open debts)" in words(desk.text(desk.stay()))

    desk.operator.debt_consequence = "prepay"
    desk.operator.save(update_fields=["debt_consequence"])

    assert "Comes in only with a prepaid booking (3 open debts)" in words(desk.text(desk.stay()))


def test_the_lanes_say_what_a_car_that_has_to_prepay_waits_for(desk):
    desk.debts.append(owe(desk.lot, 300))
    desk.operator.debt_consequence = "prepay"
    desk.operator.save(update_fields=["debt_consequence"])
    desk.ticket.delete()

    assert desk.entry.read(desk.ticket.plate)["reason"] == "prepay"

    assert "has to prepay, owes for three stays" in words(desk.text("/desk/lanes/"))


def test_a_debt_of_another_car_or_operator_is_not_taken(desk):
    for foreign in (owe(desk.lot, 100, "GE 1"), owe(make_lot(), 100)):
        assert pay(desk, [foreign], agreed=1000).status_code == 409
    assert not Payment.objects.exists()


@pytest.mark.parametrize("debts", ["", "1", "1:x", "1:-5", "9" * 30 + ":1", "1:99999999999999"])
def test_bad_input_is_refused(desk, debts):
    assert desk.post(desk.stay("together/"), agreed=1800, debts=debts, how="cash").status_code in {409, 422}
    assert not Payment.objects.exists()


def test_a_debt_in_another_currency_is_left_out(desk):
    yen = owe(make_lot(desk.operator, currency="JPY"), 700)

    assert "All of it CHF 18.00" in words(desk.text(desk.stay("together/")))
    assert pay(desk, [*desk.debts, yen], agreed=2500).status_code == 409
