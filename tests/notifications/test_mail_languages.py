"""Mails are written in the language of who reads them, else in the lot's, else in the installation's."""

import datetime as dt
import json
from io import BytesIO

import pytest
from django.contrib.auth.signals import user_logged_in
from django.test import RequestFactory
from django.utils import translation
from django.utils.timezone import now
from pypdf import PdfReader

from analytics.alerts import alert_admins
from billing.documents.issuing import issue_receipts
from billing.services import take_payment
from lots.displays import languages_for
from notifications.kinds import kind_of, known_kinds
from notifications.models import Message
from notifications.rendering import RAW, render_message, write
from notifications.services import queue_message
from notifications.summaries import summarise
from notifications.wishes import Wishes, choose_messages, reader_of
from parking.catalogues import TRANSLATED, read_translations
from reservations.booking_mails import CANCELLED, CONFIRMED, mail_booker, mail_place_lost
from reservations.reminders import remind_bookers
from tests.factories import (
    make_charge,
    make_closed_shift,
    make_lot,
    make_operator,
    make_reservation,
    make_ticket,
    make_user,
)
from tickets.models import ProofKind
from tickets.services import prove_stay
from tickets.stay_notices import tell_of_stays

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


def booked(lot, **fields):
    return make_reservation(lot, "ZH 1", AT + dt.timedelta(days=1), AT + dt.timedelta(days=1, hours=2), **fields)


def written(template):
    return render_message(Message.objects.get(template=template))


def test_driver_is_written_to_in_their_language_also_when_others_act():
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
    name, content, _ = mail.attachments[0]
    assert name.endswith(".pdf")
    assert "Quittung" in PdfReader(BytesIO(content)).pages[0].extract_text()


def test_alert_speaks_the_language_of_each_admin():
    operator = make_operator(till_tolerance=500)
    lot = make_lot(operator)
    make_user("admin", operator, email="de@example.com", locale="de-DE")
    make_user("admin", operator, email="en@example.com")
    make_closed_shift(make_user("attendant", operator), lot, counted=9000)
    alert_admins(at=now() + dt.timedelta(minutes=1))
    german, english = Message.objects.filter(template="shift_short").order_by("recipient")

    assert (german.context["off"], english.context["off"]) == ("10,00\xa0CHF", "CHF\xa010.00")
    assert render_message(german).subject.startswith("10,00 CHF fehlen in der Kasse")


def test_stay_is_told_in_the_language_of_its_driver():
    lot, driver, at = make_lot(language="fr"), make_user(locale="es-ES"), now()
    choose_messages(person=driver, wishes=Wishes({"stay_closed": True}), at=at)
    ticket = make_ticket(lot, "ZH 1", at - dt.timedelta(hours=2))
    prove_stay(ticket=ticket, driver=driver, kind=ProofKind.TOKEN, at=at)
    type(ticket).objects.update(status="closed", exit_at=at - dt.timedelta(minutes=5), closed_reason="paid", spot=None)
    tell_of_stays(at=at)

    assert written("stay_closed").subject == "Salida: ZH 1 de " + lot.name
    assert "0,00\xa0CHF" in written("stay_closed").body


def test_reminder_to_a_guest_speaks_the_lots_language():
    lot, at = make_lot(language="fr"), now()
    booking = make_reservation(
        lot,
        "ZH 1",
        at + dt.timedelta(minutes=50),
        at + dt.timedelta(hours=3),
        email="guest@example.com",
    )
    type(booking).objects.update(created_at=at - dt.timedelta(hours=4))
    remind_bookers(at=at)

    assert written("booking_starts_soon").subject.startswith("Votre réservation commence bientôt")


def test_new_device_is_told_in_the_language_of_the_account():
    person = make_user(locale="fr-FR")
    for agent in ("Firefox Linux", "telnet"):
        request = RequestFactory().get("/", HTTP_USER_AGENT=agent)
        user_logged_in.send(sender=None, user=person, request=request)

    assert "un navigateur inconnu" in written("new_device").body


def test_summary_speaks_the_language_of_its_parts_reader():
    driver = make_user(locale="de-AT")
    for key in ("a", "b"):
        kind = kind_of("pass_ends_soon")
        queue_message(
            key=key, operator=None, recipient=driver.email, template=kind.name, context=dict(kind.sample), at=AT
        )
    first = Message.objects.earliest("pk")
    assert summarise(first, reader_of(first), at=AT)

    assert written("summary").subject == "2 Nachrichten für Sie"
    assert written("summary").body.count("Ihr Abo endet am") == 2


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_line_of_a_template_stays_english(language):
    found = [text for text in read_translations(language) if text.id and text.string and not text.pluralizable]
    english = {text.id for text in found} - {text.string for text in found}
    left = set()
    for kind in (kind for kind in known_kinds() if kind.name != RAW):
        sample = json.dumps(kind.sample, ensure_ascii=False)
        with translation.override(language):
            mail = write(kind, kind.sample, sender="Acme", recipient="a@example.com")
        lines = {part.strip(" :") for line in mail.text.splitlines() for part in (line, line.partition(":")[0])}
        left |= {(kind.name, line) for line in lines & english if f'"{line}"' not in sample}

    assert not left
