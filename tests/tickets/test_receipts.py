"""Receipts: what they say, to whom they go, and how they arrive."""

import datetime as dt
from decimal import Decimal
from email import message_from_bytes

import pytest
from django.db import transaction
from django.test import Client

from billing.services import assess_charge, credit_charge, refund_payment, take_payment
from notifications.delivery import deliver_due
from notifications.models import Message
from tests.factories import make_cashier, make_charge, make_lot, make_proof, make_ticket, make_user, make_vehicle
from tests.notifications.conftest import mailbox, serve_mail  # noqa: F401 - fixtures
from tickets.documents.receipts import NoReceiptError, receipt_of
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.services import assess_ticket

ENTRY = dt.datetime(2026, 3, 2, 7, 15, tzinfo=dt.UTC)
AT = ENTRY + dt.timedelta(hours=2, minutes=30)

pytestmark = pytest.mark.django_db


def park(**fields):
    lot = make_lot(name="Central & Sons", address="1 Main St", postal_code="8001")
    return make_ticket(lot, entry_at=ENTRY, **fields)


def pay(ticket, at=AT, key="key", amount=None, **fields):
    charge = assess_ticket(ticket=ticket, at=at)
    given = {"method": "terminal", "receipt_email": "ada@example.com"} | fields
    payment = take_payment(charge=charge, amount=amount, idempotency_key=key, at=at, **given)
    ticket.refresh_from_db()
    return payment


def test_a_receipt_says_what_was_paid_in_local_time():
    ticket = park()
    pay(ticket, tendered=1000, method="cash", taken_by=make_cashier(ticket.lot))

    said = receipt_of(ticket)

    assert (said["receipt"], said["ticket"], said["plate"]) == ("000001", ticket.number, "ZH 123456")
    assert (said["entry"], said["until"]) == ("2 Mar 2026 08:15", "2 Mar 2026 10:45")
    assert (said["total"], said["tax"]) == ("CHF\xa09.00", "CHF\xa00.67")
    assert said["payments"] == [
        {
            "method": "Cash",
            "amount": "CHF\xa09.00",
            "receipt": "000001",
            "at": "2 Mar 2026 10:45",
            "change": "CHF\xa01.00",
        }
    ]
    assert ticket.token in said["link"]


def test_a_masked_receipt_gives_neither_plate_nor_link_away():
    ticket = park()
    pay(ticket)

    said = receipt_of(ticket, masked=True)

    assert (said["plate"], said["link"]) == ("ZH••••56", "")


def test_lines_always_add_up_to_the_total():
    ticket = park()
    charge = assess_ticket(ticket=ticket, at=AT)
    credit_charge(charge=charge, amount=100, reason="Validation", at=AT)
    payment = pay(ticket)
    refund_payment(payment=payment, amount=200, reason="x", idempotency_key="r", at=AT, goodwill=True)
    assess_charge(charge=charge, lot=ticket.lot, label="x", due=500, tax_percent=Decimal(0), lines=[], at=AT)
    ticket.refresh_from_db()

    said = receipt_of(ticket)

    assert [line["amount"] for line in said["lines"]] == ["CHF\xa09.00", "-CHF\xa01.00", "-CHF\xa02.00"]
    assert (said["total"], said["refunded"], said["owed"]) == ("CHF\xa06.00", "-CHF\xa02.00", "")


def test_without_a_payment_there_is_no_receipt():
    ticket = park()
    assess_ticket(ticket=ticket, at=AT)
    ticket.refresh_from_db()

    with pytest.raises(NoReceiptError):
        receipt_of(ticket)


def test_the_receipt_goes_to_the_payer_and_to_who_proved_the_stay():
    driver, ticket = make_user(), park()
    make_vehicle(make_user(), ticket.plate)
    make_proof(ticket, driver)
    pay(ticket)

    assert set(Message.objects.values_list("recipient", flat=True)) == {"ada@example.com", driver.email}


def test_a_receipt_waits_until_all_is_paid():
    ticket = park()
    pay(ticket, amount=400)
    assert not Message.objects.exists()

    pay(ticket, key="rest", receipt_email="")

    told = Message.objects.get().context
    assert (told["receipt"], told["total"], told["tax"]) == ("000001", "CHF\xa04.00", "CHF\xa00.30")


def test_a_stranger_who_pays_a_cent_by_number_learns_nothing_of_the_owner():
    """The fee API shows a stranger the number, so only what they paid themselves may be told to them."""
    owner = make_user()
    ticket = park()
    make_proof(ticket, owner)
    pay(ticket, method="card", token="tok_ok", amount=1, by_number=True, receipt_email="Eve@example.com")
    pay(ticket, method="card", token="tok_ok", key="rest", receipt_email="")

    eve = Message.objects.get(recipient="eve@example.com").context
    assert (eve["plate"], eve["link"]) == ("ZH••••56", "")
    assert (eve["total"], [line["amount"] for line in eve["payments"]]) == ("CHF\xa00.01", ["CHF\xa00.01"])
    assert not any(secret in str(eve) for secret in (ticket.token, "ZH 123456", "8.99", "000002"))
    whole = Message.objects.get(recipient=owner.email).context
    assert (whole["plate"], len(whole["payments"]), whole["total"]) == ("ZH 123456", 2, "CHF\xa09.00")


def test_each_payer_with_the_ticket_is_told_of_their_own_payment_and_taxes_add_up():
    ticket = park()
    pay(ticket, method="card", token="tok_ok", amount=333, receipt_email="ada@example.com")
    pay(ticket, method="card", token="tok_ok", key="rest", receipt_email="bob@example.com")

    ada, bob = (message.context for message in Message.objects.order_by("recipient"))
    assert (ada["plate"], ada["total"], ada["tax"]) == ("ZH 123456", "CHF\xa03.33", "CHF\xa00.25")
    assert (bob["total"], bob["tax"], len(bob["payments"])) == ("CHF\xa05.67", "CHF\xa00.42", 1)


def test_an_address_that_is_only_heard_at_a_desk_gets_no_plate():
    ticket = park()
    pay(ticket, taken_by=make_user("attendant", ticket.lot.operator))

    assert Message.objects.get().context["plate"] == "ZH••••56"


def test_the_tax_is_that_of_what_was_charged_after_credits():
    """CHF 12.00, 4.00 of it paid and the rest waived: the tax of 4.00, wherever it is shown."""
    ticket = park()
    at = ENTRY + dt.timedelta(hours=3, minutes=30)
    charge = assess_ticket(ticket=ticket, at=at)
    take_payment(charge=charge, method="terminal", amount=400, idempotency_key="k", receipt_email="a@b.ch", at=at)
    credit_charge(charge=charge, amount=800, kind="waived", reason="wrong sign", at=at)
    ticket = Ticket.objects.get(pk=ticket.pk)

    said = receipt_of(ticket)

    assert (said["total"], said["tax"]) == ("CHF\xa04.00", "CHF\xa00.30")
    assert Message.objects.get().context["tax"] == "CHF\xa00.30"
    assert fee_of(ticket, at).tax == 30
    page = Client().get(f"/pay/{ticket.token}/receipt/").content.decode()
    assert "CHF\xa00.30" in page
    assert "0.90" not in page


def test_a_price_that_fell_below_what_was_paid_is_taxed_as_paid():
    ticket = park()
    pay(ticket)
    charge = ticket.charge
    assess_charge(
        charge=charge, lot=ticket.lot, label="x", due=500, tax_percent=charge.tax_percent, lines=charge.lines, at=AT
    )
    ticket = Ticket.objects.get(pk=ticket.pk)

    assert (receipt_of(ticket)["total"], receipt_of(ticket)["tax"]) == ("CHF\xa09.00", "CHF\xa00.67")


def test_paying_again_after_the_grace_sends_the_new_receipt():
    ticket = park()
    pay(ticket)
    pay(ticket, at=AT + dt.timedelta(hours=2), key="again")

    assert [message.context["receipt"] for message in Message.objects.order_by("pk")] == ["000001", "000002"]


def test_a_rolled_back_payment_tells_nobody():
    ticket = park()
    with transaction.atomic():
        pay(ticket)
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_a_charge_of_something_else_is_left_alone():
    charge = make_charge(make_lot())

    take_payment(
        charge=charge, method="terminal", amount=None, idempotency_key="x", receipt_email="ada@example.com", at=AT
    )

    assert not Message.objects.exists()


def test_the_receipt_arrives_as_text_and_html(mailbox):  # noqa: F811 - the fixture
    ticket = park()
    pay(ticket)

    assert deliver_due(at=AT) == 1

    [envelope] = mailbox.mails
    mail = message_from_bytes(envelope.content)
    words, pdf = mail.get_payload()
    text, html = (part.get_payload(decode=True).decode() for part in words.get_payload())
    assert envelope.rcpt_tos == ["ada@example.com"]
    for part in (text, html):
        for said in ("000001", ticket.number, "ZH 123456", "2 Mar 2026 08:15", "CHF\xa09.00", "0.67", "Card terminal"):
            assert said in part
    assert "Central & Sons" in text
    assert "Central &amp; Sons" in html
    assert pdf.get_filename() == "receipt-000001.pdf"
    assert pdf.get_payload(decode=True).startswith(b"%PDF-")
