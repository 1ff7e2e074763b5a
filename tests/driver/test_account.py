"""One's own account: the profile, everything that is kept as a file, and its deletion."""

import json
import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from billing.documents.issuing import issue_receipts
from billing.models import DebtAppeal, ProviderEvent, SavedMethod
from billing.services import record_debt, start_card_setup, take_payment
from common.db.sealed_roll import sealed_tables
from common.plates import skeleton
from common.sealing import unseal
from notifications.models import Message, MessageState
from notifications.phone_codes import send_phone_code
from notifications.services import queue_message
from reservations.models import BookingAct, NotParkedReport
from tests.factories import (
    make_agreement,
    make_application,
    make_automatic_payment,
    make_charge,
    make_gate,
    make_invitation,
    make_lot,
    make_proof,
    make_reservation,
    make_saved_method,
    make_ticket,
    make_user,
    make_vehicle,
)
from tests.invariants import broken
from tests.retention.kept_rows import read_at
from tickets.models import PlateCorrection

pytestmark = pytest.mark.django_db

EMAIL, NAME, PHONE, PLATE = "quentin@example.com", "Quentin Zwicky", "+41791112233", "ZH 998877"
PASSWORD = "s3cret-words"
STREET = "Hohlgasse 12"
SECTIONS = [
    "made_at",
    "profile",
    "email_addresses",
    "sign_in_methods",
    "sessions",
    "devices",
    *("phone_codes", "api_keys"),
    "memberships",
    "invitations",
    "applications_as_operator",
    "vehicles",
    "exports",
    "stays",
    "proofs_of_stays",
    "discounts_by_shops",
    "corrected_plates",
    "acts_of_staff",
    "events_at_gates",
    "bookings",
    "bookings_not_parked",
    *("passes", "plates_of_passes", "managed_companies"),
    "charges",
    "payments",
    "promo_codes",
    "refunds",
    "documents",
    "debts",
    "appeals",
    "saved_cards",
    "automatic_payments",
    *("messages", "choices_about_messages", "addresses_without_mail"),
]
EXEMPT = {"billing_document.content", "billing_document.plate_normalised"}
"""Where a person stays: in documents, which the law has kept."""


class Life:
    """A person with a bit of everything that is over, and a browser in which they are signed in."""

    def __init__(self):
        self.lot = make_lot(name="Central", spots={"regular": 9})
        self.person = make_user(email=EMAIL, password=PASSWORD, name=NAME, phone=PHONE, address=STREET)
        self.vehicle = make_vehicle(self.person, PLATE)
        self.card = make_saved_method(self.person)
        self.client = Client()
        self.client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
        assert self.client.get("/me/account/delete/").url.startswith("/accounts/reauthenticate/")
        self.client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        self._stays()
        self._bookings()
        self._mails()

    def _stays(self):
        charge, at = make_charge(self.lot, 900), now()
        ended = {"status": "closed", "exit_at": at, "closed_reason": "paid"}
        self.stay = make_ticket(self.lot, PLATE, at - timedelta(hours=3), charge=charge, **ended)
        make_proof(self.stay, self.person)
        read_at(make_gate(self.lot), 0, PLATE, ticket=self.stay)
        PlateCorrection.objects.create(ticket=self.stay, from_plate="ZH 99887", to_plate=PLATE, at=at)
        self.payment = take_payment(
            charge=charge, method="card", amount=None, token="tok_ok", idempotency_key="paid", at=at,
            paid_by=self.person, receipt_email="Quentin@Example.com",
        )  # fmt: skip
        (self.receipt,) = issue_receipts([self.payment], at=at)
        owed = make_ticket(self.lot, PLATE, at - timedelta(days=3), charge=make_charge(self.lot, 500), **ended)
        make_proof(owed, self.person)
        self.debt = record_debt(charge=owed.charge, plate=PLATE, reason="declined", at=at)
        said = {"text": f"I am {NAME}", "email": EMAIL, "made_by": self.person, "made_at": at}
        DebtAppeal.objects.create(debt=self.debt, **said, accepted=False, answered_at=at)
        make_automatic_payment(self.lot, make_agreement(self.vehicle, self.card))
        other = make_vehicle(self.person, "ZH 998878")
        make_agreement(other, self.card)
        setup = start_card_setup(owner=self.person, return_url="/", at=at)
        for reference in (setup.reference, "paid"):
            ProviderEvent.objects.create(
                provider="simulated", event_id=reference, kind="x", reference=reference,
                payload={"billing": {"email": EMAIL, "name": NAME}}, occurred_at=at, received_at=at, applied_at=at,
            )  # fmt: skip

    def _bookings(self):
        past = {"driver": self.person, "email": EMAIL, "phone": PHONE}
        start = now() - timedelta(days=9)
        booking = make_reservation(self.lot, PLATE, start, status="completed", **past)
        BookingAct.objects.create(
            booking=booking, kind="changed", at=start, why=f"{NAME} called", changes={"plate": ["ZH 998878", PLATE]}
        )
        NotParkedReport.objects.create(
            booking=booking, reported_at=start, decided_at=start, outcome="rejected", word=f"Dear {NAME}"
        )
        booker = f"driver {self.person.pk}"
        send_phone_code(person=booker, phone=PHONE, operator=self.lot.operator, at=now())
        make_reservation(self.lot, PLATE, start, status="cancelled", cancelled_at=start, email=EMAIL)

    def _mails(self):
        told = {"operator": self.lot.operator, "template": "receipt", "context": {"name": NAME, "plate": PLATE}}
        for number in range(2):
            queue_message(key=f"told:{number}", recipient=EMAIL, at=now(), **told)
        Message.objects.filter(key="told:0").update(state=MessageState.SENT, sent_at=now())
        invited = make_invitation(self.lot.operator, EMAIL)
        invited.withdrawn_at = now()
        invited.save()
        make_application(EMAIL, name=NAME, wishes=f"Call {PHONE}")
        LogEntry.objects.create(
            user=make_user(), content_type=ContentType.objects.get_for_model(User), object_id=str(self.person.pk),
            object_repr=NAME, action_flag=CHANGE, change_message=f"now {PHONE}",
        )  # fmt: skip

    def settle(self):
        take_payment(charge=self.debt.charge, method="terminal", amount=None, idempotency_key="late", at=now())

    def delete(self, **form):
        return self.client.post("/me/account/delete/", form, follow=True)


def places_of(text):
    """Return the columns of the whole database in which a text stands, in any case, also where it is sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'json', 'jsonb')"
        )
        found = set()
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ILIKE %s)', [f"%{text}%"])  # noqa: S608
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
        for sealed in sealed_tables():
            cursor.execute(f"SELECT {', '.join(sealed.columns)} FROM {sealed.name}")  # noqa: S608 our own names
            for row in cursor.fetchall():
                opened = dict(zip(sealed.columns, (unseal(one or "").lower() for one in row), strict=True))
                found |= {f"{sealed.name}.{column}" for column, one in opened.items() if text.lower() in one}
    return found


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_own_data_has_everything_of_the_person_and_nothing_of_others():
    life = Life()
    stranger = make_ticket(life.lot, "BE 1")
    answer = life.client.get("/me/account/data/")
    text = b"".join(answer.streaming_content).decode()
    data = json.loads(text)

    assert answer.streaming
    assert answer["Cache-Control"] == "no-store"
    assert list(data) == SECTIONS
    assert data["profile"] | {"name": NAME, "phone": PHONE, "email": EMAIL} == data["profile"]
    assert [row["plate"] for row in data["vehicles"]] == [PLATE, "ZH 998878"]
    assert life.stay.number in [row["number"] for row in data["stays"]]
    assert life.receipt.number in [row["number"] for row in data["documents"]]
    assert [len(data[name]) for name in ("bookings", "debts", "appeals", "payments", "messages")] == [2, 1, 1, 2, 3]
    assert stranger.number not in text
    assert life.stay.token not in text
    assert life.person.password not in text


def test_account_stays_while_something_goes_on_and_says_what_to_do():
    life = Life()
    inside = make_ticket(life.lot, "ZH 5")
    make_proof(inside, life.person)
    booking = make_reservation(life.lot, "ZH 6", now() + timedelta(days=1), driver=life.person)
    life.person.memberships.create(operator=life.lot.operator, role="attendant")

    refused = life.delete(understood="on")

    assert refused.status_code == 409
    page = text_of(refused)
    for words in ("drive out first", "You still owe CHF 5.00 at Central", "You have booked Central", "ask an admin"):
        assert words in page
    assert User.objects.get(pk=life.person.pk).email == EMAIL
    assert SavedMethod.objects.usable().filter(pk=life.card.pk).exists()

    inside.delete()
    life.settle()
    booking.delete()
    life.person.memberships.all().delete()
    assert life.delete().status_code == 422
    assert life.delete(understood="on").redirect_chain == [("/", 302)]


def test_deleted_account_is_found_only_in_documents():
    life = Life()
    life.settle()
    other = Client()
    other.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert all(places_of(text) for text in (EMAIL, NAME, PHONE, STREET, PLATE, "ZH998877", "ZH 998878"))
    receipt, before = life.receipt.content, broken()

    answer = life.delete(understood="on")

    assert "Your account is deleted" in text_of(answer)
    gone = (EMAIL, PHONE, STREET, "ZH 998878")
    assert {text: found for text in gone if (found := places_of(text))} == {}
    assert places_of(NAME) | places_of(PLATE) | places_of("ZH998877") | places_of(skeleton("ZH998877")) <= EXEMPT
    life.receipt.refresh_from_db()
    assert (life.receipt.content, broken()) == (receipt, before)
    assert not UserSession.objects.filter(user=life.person).exists()
    assert [one.get("/me/").status_code for one in (life.client, other)] == [302, 302]
    assert "is wrong" in text_of(other.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}))
    assert SavedMethod.objects.get(pk=life.card.pk).forgotten_at is not None
    assert [message.state for message in Message.objects.filter(key__startswith="told:").order_by("key")] == [
        MessageState.SENT,
        MessageState.PARKED,
    ]


def test_another_account_loses_nothing_by_an_address_that_was_only_typed():
    life = Life()
    life.settle()
    stranger = make_user(email="stranger@example.com", password=PASSWORD)
    life.person.emailaddress_set.create(email=stranger.email, verified=False)
    queue_message(key="theirs", operator=None, recipient=stranger.email, template="x", context={"a": 1}, at=now())
    booking = make_reservation(life.lot, "BE 2", now() - timedelta(days=9), status="completed", email=stranger.email)
    data = b"".join(life.client.get("/me/account/data/").streaming_content).decode()
    life.delete(understood="on")
    assert booking.code not in data
    assert '"theirs"' not in data
    assert Message.objects.get(key="theirs").state == MessageState.QUEUED
    booking.refresh_from_db()
    assert booking.email == stranger.email


def test_numbers_and_times_are_written_as_the_person_chose():
    life = Life()
    page = life.client.get("/me/account/")
    assert 'lang="en"' in page.content.decode()
    chosen = {"name": NAME, "phone": "0041 79 111 22 33", "locale": "en-CH", "timezone": "Pacific/Auckland"}
    saved = life.client.post("/me/account/", chosen)
    assert saved.status_code == 302
    sessions = life.client.get("/accounts/sessions/").content.decode()
    assert 'lang="en-ch"' in sessions
    assert "(Pacific/Auckland)" in sessions
    refused = life.client.post("/me/account/", chosen | {"phone": "079", "timezone": "Nowhere"})
    assert refused.status_code == 422
    assert 'lang="en"' in Client().get("/").content.decode()
