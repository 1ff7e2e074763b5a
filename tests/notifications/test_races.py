"""Codes to a phone, asked for by many at once: the limit holds by a lock, without which it does not."""

import threading

import pytest
from django.db import transaction
from django.utils.timezone import now

from notifications import phone_codes
from notifications.models import PhoneCode, TextMessage
from notifications.phone_codes import CODES_AN_HOUR, check_phone_code, send_phone_code
from tests.at_once import codes_at_once
from tests.factories import make_operator

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "+41791234567"
MANY = 16


@pytest.fixture
def operator():
    return make_operator()


def send(operator, person="guest a@example.com", phone=PHONE):
    return send_phone_code(person=person, phone=phone, operator=operator, at=now())


def test_without_the_lock_more_codes_are_sent_than_may_be(operator, monkeypatch):
    counted = threading.Barrier(MANY, timeout=30)
    real = phone_codes._digest
    monkeypatch.setattr(phone_codes, "lock_codes", lambda *_names: None)
    monkeypatch.setattr(phone_codes, "_digest", lambda *parts: (counted.wait(), real(*parts))[1])
    codes_at_once([lambda: send(operator)] * MANY)

    assert PhoneCode.objects.count() > CODES_AN_HOUR


def test_of_many_at_once_no_more_codes_are_sent_than_may_be(operator):
    told = codes_at_once([lambda: send(operator)] * MANY)

    assert told.count("too_many_codes") == MANY - CODES_AN_HOUR
    assert TextMessage.objects.count() == CODES_AN_HOUR


def test_persons_and_phones_that_cross_wait_for_each_other_in_one_order(operator):
    pairs = [("a", "+41790000001"), ("b", "+41790000002"), ("a", "+41790000002"), ("b", "+41790000001")]
    calls = [lambda pair=pair: send(operator, *pair) for pair in pairs * 4]
    told = codes_at_once(calls)

    assert len(told) == MANY
    assert TextMessage.objects.count() == 2 * CODES_AN_HOUR


def test_a_code_is_not_checked_inside_a_transaction_that_may_take_the_try_back(operator):
    send(operator)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        check_phone_code(person="guest a@example.com", phone=PHONE, typed="000000", at=now())
