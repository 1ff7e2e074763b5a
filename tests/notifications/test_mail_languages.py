"""Mails are written in the language of who reads them, else in the lot's, else in the installation's."""

import datetime as dt

import pytest
from django.utils import translation

from billing.documents.issuing import issue_receipts
from billing.services import take_payment
from lots.displays import languages_for
from notifications.models import Message
from notifications.rendering import render_message
from reservations.booking_mails import CANCELLED, CONFIRMED, mail_booker, mail_place_lost
from tests.factories import make_charge, make_lot, make_operator, make_reservation, make_user

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


def booked(lot, **fields):
    return make_reservation(lot, "ZH 1", AT + dt.timedelta(days=1), AT + dt.timedelta(days=1, hours=2), **fields)


def written(template):
    return render_message(Message.objects.get(template=template))


def test_driver_is_written_to_in_their_language_whoever_acts():
    driver = make_user(locale="fr-CH")
    with translation.override("de"):
        mail_booker(booked(make_lot(language="de"), driver=driver, email=driver.email), CANCELLED, at=AT)
    mail = written(CANCELLED)

    assert mail.subject.startswith("Votre réservation a été annulée")
    assert "3 mars 2026" in mail.body


def test_guest_is_written_to_in_the_lots_language():
    mail_booker(booked(make_lot(language="de"), email="guest@example.com"), CONFIRMED, at=AT)

    assert "3. März 2026" in written(CONFIRMED).body


def test_guest_of_a_lot_without_one_is_written_to_in_that_of_the_installation():
    mail_booker(booked(make_lot(), email="guest@example.com"), CONFIRMED, at=AT)

    assert "3 Mar 2026" in written(CONFIRMED).body


def test_each_reader_of_one_loss_has_a_language_of_their_own():
    operator, driver = make_operator(), make_user(locale="es-ES")
    make_user("admin", operator, locale="de-CH")
    lost = booked(make_lot(operator, language="fr"), driver=driver, email=driver.email, place_lost_at=AT)
    mail_place_lost(lost, at=AT)

    assert {message.context["language"] for message in Message.objects.all()} == {"es-es", "de-ch"}


def test_receipt_is_written_in_the_language_of_the_account_at_its_address(django_assert_num_queries):
    lot = make_lot(language="fr")
    german, nobody = make_user(locale="de-CH"), make_user(locale="de-CH", is_active=False)
    wanted = {german.email, nobody.email, "guest@example.com"}
    with django_assert_num_queries(1):
        found = languages_for(wanted, {lot.pk})

    assert found == {(german.email, lot.pk): "de-CH", (nobody.email, lot.pk): "fr", ("guest@example.com", lot.pk): "fr"}


def test_receipt_by_mail_speaks_the_lots_language_to_a_guest():
    charge = make_charge(make_lot(language="de"), 600)
    paid = take_payment(
        charge=charge,
        method="card",
        amount=None,
        idempotency_key="1",
        at=AT,
        token="tok_ok",
        receipt_email="g@example.com",
    )
    issue_receipts([paid], at=AT)
    mail = written("document")

    assert mail.subject.startswith("Quittung")
    assert "2. März 2026" in mail.body
