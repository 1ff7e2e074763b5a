"""An account that is deleted while a booking of it is on its way: one of the two is refused."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from django.db import connection

from accounts.models import User
from billing.models import Payment
from billing.services import PayBy
from common.errors import DomainError
from reservations.models import Reservation
from reservations.services import PaymentDeclinedError
from reservations.services import booking as booking_service
from retention.services import delete_account
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_user
from tests.invariants import broken
from tests.reservations.bookings import NOW, booked

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = (
    "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()"
)


def delete(person: User) -> object:
    [result] = codes_at_once([lambda: delete_account(person=person, at=NOW)])
    return result


def let_it_wait(running: "Future[object]") -> None:
    """Return when what runs elsewhere has ended, or waits for a lock."""
    until = time.monotonic() + 10
    while not running.done() and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)


@pytest.fixture
def meanwhile(monkeypatch):
    """Delete the account of who books when the booking has been checked and is not yet written."""
    write, deletions = booking_service._write, []
    with ThreadPoolExecutor(1) as pool:

        def write_meanwhile(booking, *given):
            deletions.append(pool.submit(delete, booking.driver or User.objects.get(email=booking.email)))
            let_it_wait(deletions[0])
            write(booking, *given)

        monkeypatch.setattr(booking_service, "_write", write_meanwhile)
        yield lambda: deletions[0].result(timeout=20)


def test_without_their_lock_a_deleted_account_gets_a_booking(meanwhile, monkeypatch):
    monkeypatch.setattr("retention.services.erasure.lock_names", lambda _names: None)
    person = make_user()

    booking = booked(make_lot(), driver=person)

    assert (meanwhile(), booking.status) == (None, "confirmed")
    assert any(line.startswith("bookings_to_come_are_of_somebody") for line in broken())


@pytest.mark.parametrize("as_guest", [False, True], ids=["account", "address"])
def test_account_is_not_deleted_under_a_booking_that_is_being_written(meanwhile, as_guest):
    person = make_user()
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)

    booking = booked(make_lot(), **({"email": person.email} if as_guest else {"driver": person}))

    assert (meanwhile(), booking.is_live) == ("account_needed", True)
    assert User.objects.get(pk=person.pk).deleted_at is None


def test_booking_of_an_account_that_was_deleted_meanwhile_is_refused(monkeypatch):
    person = make_user()
    monkeypatch.setattr(booking_service, "check_period", lambda *_, **__: delete(person))

    with pytest.raises(DomainError) as refused:
        booked(make_lot(), driver=person)

    assert refused.value.code == "account_deleted"
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("token", ["tok_ok", "tok_declined"])
def test_account_stays_while_a_booking_of_it_is_being_paid(monkeypatch, token):
    person, answers = make_user(), []
    charge_card = booking_service.pay_booking

    def pay_meanwhile(**given):
        answers.append(delete(person))
        return charge_card(**given)

    monkeypatch.setattr(booking_service, "pay_booking", pay_meanwhile)
    with nullcontext() if token == "tok_ok" else pytest.raises(PaymentDeclinedError):
        booked(make_lot(prepay="capture"), driver=person, pay_by=PayBy(token=token))
    answers.append(delete(person))

    assert answers == ["account_needed", "account_needed" if token == "tok_ok" else None]
    assert Payment.objects.get().paid_by_id == (person.pk if token == "tok_ok" else None)
    assert broken() == []
