"""The cashier's shift at the desk, by plain forms; nothing says what is expected before the count."""

import uuid

import pytest
from django.test import Client

from billing.models import CashMovement, Payment, Shift, ShiftCount
from tests.desk.test_pages import Desk, words
from tests.factories import make_closed_shift, make_lot, make_operator, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def idle(desk):
    """A desk whose attendant has no shift."""
    desk.shift.delete()
    return desk


def act(desk, name, **data):
    return desk.client.post(f"/desk/shift/{name}/?lot={desk.lot.slug}", data)


def begun(desk):
    act(desk, "begin")
    return desk


def counted(desk, total="100.00", **more):
    assert act(begun(desk), "count", total=total, **more).status_code == 302
    return desk


def shown(desk, **query):
    return words(desk.text("/desk/shift/", **query))


def state():
    return Shift.objects.get().state


# Opening


def test_cash_without_a_shift_opens_the_shift_page_and_leads_back_to_the_stay(idle):
    assert f"stay={idle.ticket.number}" in idle.text(idle.stay())
    assert "Cash handed over" not in idle.text(idle.stay())

    refused = idle.cash(tendered="10")

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "You have no open shift" in words(page)
    assert 'name="float_amount"' in page
    assert not Payment.objects.exists()
    opened = act(idle, "open", drawer="1", float_amount="100.00", stay=idle.ticket.number)
    assert opened["Location"].startswith(idle.stay())
    assert idle.cash(tendered="10").status_code == 302


def test_a_debt_in_cash_without_a_shift_asks_for_one_too(idle):
    idle.post(idle.stay("out/"), how="debt", note="card machine broken")

    assert idle.post(idle.stay("debt/cash/"), agreed=900, tendered="10").status_code == 409


def test_a_car_that_owes_nothing_leaves_without_a_shift(idle):
    idle.post(idle.stay("card/"), agreed=900, token="tok_ok")

    idle.ticket.refresh_from_db()
    assert idle.ticket.status == "closed"


def test_the_float_is_what_the_last_shift_left(desk):
    counted(desk)
    act(desk, "close", left_amount="40.00")

    page = desk.text("/desk/shift/")
    assert 'value="40.00"' in page
    act(desk, "open", drawer=desk.shift.drawer, float_amount="38.00")
    assert Shift.objects.first().follows == desk.shift


@pytest.mark.parametrize("typed", ["", "-5", "ten", "1.005", "9" * 19])
def test_a_float_that_is_no_amount_is_refused_at_its_field(idle, typed):
    refused = act(idle, "open", drawer="1", float_amount=typed)

    assert refused.status_code == 422
    assert "id_float_amount_error" in refused.content.decode()
    assert not Shift.objects.exists()


def test_a_second_open_shift_is_refused(desk):
    refused = act(desk, "open", drawer="2", float_amount="0")

    assert refused.status_code == 422
    assert Shift.objects.count() == 1


def test_a_drawer_in_use_is_refused_at_its_field(desk):
    other = Client()
    other.force_login(make_user("attendant", desk.operator))

    refused = other.post("/desk/shift/open/", {"drawer": desk.shift.drawer, "float_amount": "0"})

    assert refused.status_code == 422
    assert "is in use by another shift" in words(refused.content.decode())


# While it runs


def test_nothing_says_how_much_cash_there_is_before_the_count(desk):
    desk.cash(tendered="20")

    for page in ("/desk/", "/desk/lanes/", "/desk/shift/"):
        text = words(desk.text(page))
        assert "1 sale" in text, page
        for hint in ("CHF 109.00", "expected", "Your cash"):
            assert hint not in text.replace("you see what was expected", ""), page
    assert "CHF 109.00" not in words(begun(desk).text("/desk/shift/"))


def test_cash_moves_with_a_reason_once(desk):
    move = {"kind": "paid_out", "amount": "12.50", "reason": "light bulbs", "key": str(uuid.uuid4())}

    for _turn in range(2):
        assert act(desk, "move", **move).status_code == 302
    assert [(one.kind, one.amount) for one in CashMovement.objects.all()] == [("paid_out", 1250)]
    assert "light bulbs" in shown(desk)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "-1"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "0.001"}, "amount"),
        ({"amount": "much"}, "amount"),
        ({"amount": "1" * 19}, "amount"),
        ({"reason": ""}, "reason"),
        ({"kind": "handed_over"}, "kind"),
    ],
)
def test_a_wrong_movement_is_refused_at_its_field(desk, wrong, field):
    given = {"kind": "paid_in", "amount": "1", "reason": "r", "key": str(uuid.uuid4())} | wrong
    refused = act(desk, "move", **given)

    assert refused.status_code == 422
    assert f"id_{field}_error" in refused.content.decode()
    assert not CashMovement.objects.exists()


def test_a_till_that_is_counted_takes_no_cash(desk):
    refused = begun(desk).cash()

    assert refused.status_code == 409
    assert "is being counted" in words(refused.content.decode())
    assert act(desk, "move", kind="drop", amount="1", key=str(uuid.uuid4())).status_code == 422


# Counting


def test_a_count_is_read_back_before_it_is_recorded(desk):
    begun(desk)

    text = shown(desk, piece_5000="2", piece_20="1", total="", cards="")

    assert "You counted CHF 100.20" in text
    assert not ShiftCount.objects.exists()
    act(desk, "count", piece_5000="2", piece_20="1", total="", cards="")
    assert ShiftCount.objects.get().pieces == {"5000": 2, "20": 1}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "total"),
        ({"piece_5000": "two"}, "piece_5000"),
        ({"piece_5000": "-2"}, "piece_5000"),
        ({"piece_5000": "1.5"}, "piece_5000"),
        ({"piece_5000": "9" * 12}, "piece_5000"),
        ({"total": "letters"}, "total"),
        ({"total": "-1"}, "total"),
        ({"total": "1.001"}, "total"),
        ({"total": "5", "piece_5000": "1"}, "total"),
        ({"total": "100", "cards": "x"}, "cards"),
    ],
)
def test_a_count_of_nonsense_is_refused_at_its_field(desk, wrong, field):
    begun(desk)

    for refused in (act(desk, "count", **wrong), desk.get("/desk/shift/", **{"total": ""} | wrong)):
        assert refused.status_code == 422
        assert f"id_{field}_error" in refused.content.decode()
    assert not ShiftCount.objects.exists()


def test_a_till_is_counted_only_after_it_was_stopped_and_only_once(desk):
    assert act(desk, "count", total="100").status_code == 422
    counted(desk)

    again = act(desk, "count", total="99")

    assert again.status_code == 422
    assert ShiftCount.objects.get().counted_amount == 10000


@pytest.mark.parametrize(("currency", "typed", "minor"), [("JPY", "1500", 1500), ("KWD", "1.250", 1250)])
def test_currencies_without_cents_and_with_three_decimals_are_counted(currency, typed, minor):
    desk = Desk()
    desk.shift.delete()
    desk.lot.currency = currency
    desk.lot.save()
    act(desk, "open", drawer="1", float_amount=typed)
    counted(desk, typed)

    count = ShiftCount.objects.get()
    assert (count.currency, count.counted_amount, count.difference) == (currency, minor, 0)


# Closing


def test_after_the_count_the_difference_is_shown_and_explained(desk):
    desk.cash(tendered="11")
    counted(desk, "107.00")

    text = shown(desk)

    assert "Cash expectedCHF 109.00" in text
    assert "Short−CHF 2.00" in text
    assert "Sales that would explain it" in text


def test_a_difference_needs_a_note_at_its_field(desk):
    counted(desk, "99.00")

    refused = act(desk, "close", left_amount="0")
    assert refused.status_code == 422
    assert "id_note_error" in refused.content.decode()
    closed = act(desk, "close", left_amount="20", note="I gave too much change")

    assert closed["Location"].startswith(f"/desk/shift/{desk.shift.pk}/")
    report = words(desk.text(closed["Location"].split("?")[0]))
    assert "I gave too much change" in report
    assert broken() == []


@pytest.mark.parametrize("typed", ["101", "-1", "all", ""])
def test_what_is_left_is_an_amount_within_the_count(desk, typed):
    counted(desk)

    refused = act(desk, "close", left_amount=typed)

    assert refused.status_code == 422
    assert "id_left_amount_error" in refused.content.decode()
    assert state() == "counting"


def test_a_closed_shift_is_not_closed_again(desk):
    counted(desk)
    act(desk, "close", left_amount="0")

    for name, data in (("close", {"left_amount": "0"}), ("count", {"total": "1"}), ("move", {"amount": "1"})):
        assert act(desk, name, **data).status_code == 422, name
    assert act(desk, "begin").status_code == 302
    assert state() == "closed"


def test_close_out_says_what_was_out_of_the_ordinary(desk):
    desk.post(desk.stay("out/"), how="debt", note="card machine broken")
    desk.post("/desk/open/", note="delivery")
    counted(desk)

    assert "1 car left without paying" in shown(desk)
    assert "1 gate opened by hand" in shown(desk)


def test_nobody_reads_the_close_out_of_another(desk):
    colleague = make_user("attendant", desk.operator)
    theirs = make_closed_shift(colleague, desk.lot)

    assert desk.get(f"/desk/shift/{theirs.pk}/").status_code == 404
    assert desk.get(f"/desk/shift/{desk.shift.pk}/").status_code == 404  # not closed yet
    assert str(theirs.drawer) not in shown(desk)


# Money at the desk


def test_change_that_can_not_be_given_is_said_and_kept(desk):
    desk.cash(tendered="20", kept="0.50")

    payment = Payment.objects.get()
    assert (payment.kept_amount, payment.change_amount) == (50, 1050)
    assert "CHF 0.50 of the change was not given" in words(desk.text())


@pytest.mark.parametrize("kept", ["12", "-1", "x", "0.001"])
def test_impossible_kept_change_is_refused_at_its_field(desk, kept):
    refused = desk.cash(tendered="20", kept=kept)

    assert refused.status_code == 422
    assert "id_kept_error" in refused.content.decode()
    assert not Payment.objects.exists()


def test_cash_is_asked_for_in_coins_there_are(desk):
    desk.lot.cash_rounding = 500
    desk.lot.save()

    assert "exactly CHF 10.00 (rounded to coins)" in words(desk.text(desk.stay()))
    assert "CHF 1.00 is missing" in words(desk.cash(tendered="9").content.decode())
    desk.cash()
    assert Payment.objects.get().captured_amount == 1000


def test_cash_and_card_are_taken_in_one_form(desk):
    done = desk.post(desk.stay("mixed/"), agreed=900, tendered="4", token="tok_ok")

    assert done.status_code == 302
    assert list(Payment.objects.values_list("method", "captured_amount")) == [("card", 500), ("cash", 400)]


def test_a_declined_card_of_two_tenders_leaves_the_cash_payable(desk):
    desk.post(desk.stay("mixed/"), agreed=900, tendered="4", token="tok_declined")

    assert "Card declined" in words(desk.text(desk.stay()))
    assert desk.cash(tendered="9").status_code == 302


@pytest.mark.parametrize("typed", ["", "9", "0", "-1", "x", "1.234"])
def test_a_part_in_cash_that_is_none_is_refused_at_its_field(desk, typed):
    refused = desk.post(desk.stay("mixed/"), agreed=900, tendered=typed, token="tok_ok")

    assert refused.status_code == 422
    assert "id_mixed_tendered_error" in refused.content.decode()
    assert not Payment.objects.exists()


def test_a_till_serves_the_lots_of_its_operator_only(desk):
    strange = make_lot(make_operator())

    assert act(desk, "open", drawer="9", float_amount="0").status_code == 422
    assert desk.client.post(f"/desk/shift/open/?lot={strange.slug}", {}).status_code == 404
