"""Providers of mail: the next one takes over when the first fails, and the first comes back; each has its errors."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes

import pytest
from anymail.exceptions import AnymailRecipientsRefused, AnymailRequestsAPIError
from django.core.checks import run_checks
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import connection, transaction
from requests import Response

from notifications.delivery import deliver_due
from notifications.mail_providers import provider_names
from notifications.models import MailAddress, MailProviderState, Message, MessageState
from notifications.posting import FAILURES, LEFT_ALONE, MailPost, failure_of
from tests.notifications.test_delivery import AT, queue

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


def queue_many(count):
    return [queue(f"message:{number}") for number in range(count)]


def test_the_second_takes_over_after_failures_and_the_first_comes_back(mailbox, second_server, settings):
    second, name = second_server
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    queue_many(FAILURES + 2)

    assert deliver_due(at=AT) == 2
    assert [message.provider for message in Message.objects.filter(state="sent")] == [name] * 2
    # Those that failed are tried again, and go the same way.
    assert deliver_due(at=AT + 10 * SECOND) == FAILURES
    assert (len(second.mails), len(mailbox.mails)) == (FAILURES + 2, 0)

    settings.EMAIL_PORT = port
    queue("still")
    assert deliver_due(at=AT + 11 * SECOND) == 1
    assert len(second.mails) == FAILURES + 3, "the first is left alone for a while"
    queue("later")
    queue("after")
    assert deliver_due(at=AT + LEFT_ALONE + SECOND) == 2
    assert (len(second.mails), len(mailbox.mails)) == (FAILURES + 3, 2)
    state = MailProviderState.objects.get()
    assert (state.name, state.failures, state.away_until) == ("smtp", 0, None)


def test_a_server_that_only_tempfails_is_left_for_the_second(mailbox, second_server):
    mailbox.after_data = "451 Try again later"
    queue_many(FAILURES + 1)

    assert deliver_due(at=AT) == 1
    assert len(second_server[0].mails) == 1


def test_a_recipient_that_is_refused_says_nothing_about_the_server(mailbox, second_server):
    mailbox.refusals["ada@example.com"] = "550 5.7.1 Not you"
    queue_many(FAILURES + 1)

    deliver_due(at=AT)

    assert not MailProviderState.objects.exists()
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.PARKED}
    assert not MailAddress.objects.exists(), "a policy is not a missing mailbox"


def test_an_address_that_does_not_exist_is_marked(mailbox):
    mailbox.refusals["ada@example.com"] = "550 5.1.1 No such person"
    queue("first")
    deliver_due(at=AT)
    mailbox.refusals.clear()
    again = queue("second")

    deliver_due(at=AT)

    again.refresh_from_db()
    assert (again.state, again.attempts) == (MessageState.PARKED, 0)
    assert "5.1.1" in again.error


def test_a_hanging_server_costs_a_timeout_and_not_the_message(serve_mail, second_server, settings):
    from tests.notifications.conftest import Stuck

    settings.EMAIL_TIMEOUT = 0.2
    queue_many(FAILURES + 1)
    with serve_mail(Stuck()):
        assert deliver_due(at=AT) == 1
    assert len(second_server[0].mails) == 1


def test_a_server_that_drops_after_the_data_gets_the_same_mail_again(mailbox):
    mailbox.drops = 1
    queue("once")

    assert deliver_due(at=AT) == 0
    assert deliver_due(at=AT + 10 * SECOND) == 1

    assert len(mailbox.mails) == 2
    assert len({message_from_bytes(one.content)["Message-ID"] for one in mailbox.mails}) == 1


@pytest.mark.django_db(transaction=True)
def test_one_worker_alone_tries_a_provider_again(mailbox, second_server):
    MailProviderState.objects.create(name="smtp", failures=FAILURES, away_until=AT)
    queue("one")

    def deliver():
        try:
            return deliver_due(at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        MailProviderState.objects.select_for_update().get()
        assert pool.submit(deliver).result(timeout=10) == 1
    assert (len(mailbox.mails), len(second_server[0].mails)) == (0, 1)


def test_names_of_servers_hold_no_passwords(settings):
    settings.MAIL_PROVIDERS = ["smtp", "smtp+tls://user:secret@mail.example:587", "postmark"]

    assert provider_names() == ["smtp", "smtp+tls://mail.example:587", "postmark"]


@pytest.mark.parametrize(
    "given", [["smtp"], ["postmark", "smtp"], ["smtp+tls://u:p@h:587"], ["anymail.backends.test.EmailBackend"]]
)
def test_known_providers_are_accepted(settings, given):
    settings.MAIL_PROVIDERS = given

    assert [error.id for error in run_checks(tags=["security"]) if error.id.startswith("notifications.")] == []


@pytest.mark.parametrize("given", [[], ["nobody"], ["mail://nowhere"], ["some.where.Backend"]])
def test_unknown_providers_are_refused(settings, given):
    settings.MAIL_PROVIDERS = given

    assert [error.id for error in run_checks(tags=["security"])] == ["notifications.E003"]


def test_a_provider_of_the_package_sends(settings):
    settings.MAIL_PROVIDERS = ["anymail.backends.test.EmailBackend"]
    message = queue("by provider")

    assert deliver_due(at=AT) == 1
    message.refresh_from_db()
    assert message.provider == "anymail.backends.test.EmailBackend"
    assert message.provider_reference


def api_error(status):
    answer = Response()
    answer.status_code = status
    return AnymailRequestsAPIError(response=answer, email_message=EmailMessage())


@pytest.mark.parametrize(
    ("error", "permanent", "of_provider"),
    [
        (api_error(401), False, True),
        (api_error(422), True, False),
        (api_error(429), False, True),
        (api_error(500), False, True),
        (AnymailRecipientsRefused("refused"), True, False),
        (ConnectionRefusedError("refused"), False, True),
        (TimeoutError("slow"), False, True),
    ],
    ids=["token", "recipient", "too many", "broken", "all refused", "down", "slow"],
)
def test_errors_of_providers_mean_what_they_say(error, permanent, of_provider):
    failure = failure_of(error)
    assert (failure.is_permanent, failure.of_provider) == (permanent, of_provider)


def test_errors_of_ours_are_nobody_elses():
    assert failure_of(KeyError("subject")) is None
    with pytest.raises(ValueError, match="newlines"):
        MailPost().send(
            EmailMultiAlternatives("a\nb", "text", to=["a@example.com"], headers={"Message-ID": "<a@b>"}), at=AT
        )
