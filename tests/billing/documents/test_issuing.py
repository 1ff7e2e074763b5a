"""Documents of stays: when they are issued, what they say, and to whom they go."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from email import message_from_bytes

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client

from accounts.models import Operator
from billing.documents.drafting import Recipient
from billing.documents.issuing import (
    correct_invoices,
    document_charge,
    documents_of,
    issue_credit_notes,
    issue_invoice,
    issue_receipts,
)
from billing.documents.showing import shown
from billing.documents.worker import issue_due
from billing.models import Charge, Debt, Document, DocumentCounter, Payment, Refund
from billing.services import (
    assess_charge,
    cancel_debt_of,
    credit_charge,
    lock_charge,
    record_debt,
    refund_payment,
    reverse_credit_locked,
    take_payment,
    write_off_debt,
)
from notifications.delivery import deliver_due
from notifications.models import Message
from tests.factories import (
    make_cashier,
    make_charge,
    make_lot,
    make_operator,
    make_proof,
    make_ticket,
    make_user,
    make_vehicle,
)
from tests.invariants import broken
from tests.notifications.conftest import mailbox, serve_mail  # noqa: F401 - fixtures
from tickets.described import invoice_known_drivers
from tickets.models import Ticket
from tickets.services import assess_ticket

ENTRY = dt.datetime(2026, 3, 2, 7, 15, tzinfo=dt.UTC)
AT = ENTRY + dt.timedelta(hours=2, minutes=30)
LATER = AT + dt.timedelta(minutes=1)

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


def refund(payment, amount, key="r", *, goodwill=True):
    return refund_payment(payment=payment, amount=amount, reason="x", idempotency_key=key, at=AT, goodwill=goodwill)


def owe(lot, amount=900, plate="ZH 1"):
    charge = make_charge(lot, amount, at=AT)
    return record_debt(charge=charge, plate=plate, reason="declined", at=AT)


def numbers():
    return list(Document.objects.order_by("pk").values_list("number", flat=True))


COMPANY = Recipient(name="Ada AG", email="ada@example.com", address="Bahnhofstrasse 1\n8001 Zürich", tax_id="CHE-1")
UNKNOWN_ADDRESS = replace(COMPANY, email="")


# Receipts


def test_a_receipt_says_what_was_paid_in_local_time():
    ticket = park()
    paid = pay(ticket, tendered=1000, method="cash", taken_by=make_cashier(ticket.lot))
    [receipt] = issue_receipts([paid], at=LATER)

    said = shown(receipt)
    [item] = said["items"]

    assert said["title"] == "Receipt R-2026-000001"
    assert said["issued"] == "2 Mar 2026 10:46"
    assert item["reference"] == ticket.number
    assert (item["lot"], item["lot_address"]) == ("Central & Sons", "1 Main St, 8001 Zürich")
    assert (item["entry"], item["until_label"], item["until"]) == ("2 Mar 2026 08:15", "Paid at", "2 Mar 2026 10:45")
    assert (said["total"], said["taxes"][0]["tax"], said["taxes"][0]["percent"]) == (
        "CHF\xa09.00",
        "CHF\xa00.67",
        "8.1",
    )
    assert said["payments"] == [
        {
            "method": "Cash",
            "amount": "CHF\xa09.00",
            "at": "2 Mar 2026 10:45",
            "tendered": "CHF\xa010.00",
            "change": "CHF\xa01.00",
        }
    ]


def test_a_payment_has_one_receipt_however_often_it_is_asked_for():
    payment = pay(park())

    assert len(issue_receipts([payment], at=LATER)) == 1
    assert issue_receipts([payment, payment], at=LATER) == []
    assert issue_due(at=LATER) == 0
    assert numbers() == ["R-2026-000001"]
    assert Payment.objects.get(pk=payment.pk).receipt_number == "R-2026-000001"


def test_payments_that_brought_nothing_have_no_receipt():
    payment = pay(park(), method="card", token="tok_declined")

    assert issue_receipts([payment], at=LATER) == []


def test_the_worker_leaves_what_just_happened_to_its_page():
    pay(park())

    assert issue_due(at=AT) == 0
    assert issue_due(at=LATER) == 1


def test_each_part_has_its_receipt_and_their_taxes_add_up():
    ticket = park()
    pay(ticket, amount=333)
    pay(ticket, key="rest")

    first, second = document_charge(ticket.charge, at=LATER)

    assert [line["label"] for line in second.content["lines"]] == ["Part of the fee"]
    assert (first.total_amount, first.tax_amount) == (333, 25)
    assert (second.total_amount, second.tax_amount) == (567, 42)


def test_what_is_issued_does_not_change_with_names_prices_and_tax():
    ticket = park()
    [before] = issue_receipts([pay(ticket)], at=LATER)

    Operator.objects.update(name="Somebody else", legal_name="Somebody else Ltd", tax_id="X")
    ticket.lot.name = "Renamed"
    ticket.lot.save(update_fields=["name"])
    Charge.objects.update(tax_percent=Decimal(25), lines=[])

    assert shown(Document.objects.get()) == shown(before)


def test_the_operators_legal_name_address_and_tax_id_are_on_its_documents():
    Operator.objects.create(
        slug="acme", name="Acme", currency="CHF", legal_name="Acme AG", address="1 St", tax_id="CHE-1"
    )
    lot = make_lot(Operator.objects.get(slug="acme"))

    [receipt] = issue_receipts([pay(make_ticket(lot, entry_at=ENTRY))], at=LATER)

    assert receipt.content["issuer"] == {"name": "Acme AG", "address": "1 St", "tax_id": "CHE-1", "country": "CH"}


def test_numbers_rise_by_operator_kind_and_year_in_its_zone():
    lots = [make_lot(), make_lot(make_operator(timezone="Pacific/Auckland"))]
    new_year = dt.datetime(2026, 12, 31, 11, 30, tzinfo=dt.UTC)  # 2027 in Auckland, not in Zurich
    for lot in (*lots, *lots):
        charge = make_charge(lot, 600, at=new_year)
        payment = take_payment(
            charge=charge, method="terminal", amount=None, idempotency_key=str(charge.pk), at=new_year
        )
        issue_receipts([payment], at=new_year)

    assert numbers() == ["R-2026-000001", "R-2027-000001", "R-2026-000002", "R-2027-000002"]


def test_a_rolled_back_document_leaves_no_gap():
    first, second = (pay(park(), key=key) for key in "ab")
    with transaction.atomic():
        issue_receipts([first], at=LATER)
        transaction.set_rollback(True)
    operators = {issue_receipts([payment], at=LATER)[0].sequence for payment in (first, second)}

    assert operators == {1}
    assert set(DocumentCounter.objects.values_list("last_number", flat=True)) == {1}


def test_documents_never_change_and_are_never_deleted():
    issue_receipts([pay(park())], at=LATER)

    for statement in ("UPDATE billing_document SET total_amount = 1", "DELETE FROM billing_document"):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_lines_always_add_up_to_the_total():
    ticket = park()
    charge = assess_ticket(ticket=ticket, at=AT)
    credit_charge(charge=charge, amount=100, reason="Validation", at=AT)
    payment = pay(ticket)

    [receipt] = issue_receipts([payment], at=LATER)

    assert [line["amount"] for line in receipt.content["lines"]] == [900, -100]
    assert receipt.total_amount == 800


def test_a_price_that_fell_below_what_was_paid_is_taxed_as_paid():
    ticket = park()
    payment = pay(ticket)
    charge = ticket.charge
    assess_charge(
        charge=charge, lot=ticket.lot, label="x", due=500, tax_percent=charge.tax_percent, lines=charge.lines, at=AT
    )

    [receipt] = issue_receipts([payment], at=LATER)

    assert (receipt.total_amount, receipt.tax_amount) == (900, 67)


def test_the_tax_is_that_of_what_was_charged_after_credits():
    """CHF 12.00, 4.00 of it paid and the rest waived: the tax of 4.00, wherever it is shown."""
    ticket = park()
    at = ENTRY + dt.timedelta(hours=3, minutes=30)
    charge = assess_ticket(ticket=ticket, at=at)
    take_payment(charge=charge, method="terminal", amount=400, idempotency_key="k", at=at)
    credit_charge(charge=charge, amount=800, kind="waived", reason="wrong sign", at=at)

    page = Client().get(f"/pay/{ticket.token}/receipt/").content.decode()

    assert "CHF\xa00.30" in page
    assert "0.90" not in page


# Credit notes


def test_a_full_refund_mirrors_its_receipt():
    ticket = park()
    payment = pay(ticket, receipt_email="")
    refund(payment, 900)

    receipt, note = document_charge(ticket.charge, at=LATER)

    assert (note.number, note.about, note.content["about"]) == ("C-2026-000001", receipt, receipt.number)
    assert (note.total_amount, note.tax_amount) == (-900, -67)
    assert [line["amount"] for line in note.content["lines"]] == [-line["amount"] for line in receipt.content["lines"]]
    assert Refund.objects.get().credit_note == note
    assert broken() == []


def test_refunds_in_parts_have_a_credit_note_each_and_mirror_it_together():
    ticket = park()
    payment = pay(ticket, receipt_email="")
    for key, amount in (("a", 1), ("b", 449), ("c", 450)):
        refund(payment, amount, key)

    receipt, *notes = document_charge(ticket.charge, at=LATER)

    assert [note.total_amount for note in notes] == [-1, -449, -450]
    assert sum(note.tax_amount for note in notes) == -receipt.tax_amount
    assert receipt.content["lines"][0]["label"] != "Part of the fee"
    assert broken() == []


def test_a_refund_waits_for_the_receipt_of_its_payment():
    payment = pay(park())
    back = refund(payment, 900)

    assert issue_credit_notes([back], at=LATER) == []
    assert issue_due(at=LATER) == 2
    assert numbers() == ["R-2026-000001", "C-2026-000001"]


def test_what_is_paid_after_a_refund_is_taxed_after_it():
    ticket = park()
    payment = pay(ticket, receipt_email="")
    issue_receipts([payment], at=LATER)
    refund(payment, 500, goodwill=False)
    pay(ticket, key="again", amount=500, receipt_email="")

    documents = document_charge(ticket.charge, at=LATER)

    assert sum(document.tax_amount for document in documents) == 67
    assert broken() == []


# Invoices


def test_a_debt_is_invoiced_to_the_driver_who_proved_the_stay_and_to_nobody_else():
    ticket, stranger, driver = park(), park(), make_user(name="Ada")
    for one in (ticket, stranger):
        record_debt(charge=assess_ticket(ticket=one, at=AT), plate=one.plate, reason="declined", at=AT)
    make_proof(ticket, driver)

    [invoice] = invoice_known_drivers(at=LATER)

    assert invoice.content["recipient"]["name"] == "Ada"
    assert (invoice.number, invoice.total_amount, invoice.tax_amount) == ("I-2026-000001", 900, 67)
    assert Message.objects.get().recipient == driver.email
    assert invoice_known_drivers(at=LATER) == []


def test_an_invoice_that_is_paid_has_a_receipt_of_the_same_tax():
    debt = owe(make_lot())
    invoice = issue_invoice(debt, COMPANY, at=LATER)
    take_payment(charge=debt.charge, method="terminal", amount=None, idempotency_key="k", at=AT)

    documents = document_charge(debt.charge, at=LATER)

    assert [one.kind for one in documents] == ["I", "R"]
    assert documents[1].tax_amount == invoice.tax_amount
    assert issue_invoice(debt, COMPANY, at=LATER) is None


def test_the_invoice_of_a_debt_that_is_taken_back_is_cancelled():
    debt = owe(make_lot())
    invoice = issue_invoice(debt, COMPANY, at=LATER)
    with transaction.atomic():
        cancel_debt_of(lock_charge(debt.charge), AT)

    assert issue_due(at=LATER) == 1
    note = Document.objects.get(kind="C")
    assert (note.about, note.total_amount, note.tax_amount) == (invoice, -900, -invoice.tax_amount)
    assert correct_invoices([invoice.pk], at=LATER) == []


def waive(debt, amount, reason="Goods vehicle broke down", at=LATER):
    return credit_charge(charge=debt.charge, amount=amount, kind="waived", reason=reason, at=at)


def test_an_invoice_that_is_written_off_is_credited_with_the_reason():
    debt = owe(make_lot())
    invoice = issue_invoice(debt, UNKNOWN_ADDRESS, at=LATER)
    write_off_debt(debt=debt, agreed=900, reason="Cannot be found", by=make_user(), at=LATER)

    assert issue_due(at=LATER) == 1
    note = Document.objects.get(kind="C")
    assert (note.about, note.total_amount, note.tax_amount) == (invoice, -900, -invoice.tax_amount)
    assert note.content["reason"] == "Cannot be found"
    assert [line["amount"] for line in note.content["lines"]] == [-line["amount"] for line in invoice.content["lines"]]
    assert issue_due(at=LATER) == 0
    assert broken() == []


def test_only_what_was_never_paid_of_an_invoice_is_credited():
    debt = owe(make_lot())
    invoice = issue_invoice(debt, UNKNOWN_ADDRESS, at=LATER)
    take_payment(charge=debt.charge, method="terminal", amount=400, idempotency_key="k", at=LATER)
    write_off_debt(debt=debt, agreed=500, reason="Cannot be found", by=make_user(), at=LATER)
    issue_due(at=LATER + dt.timedelta(minutes=1))

    receipt, note = Document.objects.exclude(pk=invoice.pk).order_by("-kind")
    assert (receipt.total_amount, note.total_amount, note.about) == (400, -500, invoice)
    assert receipt.tax_amount - note.tax_amount == invoice.tax_amount
    assert documents_of(debt.charge) == [invoice, receipt, note]
    assert broken() == []


def test_each_credit_of_a_debt_corrects_its_invoice_by_as_much():
    debt = owe(make_lot())
    invoice = issue_invoice(debt, UNKNOWN_ADDRESS, at=LATER)
    for amount in (1, 32, 133, 234, 500):
        waive(debt, amount, reason=f"{amount} too much")
        issue_due(at=LATER)

    notes = Document.objects.filter(kind="C").order_by("pk")
    assert [-note.total_amount for note in notes] == [1, 32, 133, 234, 500]
    assert notes[1].content["reason"] == "32 too much"
    assert [line["label"] for line in notes[1].content["lines"]] == ["Not owed any more"]
    assert -sum(note.tax_amount for note in notes) == invoice.tax_amount
    assert invoice.standing_amount == 0
    assert broken() == []


def test_what_was_credited_before_the_invoice_does_not_correct_it():
    debt = owe(make_lot())
    waive(debt, 300)
    invoice = issue_invoice(debt, UNKNOWN_ADDRESS, at=LATER)

    assert invoice.total_amount == 600
    assert issue_due(at=LATER) == 0


def test_a_fee_of_a_reminder_is_credited_before_what_was_invoiced():
    debt = owe(make_lot())
    issue_invoice(debt, UNKNOWN_ADDRESS, at=LATER)
    Charge.objects.update(due_amount=1400)
    waive(debt, 500)

    assert issue_due(at=LATER) == 0
    waive(debt, 100)
    assert issue_due(at=LATER) == 1
    assert Document.objects.get(kind="C").total_amount == -100


def test_a_goodwill_refund_of_an_invoiced_debt_has_its_own_credit_note_alone():
    debt = owe(make_lot())
    issue_invoice(debt, UNKNOWN_ADDRESS, at=LATER)
    paid = take_payment(charge=debt.charge, method="terminal", amount=None, idempotency_key="k", at=AT)
    refund(paid, 100)

    issue_due(at=LATER)

    assert [one.about.kind for one in Document.objects.filter(kind="C")] == ["R"]
    assert broken() == []


def test_a_credit_that_is_taken_back_before_the_worker_came_corrects_nothing():
    debt = owe(make_lot())
    issue_invoice(debt, UNKNOWN_ADDRESS, at=LATER)
    credit = waive(debt, 100)
    with transaction.atomic():
        reverse_credit_locked(lock_charge(debt.charge), credit, reason="x", at=LATER)

    assert issue_due(at=LATER) == 0


def test_a_debt_that_is_owed_again_with_another_amount_is_invoiced_anew():
    debt = owe(make_lot())
    first = issue_invoice(debt, COMPANY, at=LATER)
    take_payment(charge=debt.charge, method="terminal", amount=400, idempotency_key="k", at=AT)
    with transaction.atomic():
        record_debt(charge=lock_charge(debt.charge), plate="ZH 1", reason="declined", at=AT)

    second = issue_invoice(Debt.objects.get(), COMPANY, at=LATER)
    issue_due(at=LATER)

    assert (first.total_amount, second.total_amount) == (900, 500)
    assert Document.objects.get(kind="C").about == first


# Mails


def test_the_receipt_goes_to_the_payer_and_to_who_proved_the_stay():
    driver, ticket = make_user(), park()
    make_vehicle(make_user(), ticket.plate)
    make_proof(ticket, driver)
    issue_receipts([pay(ticket)], at=LATER)

    assert set(Message.objects.values_list("recipient", flat=True)) == {"ada@example.com", driver.email}


def test_a_stranger_who_pays_a_cent_by_number_learns_nothing_of_the_owner():
    """The fee API shows a stranger the number, so only what they paid themselves may be told to them."""
    owner = make_user()
    ticket = park()
    make_proof(ticket, owner)
    pay(ticket, method="card", token="tok_ok", amount=1, by_number=True, receipt_email="Eve@example.com")
    pay(ticket, method="card", token="tok_ok", key="rest", receipt_email="")
    documents = document_charge(ticket.charge, at=LATER)

    eve = Message.objects.get(recipient="eve@example.com").context
    assert (eve["items"][0]["plate"], eve["link"]) == ("ZH••••56", "")
    assert (eve["total"], [line["amount"] for line in eve["payments"]]) == ("CHF\xa00.01", ["CHF\xa00.01"])
    secrets = (ticket.token, "ZH 123456", "8.99", "000002", owner.email, *(one.token for one in documents))
    assert not any(secret in str(eve) for secret in secrets)
    assert Message.objects.filter(recipient=owner.email).count() == 2


def test_an_address_that_is_only_heard_at_a_desk_gets_no_plate():
    ticket = park()
    make_proof(ticket, make_user())
    issue_receipts([pay(ticket, taken_by=make_user("attendant", ticket.lot.operator))], at=LATER)

    assert Message.objects.get(recipient="ada@example.com").context["items"][0]["plate"] == "ZH••••56"


def test_receipt_of_a_stay_that_is_nobodys_says_no_plate():
    anonymous, known = park(), park()
    make_proof(known, make_user())
    for ticket, plate, normalised in ((anonymous, "", ""), (known, "ZH 123456", "ZH123456")):
        [receipt] = issue_receipts([pay(ticket, key=ticket.number)], at=LATER)
        assert (receipt.content["items"][0]["plate"], receipt.plate_normalised) == (plate, normalised)
        assert ("ZH 123456" in str(receipt.content)) == bool(plate)


def test_paying_again_after_the_grace_sends_the_new_receipt():
    ticket = park()
    pay(ticket)
    pay(ticket, at=AT + dt.timedelta(hours=2), key="again")
    document_charge(ticket.charge, at=LATER)

    said = [message.context["number"] for message in Message.objects.order_by("pk")]
    assert said == ["R-2026-000001", "R-2026-000002"]


def test_a_rolled_back_document_tells_nobody():
    payment = pay(park())
    with transaction.atomic():
        issue_receipts([payment], at=LATER)
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_the_receipt_of_something_else_than_a_stay_goes_to_its_payer():
    charge = make_charge(make_lot())
    payment = take_payment(
        charge=charge, method="terminal", amount=None, idempotency_key="x", receipt_email="ada@example.com", at=AT
    )

    issue_receipts([payment], at=LATER)

    assert Message.objects.get().context["items"][0]["reference"] == ""


def test_the_receipt_arrives_as_text_and_html(mailbox):  # noqa: F811 - the fixture
    ticket = park()
    issue_receipts([pay(ticket)], at=LATER)

    assert deliver_due(at=LATER) == 1

    [envelope] = mailbox.mails
    mail = message_from_bytes(envelope.content)
    words, pdf = mail.get_payload()
    text, html = (part.get_payload(decode=True).decode() for part in words.get_payload())
    assert envelope.rcpt_tos == ["ada@example.com"]
    for part in (text, html):
        for said in (
            "R-2026-000001",
            ticket.number,
            "2 Mar 2026 08:15",
            "CHF\xa09.00",
            "0.67",
            "Card terminal",
        ):
            assert said in part
    assert "Central & Sons" in text
    assert "Central &amp; Sons" in html
    assert pdf.get_filename() == "R-2026-000001.pdf"
    assert pdf.get_payload(decode=True).startswith(b"%PDF-")


def test_a_stay_without_a_payment_has_no_documents():
    ticket = park()
    charge = assess_ticket(ticket=ticket, at=AT)

    assert document_charge(charge, at=LATER) == []
    assert Client().get(f"/pay/{Ticket.objects.get().token}/receipt/").status_code == 404
