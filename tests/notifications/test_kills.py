"""Workers killed and their connections to the database cut at random moments: nothing is lost, or sent thrice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes

import pytest
from django.db import connection
from django.utils.timezone import now

from notifications.models import Message, MessageState
from notifications.rendering import message_id
from notifications.services import new_message, queue_messages

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import sys, time, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[2])
django.setup()
from django.db import OperationalError, InterfaceError, connection
from django.utils.timezone import now
from notifications.delivery import deliver_due
connection.ensure_connection()
with connection.cursor() as cursor:
    cursor.execute("SET application_name = 'killed worker'")
while True:
    try:
        if not deliver_due(at=now()):
            time.sleep(0.02)
    except (OperationalError, InterfaceError):
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("SET application_name = 'killed worker'")
"""
CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'killed worker'"


class Slaughter:
    """Workers beside each other; one is killed, or the connections of all are cut, after a random number of mails."""

    def __init__(self, port: int, seed: int) -> None:
        self.port, self.random = port, random.Random(seed)
        self.killed = self.cut = 0
        self.workers = [self.start() for _ in range(2)]

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], str(self.port)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}, **quiet)

    def strike(self) -> None:
        if self.random.random() < 0.4:
            index = self.random.randrange(len(self.workers))
            self.workers[index].send_signal(signal.SIGKILL)
            self.workers[index].wait(10)
            self.workers[index] = self.start()
            self.killed += 1
        else:
            with connection.cursor() as cursor:
                cursor.execute(CUT)
                self.cut += cursor.fetchone()[0]

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait(10)


def queue_many(count: int) -> set[str]:
    at = now()
    messages = [
        new_message(
            key=f"kill:{number}",
            operator_id=None,
            recipient=f"person-{number}@example.com",
            template="raw",
            context={"subject": f"Number {number}", "text": "Words"},
            at=at,
        )
        for number in range(count)
    ]
    queue_messages(messages)
    return {message_id(message) for message in messages}


def deliver_through_kills(mailbox, port: int, count: int, *, every: tuple[int, int], seconds: float) -> Slaughter:
    expected = queue_many(count)
    slaughter = Slaughter(port, seed=count)
    until, next_strike = time.monotonic() + seconds, slaughter.random.randint(*every)
    try:
        while Message.objects.filter(state=MessageState.QUEUED).exists():
            assert time.monotonic() < until, f"{Message.objects.filter(state='queued').count()} are left"
            if len(mailbox.mails) >= next_strike:
                time.sleep(slaughter.random.random() * 0.01)
                slaughter.strike()
                next_strike = len(mailbox.mails) + slaughter.random.randint(*every)
            time.sleep(0.002)
    finally:
        slaughter.end()
    copies = Counter(message_from_bytes(one.content)["Message-ID"] for one in mailbox.mails)
    assert set(copies) == expected, "none is lost, and none is made up"
    assert max(copies.values()) <= 2
    assert not Message.objects.exclude(state=MessageState.SENT).exists()
    return slaughter


def test_two_hundred_messages_survive_kills_and_cut_connections(mailbox, settings):
    slaughter = deliver_through_kills(mailbox, settings.EMAIL_PORT, 200, every=(10, 40), seconds=60)

    assert slaughter.killed
    assert slaughter.cut


@pytest.mark.proof
def test_five_thousand_messages_survive_kills_and_cut_connections(mailbox, settings, record_property):
    slaughter = deliver_through_kills(mailbox, settings.EMAIL_PORT, 5_000, every=(30, 120), seconds=3_600)
    twice = len(mailbox.mails) - 5_000
    record_property("figures", f"{slaughter.killed} kills, {slaughter.cut} cuts, {twice} sent twice")

    assert slaughter.killed > 10, twice
    assert slaughter.cut > 10, twice
