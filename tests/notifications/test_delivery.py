"""The outbox over a real mail server: once, later, again after a kill, or parked with its reason."""

import datetime as dt
import os
import signal
import subprocess
import sys
from email import message_from_bytes

import pytest
from django.db import connection, transaction

from notifications import attachments
from notifications.delivery import MAX_ATTEMPTS, deliver_due, deliver_next, retry_delay
from notifications.models import Message, MessageState
from notifications.posting import MailPost
from notifications.rendering import RAW
from notifications.rounds import EXPIRES
from notifications.services import queue_message, send_again
from notifications.tasks import deliver_outbox, deliver_texts
from tests.notifications.conftest import Stuck

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)
WORDS = {"subject": "Hello\nthere", "text": "A plain greeting — grüezi."}

pytestmark = pytest.mark.django_db


def queue(key="greeting", **fields):
    given = {"operator": None, "recipient": "ada@example.com", "template": RAW, "context": WORDS, "at": AT}
    return queue_message(key=key, **given | fields)


def test_a_message_is_delivered_once_as_text_and_html(mailbox):
    message = queue()

    assert deliver_due(at=AT) == 1
    assert deliver_due(at=AT) == 0

    [envelope] = mailbox.mails
    assert envelope.rcpt_tos == ["ada@example.com"]
    mail = message_from_bytes(envelope.content)
    text, html = mail.get_payload()
    assert mail["Subject"] == "Hello there"
    assert "grüezi" in text.get_payload(decode=True).decode()
    assert "A plain greeting — grüezi.</p>" in html.get_payload(decode=True).decode()
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempts) == (MessageState.SENT, AT, 1)


def test_the_words_of_a_raw_message_are_not_kept(mailbox):
    message = queue()
    deliver_due(at=AT)

    message.refresh_from_db()
    assert message.context == {}


def test_a_message_waits_for_its_time(mailbox):
    queue(at=AT + dt.timedelta(seconds=1))

    assert deliver_due(at=AT) == 0
    assert deliver_due(at=AT + dt.timedelta(seconds=1)) == 1


def test_a_server_that_is_down_is_tried_again(serve_mail, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    message = queue()

    assert deliver_due(at=AT) == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 1)
    assert "refused" in message.error
    assert message.next_attempt_at == AT + dt.timedelta(seconds=10)

    from tests.notifications.conftest import Mailbox

    box = Mailbox()
    with serve_mail(box):
        assert deliver_due(at=AT + dt.timedelta(seconds=9)) == 0
        assert deliver_due(at=AT + dt.timedelta(seconds=10)) == 1
    message.refresh_from_db()
    assert (len(box.mails), message.state, message.error) == (1, MessageState.SENT, "")


def test_a_refused_recipient_is_parked_at_once_and_others_go_on(mailbox):
    mailbox.refusals["ada@example.com"] = "550 No such person"
    refused = queue("first")
    queue("second", recipient="bob@example.com")

    assert deliver_due(at=AT) == 1

    refused.refresh_from_db()
    assert (refused.state, refused.error) == (MessageState.PARKED, "550 No such person")
    assert [envelope.rcpt_tos for envelope in mailbox.mails] == [["bob@example.com"]]


def test_a_recipient_that_is_busy_is_tried_again(mailbox):
    mailbox.refusals["ada@example.com"] = "451 Come back later"
    message = queue()

    deliver_due(at=AT)

    message.refresh_from_db()
    assert (message.state, message.error) == (MessageState.QUEUED, "451 Come back later")


def test_a_message_is_parked_after_its_last_attempt(mailbox):
    mailbox.refusals["ada@example.com"] = "451 Come back later"
    message = queue()
    at = AT
    for _ in range(MAX_ATTEMPTS):
        deliver_due(at=at)
        message.refresh_from_db()
        at = message.next_attempt_at

    assert (message.state, message.attempts) == (MessageState.PARKED, MAX_ATTEMPTS)
    assert message.error == "451 Come back later"


def test_delays_grow_threefold():
    assert [retry_delay(n).total_seconds() for n in (1, 2, 3, 8)] == [10, 30, 90, 21870]


@pytest.mark.parametrize("fields", [{"template": "no_such_template"}, {"context": {}}])
def test_a_message_that_cannot_be_written_is_parked(mailbox, fields):
    message = queue(**fields)

    deliver_due(at=AT)

    message.refresh_from_db()
    assert message.state == MessageState.PARKED
    assert message.error.startswith("The message can't be written")


def test_a_message_that_breaks_does_not_hold_up_the_others(mailbox, monkeypatch):
    def broken(context):
        raise TypeError

    monkeypatch.setitem(attachments._makers, RAW, broken)
    first = queue("first")
    deliver_due(at=AT)
    monkeypatch.delitem(attachments._makers, RAW)
    queue("second")

    assert deliver_due(at=AT) == 1
    first.refresh_from_db()
    assert first.state == MessageState.PARKED


def test_a_run_that_takes_long_leaves_the_rest_to_the_next(mailbox, monkeypatch):
    monkeypatch.setattr("notifications.rounds.RUN_SECONDS", -1)
    for number in range(3):
        queue(f"message:{number}")

    assert [deliver_due(at=AT) for _ in range(4)] == [1, 1, 1, 0]


@pytest.mark.parametrize("task", [deliver_outbox, deliver_texts])
def test_runs_that_waited_long_are_dropped(task):
    assert task._get_exec_options()["expires"] == EXPIRES


def test_a_parked_message_can_be_sent_again(mailbox):
    mailbox.refusals["ada@example.com"] = "550 No such person"
    message = queue()
    deliver_due(at=AT)
    mailbox.refusals.clear()
    message.refresh_from_db()

    send_again(message=message, at=AT)

    assert deliver_due(at=AT) == 1


def test_copies_of_a_message_carry_one_message_id(mailbox):
    message = queue()
    deliver_due(at=AT)
    # As if the worker had died between the server's OK and its own commit.
    Message.objects.filter(pk=message.pk).update(state=MessageState.QUEUED, context=WORDS)
    deliver_due(at=AT)

    ids = {message_from_bytes(envelope.content)["Message-ID"] for envelope in mailbox.mails}
    assert len(mailbox.mails) == 2
    assert len(ids) == 1


@pytest.mark.django_db(transaction=True)
def test_a_message_that_another_worker_is_sending_is_left_to_it(mailbox):
    from concurrent.futures import ThreadPoolExecutor

    queue()

    def deliver():
        try:
            return deliver_due(at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert deliver_next(at=AT, post=MailPost()) is not None
        assert pool.submit(deliver).result(timeout=10) == 0
    assert len(mailbox.mails) == 1


WORKER = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[2])
settings.EMAIL_TIMEOUT = 60
django.setup()
from django.utils.timezone import now
from notifications import attachments
from notifications.delivery import deliver_due
deliver_due(at=now())
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_taking_and_sending_frees_its_message_at_once(serve_mail, settings):
    message = queue()
    stuck = Stuck()
    with serve_mail(stuck):
        command = [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], str(settings.EMAIL_PORT)]
        worker = subprocess.Popen(command, env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"})
        assert stuck.reached.wait(20)
        assert deliver_due(at=AT) == 0, "the worker holds the message"
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)

    from tests.notifications.conftest import Mailbox

    box = Mailbox()
    with serve_mail(box):
        _deliver_soon()
    assert len(box.mails) == 1


def _deliver_soon():
    """PostgreSQL notices a closed connection at once, but not before this process can ask."""
    import time

    until = time.monotonic() + 10
    while not deliver_due(at=AT):
        assert time.monotonic() < until, "the message is still held"
        time.sleep(0.02)
