"""Webhooks against a real receiver: what it gets, in which order, and what happens when it does not answer well."""

import base64
import datetime as dt
import hashlib
import json
import socket
import threading
import time
import uuid
from importlib import import_module

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.utils.timezone import now
from standardwebhooks import Webhook as Reference
from standardwebhooks import WebhookVerificationError
from werkzeug import Response

from common.sealing import is_sealed
from events.models import Webhook, WebhookDelivery
from events.retry_schedule import DELAYS, MOST_TRIES, delay_after
from events.services import (
    WebhookWish,
    clear_events,
    make_webhook,
    number_events,
    pause_webhook,
    plan_deliveries,
    replay_events,
    resume_webhook,
    roll_secret,
    run_webhooks,
    send_again,
    sending,
)
from events.services.sending import claim_deliveries
from events.signing import new_secret
from tests.at_once import at_once
from tests.events.receivers import deliver, hook, record, states, subjects
from tests.factories import make_operator, make_user
from tests.in_time import assert_in_time

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def private(settings):
    """The receivers stand on this machine."""
    settings.WEBHOOKS_PRIVATE = True


@pytest.fixture
def operator():
    return make_operator()


def accept(server) -> None:
    server.expect_request("/").respond_with_data("ok")


def test_message_is_signed_as_the_reference_library_checks_it(operator, httpserver):
    accept(httpserver)
    webhook = hook(operator, httpserver.url_for("/"))
    record(operator, "lot:a")
    assert deliver() == 1

    ((request, _answer),) = httpserver.log
    said = Reference(webhook.secret).verify(request.data, dict(request.headers))
    assert said["type"] == "lot.full"
    assert (said["id"], said["subject"], said["lot"], said["data"]) == (1, "lot:a", "central", {"lot": "lot:a"})
    assert request.headers["webhook-id"] == f"evt_{operator.pk}_1"
    assert request.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Reference(webhook.secret).verify(request.data + b" ", dict(request.headers))
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status_code, delivery.answer, delivery.tries) == ("delivered", 200, "ok", 1)


def test_both_secrets_sign_for_a_day_after_a_roll(operator, httpserver):
    accept(httpserver)
    webhook = hook(operator, httpserver.url_for("/"))
    old = webhook.secret
    _, new = roll_secret(webhook=webhook, at=now())
    record(operator, "a")
    deliver()
    assert len(httpserver.log[0][0].headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        Reference(secret).verify(httpserver.log[0][0].data, dict(httpserver.log[0][0].headers))

    Webhook.objects.update(old_secret_until=now())
    record(operator, "b")
    deliver()
    assert len(httpserver.log[1][0].headers["webhook-signature"].split()) == 1


def test_webhook_gets_its_types_and_lots_of_its_operator_from_now_on(operator, httpserver):
    accept(httpserver)
    stranger = make_operator()
    hook(operator, httpserver.url_for("/"), types=["lot.free"], lots=["central"])
    record(operator, "a")
    record(operator, "b", kind="lot.free")
    record(stranger, "c", kind="lot.free")
    deliver()

    assert subjects(httpserver) == ["b"]


def test_order_is_kept_for_each_subject_while_others_go_on(operator, httpserver):
    failing = [500, 503]
    server_lock = threading.Lock()

    def answer(request) -> Response:
        with server_lock:
            first = json.loads(request.data)["id"] == 1
            return Response("no", failing.pop(0)) if first and failing else Response("ok")

    httpserver.expect_request("/").respond_with_handler(answer)
    webhook = hook(operator, httpserver.url_for("/"))
    record(operator, "a", "b", "a", "a", "b")
    assert deliver() == 2
    assert states(webhook) == [
        *[(1, "waiting", 1), (2, "delivered", 1), (3, "waiting", 0), (4, "waiting", 0), (5, "delivered", 1)],
    ]
    assert deliver(later=dt.timedelta(seconds=10)) == 0
    assert deliver(later=HOUR) == 3

    numbers = [json.loads(request.data)["id"] for request, _ in httpserver.log]
    assert [number for number in numbers if number in {1, 3, 4}] == [1, 1, 1, 3, 4]
    ids = [request.headers["webhook-id"] for request, _ in httpserver.log]
    assert len(set(ids)) == 5
    assert Webhook.objects.get().failing_since is None


def test_ten_tries_are_made_over_three_days_then_it_is_given_up(operator, httpserver):
    httpserver.expect_request("/").respond_with_data("broken", 500)
    webhook = hook(operator, httpserver.url_for("/"))
    record(operator, "a", "a")
    later = dt.timedelta(0)
    for tries in range(1, MOST_TRIES + 1):
        deliver(later=later, seconds=0.01)
        first = WebhookDelivery.objects.get(number=1)
        assert first.tries == tries
        later = first.next_at - now() + dt.timedelta(milliseconds=50)
    assert states(webhook)[0] == (1, "given_up", 10)
    httpserver.clear()
    accept(httpserver)
    assert deliver(later=later + HOUR) == 1, "the next of the subject follows"
    assert sum(DELAYS, dt.timedelta(0)) == dt.timedelta(hours=75, minutes=35, seconds=5)
    assert delay_after(10) is None
    for tries, delay in enumerate(DELAYS, start=1):
        assert 0.9 * delay <= delay_after(tries) <= 1.1 * delay


@pytest.mark.parametrize(("status", "sent"), [(503, 3), (500, 1)])
def test_receiver_that_is_back_gets_at_once_what_it_was_away_for(operator, httpserver, status, sent):
    httpserver.expect_request("/").respond_with_data("broken", status)
    hook(operator, httpserver.url_for("/"))
    record(operator, "a", "b", "c")
    deliver()
    httpserver.clear()
    accept(httpserver)
    WebhookDelivery.objects.filter(subject="b").update(next_at=now())
    Webhook.objects.update(failing_since=now() - HOUR)

    assert deliver() == sent


def test_nothing_is_sent_after_a_410(operator, httpserver):
    httpserver.expect_request("/").respond_with_data("gone", 410)
    webhook = hook(operator, httpserver.url_for("/"))
    record(operator, *(["a"] * 3))
    deliver()
    deliver(later=100 * HOUR)
    record(operator, "b")
    deliver(later=200 * HOUR)

    webhook.refresh_from_db()
    assert (webhook.state, len(httpserver.log)) == ("disabled", 1)
    assert webhook.disabled_at is not None
    httpserver.clear()
    accept(httpserver)
    resume_webhook(webhook=webhook, at=now())
    assert deliver() == 4


def test_redirect_is_a_failure_and_not_followed(operator, httpserver):
    httpserver.expect_request("/").respond_with_data("", 302, headers={"location": httpserver.url_for("/inside")})
    httpserver.expect_request("/inside").respond_with_data("secret")
    hook(operator, httpserver.url_for("/"))
    record(operator, "a")

    assert deliver() == 0
    assert [request.path for request, _ in httpserver.log] == ["/"]
    assert WebhookDelivery.objects.get().status_code == 302


def test_only_the_beginning_of_an_answer_is_kept(operator, httpserver):
    httpserver.expect_request("/").respond_with_data("é" * 5_000 + "\0")
    hook(operator, httpserver.url_for("/"))
    record(operator, "a")
    deliver()

    assert len(WebhookDelivery.objects.get().answer) == 1024


class Strange:
    """A receiver that takes connections and then does what it is told to."""

    def __init__(self, act) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        threading.Thread(target=self._run, args=(act,), daemon=True).start()

    def _run(self, act) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=act, args=(connection,), daemon=True).start()


def hang(connection) -> None:
    time.sleep(30)
    connection.close()


def reset(connection) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def drip(connection) -> None:
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
    except OSError:
        pass


def test_choosing_what_is_due_looks_at_each_that_waits_only_a_few_times(operator, httpserver):
    """Also without statistics of the table, by which looking for an earlier one of each grew with their square."""
    waiting = 2000
    hook(operator, httpserver.url_for("/"))
    record(operator, *(f"lot:{number % 1000}" for number in range(waiting)))
    number_events()
    assert plan_deliveries(at=now()) == waiting

    facts = {"claim": uuid.uuid4(), "until": now() + HOUR, "at": now(), "limit": 16, "most": 16, "failing": 2}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sending._CLAIM}", facts)
        [told] = cursor.fetchone()[0]

    assert WebhookDelivery.objects.exclude(claim=None).count() == 16
    assert told["Plan"]["Shared Hit Blocks"] < 10 * waiting


@pytest.mark.parametrize("act", [hang, reset, drip])
def test_receiver_that_hangs_resets_or_drips_holds_up_nobody(operator, httpserver, monkeypatch, act):
    monkeypatch.setattr("events.sending_posts.SECONDS", 0.6)
    strange = Strange(act)
    accept(httpserver)
    bad = hook(operator, strange.url)
    good = hook(operator, httpserver.url_for("/"))
    record(operator, *(f"lot:{number}" for number in range(8)))
    began = time.monotonic()
    deliver(seconds=1)
    strange.socket.close()

    assert_in_time(time.monotonic() - began, 5)
    assert [state for _, state, _ in states(good)] == ["delivered"] * 8
    tried = [row for row in WebhookDelivery.objects.filter(webhook=bad) if row.tries]
    assert tried
    assert all(row.state == "waiting" and row.error and row.status_code is None for row in tried)


def test_receiver_that_is_down_is_tried_again(operator):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    hook(operator, f"http://127.0.0.1:{port}/")
    record(operator, "a")
    deliver()

    assert "refused" in WebhookDelivery.objects.get().error


def test_many_workers_at_once_deliver_each_once(operator, httpserver):
    accept(httpserver)
    hook(operator, httpserver.url_for("/"))
    record(operator, *(f"lot:{number % 20}" for number in range(100)))
    number_events()
    plan_deliveries(at=now())
    at_once([lambda: deliver(seconds=10) for _ in range(32)])

    numbers = [json.loads(request.data)["id"] for request, _ in httpserver.log]
    assert sorted(numbers) == list(range(1, 101))
    for subject in range(20):
        of_it = [number for number in numbers if (number - 1) % 20 == subject]
        assert of_it == sorted(of_it)


def test_message_of_a_dead_worker_is_sent_by_another_with_the_same_id(operator, httpserver):
    accept(httpserver)
    hook(operator, httpserver.url_for("/"))
    record(operator, "a", "a")
    number_events()
    plan_deliveries(at=now())
    (claimed,) = claim_deliveries(at=now(), limit=10)
    claimed.post.send()  # and the worker dies before it is recorded
    assert deliver() == 0, "its claim still holds"
    assert deliver(later=dt.timedelta(seconds=61)) == 2

    ids = [request.headers["webhook-id"] for request, _ in httpserver.log]
    assert ids == [f"evt_{operator.pk}_{number}" for number in (1, 1, 2)]


def test_paused_webhook_sends_later_what_happens_meanwhile(operator, httpserver):
    accept(httpserver)
    webhook = hook(operator, httpserver.url_for("/"))
    record(operator, "a")
    pause_webhook(webhook=webhook)
    assert deliver() == 0
    resume_webhook(webhook=webhook, at=now())
    assert deliver() == 1


def test_replay_sends_again_with_the_same_ids(operator, httpserver):
    accept(httpserver)
    webhook = hook(operator, httpserver.url_for("/"))
    record(operator, "a", "b", "a")
    deliver()
    replay_events(webhook=webhook, after=1)
    assert deliver() == 2
    send_again(delivery=WebhookDelivery.objects.get(number=1), at=now())
    assert deliver() == 1

    ids = [request.headers["webhook-id"].rpartition("_")[2] for request, _ in httpserver.log]
    assert sorted(ids) == ["1", "1", "2", "2", "3", "3"]


def test_backlog_is_bounded_and_nothing_is_lost(operator, httpserver, monkeypatch):
    monkeypatch.setattr("events.services.planning.BACKLOG", 5)
    httpserver.expect_request("/").respond_with_data("", 500)
    webhook = hook(operator, httpserver.url_for("/"))
    record(operator, *(f"lot:{number}" for number in range(12)))
    deliver(seconds=1)
    assert len(states(webhook)) == 5
    httpserver.clear()
    accept(httpserver)
    WebhookDelivery.objects.update(next_at=now())
    assert deliver() == 12
    assert sorted(number for number, _, _ in states(webhook)) == list(range(1, 13))


def test_old_events_and_deliveries_are_removed(operator, httpserver):
    accept(httpserver)
    webhook = hook(operator, httpserver.url_for("/"))
    record(operator, "a", "b")
    deliver()
    record(operator, "c")
    past, later = now() - dt.timedelta(hours=1), now() + dt.timedelta(hours=1)
    assert clear_events(operator=operator.pk, before=past, log_before=past) == 0
    assert len(states(webhook)) == 2
    clear_events(operator=operator.pk, before=past, log_before=later)
    assert (len(states(webhook)), operator.events.count()) == (0, 3)
    assert clear_events(operator=make_operator().pk, before=later, log_before=later) == 0
    assert clear_events(operator=operator.pk, before=later, log_before=later) == 2
    assert list(operator.events.values_list("subject", "number")) == [("c", None)]


def test_secrets_are_sealed_and_never_logged(operator, httpserver, caplog):
    httpserver.expect_request("/").respond_with_data("no", 500)
    webhook = hook(operator, httpserver.url_for("/"))
    secret = webhook.secret
    record(operator, "a")
    deliver()

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM events_webhook")
        (stored,) = cursor.fetchone()
    assert secret not in stored
    assert is_sealed(stored)
    assert secret not in caplog.text
    assert secret.removeprefix("whsec_") not in caplog.text


def test_one_run_at_a_time_is_begun_by_the_clock(operator, httpserver):
    began = threading.Event()
    answer_now = threading.Event()

    def answer(_request) -> Response:
        began.set()
        answer_now.wait(10)
        return Response("ok")

    httpserver.expect_request("/").respond_with_handler(answer)
    hook(operator, httpserver.url_for("/"))
    record(operator, "a")

    def second() -> int:
        assert began.wait(10)
        try:
            return run_webhooks(clock=now)
        finally:
            answer_now.set()

    assert at_once([lambda: run_webhooks(clock=now), second]) == [1, 0]
    assert run_webhooks(clock=now) == 0
    assert len(httpserver.log) == 1


def test_secrets_that_the_secret_key_alone_sealed_are_sealed_as_others(operator, settings):
    secret = new_secret()
    webhook, _ = make_webhook(operator=operator, wish=WebhookWish(url="https://a.example/"), by=make_user(), at=now())
    key = hashlib.sha256(b"webhooks:" + settings.SECRET_KEY.encode()).digest()
    early = Fernet(base64.urlsafe_b64encode(key)).encrypt(secret.encode()).decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_webhook SET secret = %s WHERE id = %s", [early, webhook.pk])
    for _ in range(2):
        import_module("events.migrations.0004_seal_what_is_stored").seal_stored(None, connection.schema_editor())
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM events_webhook")
        assert is_sealed(cursor.fetchone()[0])
    webhook.refresh_from_db()
    assert webhook.secret == secret
