"""The operator's messages: what was said, why and in which state; trying again; every template."""

import re

import pytest
from django.utils.timezone import now

from notifications.kinds import kind_of, known_kinds
from notifications.models import Message, MessageState
from tests.factories import make_operator, make_user

pytestmark = pytest.mark.django_db
LIST = "/manage/messages/"


@pytest.fixture
def operator():
    return make_operator()


@pytest.fixture
def page(client, operator):
    client.force_login(make_user("admin", operator))
    return lambda path="", **query: client.get(LIST + path, query).content.decode()


def make_message(operator, key="document:17:x", **fields):
    values = {"recipient": "ada@example.com", "template": "document", "context": dict(kind_of("document").sample)}
    at = now()
    return Message.objects.create(key=key, operator=operator, created_at=at, next_attempt_at=at, **values | fields)


def test_filters_keep_what_they_name(page, operator):
    make_message(operator)
    make_message(
        operator, "lot_full:x", template="lot_full", recipient="grace@example.com", state="sent", sent_at=now()
    )
    make_message(make_operator(), "document:18:x", recipient="stranger@example.com")

    assert "stranger@example.com" not in page()
    for query in ({"q": "ADA@"}, {"q": "document:17"}, {"state": "queued"}, {"kind": "document"}):
        found = page(**query)
        assert "ada@example.com" in found
        assert "grace@example.com" not in found
    assert "ada@example.com" not in page(**{"from": "2999-01-01"})
    assert "ada@example.com" in page(**{"from": f"{now():%Y-%m-%d}", "to": "9999-12-31"})


def test_a_message_shows_what_it_said_without_its_secrets(page, operator):
    link = "http://127.0.0.1:8000/d/very-secret/"
    message = make_message(operator, context=dict(kind_of("document").sample) | {"link": link})

    found, html = page(f"{message.pk}/"), page(f"{message.pk}/html/")

    assert "Receipt R-2026-000417" in found
    assert "very-secret" not in found + html
    assert "CHF 12.00" in html


@pytest.mark.parametrize("template", ["invitation", "raw"])
def test_what_opens_an_account_is_not_shown(page, operator, template):
    message = make_message(operator, template=template, context=dict(kind_of(template).sample))

    assert "is not kept" in page(f"{message.pk}/")
    assert page(f"{message.pk}/html/") == ""


def test_all_parked_ones_of_the_operator_are_tried_again(client, page, operator):
    parked = {"state": MessageState.PARKED, "error": "no", "attempts": 9}
    ours = [make_message(operator, f"document:{number}:x", **parked) for number in range(3)]
    theirs = make_message(make_operator(), "document:9:x", **parked)
    assert "3 messages could not be delivered" in page()

    client.post(f"{LIST}resend/")

    for message in (*ours, theirs):
        message.refresh_from_db()
    assert {message.state for message in ours} == {MessageState.QUEUED}
    assert {message.attempts for message in ours} == {0}
    assert theirs.state == MessageState.PARKED


def test_every_template_is_listed_and_shown(page):
    listed = page("templates/")
    for kind in known_kinds():
        assert f"/manage/messages/templates/{kind.name}/" in listed
    shown = page("templates/booking_confirmed/")
    assert re.search(r'<iframe[^>]+sandbox=""[^>]+src="/manage/messages/templates/booking_confirmed/html/"', shown)
    assert "Your place is booked." in shown


def test_the_frame_of_a_mail_runs_nothing_and_is_framed_by_us_alone(client, operator):
    client.force_login(make_user("admin", operator))
    answer = client.get(f"{LIST}templates/booking_confirmed/html/")

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "'unsafe-inline'" not in client.get(f"{LIST}templates/")["Content-Security-Policy"]
