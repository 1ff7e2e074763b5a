"""What is planned by itself: once, for whom it is, and never after it is of use."""

import datetime as dt
from unittest.mock import Mock

import pytest
from django.contrib.auth.signals import user_logged_in
from django.db import connection
from django.test import RequestFactory
from django.utils.timezone import now

from analytics.alerts import alert_admins
from billing.models import PaymentState
from events.models import Webhook
from events.services import WebhookWish, make_webhook
from notifications.models import ERASED, Message, MessageState
from notifications.services import queue_messages
from notifications.wishes import Wishes, choose_messages
from reservations.models import Reservation
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
from tickets.models import ProofKind, Ticket
from tickets.services import prove_stay
from tickets.stay_notices import tell_of_stays
from verification.nightly import check_and_tell

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


def told(template):
    return list(Message.objects.filter(template=template).order_by("recipient").values_list("recipient", flat=True))


@pytest.fixture
def lot():
    return make_lot(spots={"regular": 4})


def book(lot, starts_in, *, hours=2, status="confirmed", made=3, spot=None, **fields):
    at = now()
    booking = make_reservation(
        lot,
        "ZH 1",
        at + starts_in,
        at + starts_in + hours * HOUR,
        spot=spot or lot.spots.first(),
        email="guest@example.com",
        **fields,
    )
    Reservation.objects.filter(pk=booking.pk).update(created_at=at - made * HOUR, status=status)
    return booking


def test_a_start_is_told_an_hour_before_once_and_until_it_is(lot):
    booking = book(lot, 50 * MINUTE)

    assert [remind_bookers(at=now()) for _ in range(2)] == [1, 0]
    message = Message.objects.get()
    assert (message.template, message.recipient) == ("booking_starts_soon", "guest@example.com")
    assert message.expires_at == booking.starts_at


def test_more_starts_than_fit_in_a_run_are_told_by_the_next(lot, monkeypatch):
    monkeypatch.setattr("reservations.reminders.BATCH", 1)
    for minutes in (50, 40, 30):
        book(lot, minutes * MINUTE, spot=lot.spots.order_by("pk")[minutes // 10 - 3])

    assert [remind_bookers(at=now()) for _ in range(4)] == [1, 1, 1, 0]
    assert len(told("booking_starts_soon")) == 3


@pytest.mark.parametrize(
    ("starts_in", "options"),
    [(2 * HOUR, {}), (2 * MINUTE, {}), (50 * MINUTE, {"made": 0}), (50 * MINUTE, {"status": "lapsed"})],
    ids=["later", "too late", "booked just now", "lapsed"],
)
def test_a_start_is_not_told(lot, starts_in, options):
    book(lot, starts_in, **options)
    assert remind_bookers(at=now()) == 0


def test_an_end_is_told_half_an_hour_before_to_who_is_parked(lot):
    book(lot, -100 * MINUTE, status="active")
    assert remind_bookers(at=now()) == 1
    assert told("booking_ends_soon") == ["guest@example.com"]

    Reservation.objects.update(status="completed")
    Message.objects.all().delete()
    assert remind_bookers(at=now()) == 0


def test_stays_are_told_to_who_asked_and_has_proven_them(lot):
    asked, did_not, stranger = (make_user(email=f"{name}@example.com") for name in ("asked", "silent", "stranger"))
    at = now()
    for person in (asked, stranger):
        choose_messages(person=person, wishes=Wishes({"stay_opened": True, "stay_closed": True}), at=at)
    ticket = make_ticket(lot, "ZH 1", at - 5 * MINUTE)
    for person in (asked, did_not):
        prove_stay(ticket=ticket, driver=person, kind=ProofKind.TOKEN, at=at)

    assert [tell_of_stays(at=at) for _ in range(2)] == [1, 1]
    assert told("stay_opened") == ["asked@example.com"]

    Ticket.objects.update(status="closed", exit_at=at, closed_reason="paid", spot=None)
    assert tell_of_stays(at=at) == 0, "its receipt is not issued yet"
    tell_of_stays(at=at + 2 * MINUTE)
    assert told("stay_closed") == ["asked@example.com"]


@pytest.fixture
def admins():
    operator, other = make_operator(), make_operator()
    make_user("admin", other, email="other@example.com")
    make_user("attendant", operator, email="attendant@example.com")
    make_user("admin", operator, email="admin@example.com")
    return operator


def test_a_full_lot_is_told_once_a_day_to_its_admins_alone(admins):
    lot = make_lot(admins, spots={"regular": 1})
    at = now()
    assert alert_admins(at=at) == 0
    make_ticket(lot, "ZH 1", at - HOUR)

    assert [alert_admins(at=at) for _ in range(2)] == [1, 1]
    alert_admins(at=at + dt.timedelta(days=1))
    assert told("lot_full") == ["admin@example.com"] * 2


def test_a_till_that_is_off_by_more_than_is_tolerated_is_told(admins):
    lot = make_lot(admins)
    make_closed_shift(make_user("attendant", admins), lot, counted=9000)
    admins.till_tolerance = 500
    admins.save()
    make_closed_shift(make_user("attendant", admins), lot, counted=9800)

    assert [alert_admins(at=now() + MINUTE) for _ in range(2)] == [1, 1]
    message = Message.objects.get(template="shift_short")
    assert (message.context["off"], message.context["is_short"]) == ("CHF\xa010.00", True)


def test_parked_mail_is_told_once_a_day_and_not_about_itself(admins):
    make_lot(admins)
    parked = {"operator": admins, "state": MessageState.PARKED, "error": "no", "recipient": "a@example.com"}
    Message.objects.create(key="a", template="document", created_at=now(), next_attempt_at=now(), **parked)
    Message.objects.create(key="b", template="mail_parked", created_at=now(), next_attempt_at=now(), **parked)
    gone = {"template": "document", "created_at": now(), "next_attempt_at": now()} | parked | {"recipient": ERASED}
    Message.objects.create(key="c", **gone)

    assert [alert_admins(at=now()) for _ in range(2)] == [1, 1]
    assert Message.objects.exclude(pk__in=Message.objects.filter(key__in="abc")).get().context["count"] == 1


def test_payments_without_an_answer_are_told(admins):
    charge = make_charge(make_lot(admins), 600)
    pending = {"method": "card", "amount": 600, "state": PaymentState.PENDING, "provider": "simulated"}
    charge.payments.create(idempotency_key="old", created_at=now() - HOUR, **pending)
    charge.payments.create(idempotency_key="new", created_at=now(), **pending)

    assert alert_admins(at=now()) == 1
    assert Message.objects.get().context["count"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_broken_invariant_is_told_to_who_runs_the_installation_without_rows():
    make_user("admin", make_operator(), email="admin@example.com")
    make_user(email="root@example.com", is_superuser=True, is_staff=True)
    assert check_and_tell(at=now()) == 0

    message = {"operator": None, "state": "sent", "recipient": "a@example.com", "template": "document"}
    Message.objects.create(key="broken", created_at=now(), next_attempt_at=now(), **message)

    assert check_and_tell(at=now()) >= 1
    assert told("verify_failed") == ["admin@example.com", "root@example.com"]
    make_operator()
    Message.objects.filter(template="verify_failed").delete()
    check_and_tell(at=now())
    assert told("verify_failed") == ["root@example.com"], "rows of another operator may be broken"


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"


def sign_in(person, agent):
    request = RequestFactory(headers={"User-Agent": agent}).post("/accounts/login/")
    user_logged_in.send(type(person), request=request, user=person)


def test_a_sign_in_on_another_device_is_told_and_an_updated_browser_is_not():
    ada = make_user(email="ada@example.com")
    for agent in (FIREFOX.format(131), FIREFOX.format(132)):
        sign_in(ada, agent)
    assert not Message.objects.exists()

    for _ in range(2):
        sign_in(ada, PHONE)

    message = Message.objects.get()
    assert (message.template, message.context["device"]) == ("new_device", "Safari / iPhone")


def test_a_program_that_does_not_say_what_it_is_is_another_device():
    ada = make_user(email="ada@example.com")
    sign_in(ada, FIREFOX.format(131))
    sign_in(ada, "")

    assert Message.objects.get().context["device"] == "an unknown browser"


def test_a_device_is_noted_only_with_its_message(monkeypatch):
    ada = make_user(email="ada@example.com")
    sign_in(ada, FIREFOX.format(131))
    with monkeypatch.context() as broken:
        broken.setattr("entrance.telling_owners.queue_message", Mock(side_effect=OSError("full")))
        with pytest.raises(OSError, match="full"):
            sign_in(ada, PHONE)

    sign_in(ada, PHONE)
    assert Message.objects.get().context["device"] == "Safari / iPhone"


def test_messages_planned_twice_at_once_are_one(lot):
    book(lot, 50 * MINUTE)
    remind_bookers(at=now())
    [first] = Message.objects.all()
    first.pk = None
    queue_messages([first])

    assert Message.objects.count() == 1
    assert connection.needs_rollback is False


def test_a_webhook_that_its_receiver_switched_off_is_told_once(admins):
    make_lot(admins)
    by = make_user("admin", admins, email="second@example.com")
    wish = WebhookWish(url="https://example.com/", name="ERP")
    webhook, _secret = make_webhook(operator=admins, wish=wish, by=by, at=now())
    assert alert_admins(at=now()) == 0
    Webhook.objects.filter(pk=webhook.pk).update(state="disabled", disabled_at=now())

    assert [alert_admins(at=now()) for _ in range(2)] == [1, 1]
    assert told("webhook_disabled") == ["admin@example.com", "second@example.com"]
