"""How fast events are numbered and delivered when a thousand a second are recorded."""

import threading
import time

import pytest
from django.db import connection
from django.utils.timezone import now

from events.models import Event, WebhookDelivery
from events.services import deliver_webhooks
from tests.events.receivers import hook
from tests.factories import make_operator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]
SECONDS, A_SECOND = 60, 1000
MOST_LAG = 600


def test_thousand_events_a_second_are_delivered_in_their_order(settings, httpserver):
    settings.WEBHOOKS_PRIVATE = True
    httpserver.expect_request("/").respond_with_data("ok")
    operator = make_operator()
    webhook = hook(operator, httpserver.url_for("/"))

    def write() -> None:
        began = time.monotonic()
        with connection.cursor() as cursor:
            for number in range(SECONDS * 10):
                time.sleep(max(0.0, began + number / 10 - time.monotonic()))
                cursor.execute(
                    "INSERT INTO events_event (kind, subject, operator_id, lot, at, data)"
                    " SELECT 'stay.opened', 'stay:' || n %% 5000, %s, 'a', now(), jsonb_build_object('number', n)"
                    " FROM generate_series(1, %s) n",
                    [operator.pk, A_SECOND // 10],
                )
        connection.close()

    writer = threading.Thread(target=write)
    began = time.monotonic()
    writer.start()
    total, at_end = SECONDS * A_SECOND, None
    while (done := WebhookDelivery.objects.filter(webhook=webhook, state="delivered").count()) < total:
        deliver_webhooks(clock=now)
        if at_end is None and not writer.is_alive():
            at_end = done
        assert time.monotonic() - began < SECONDS + MOST_LAG
    seconds = time.monotonic() - began
    writer.join()

    print(f"{at_end} of {total} delivered after {SECONDS} s, all after {seconds:.0f} s: {total / seconds:.0f} a second")  # noqa: T201
    assert Event.objects.filter(number=None).count() == 0
    assert len(httpserver.log) == total
