"""The pages of webhooks."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from analytics.stream_alerts import tell_stuck_stream
from events.models import Webhook, WebhookDelivery
from events.services import run_stream
from events.stream_address import stream_address
from notifications.models import Message
from tests.entrance.sessions import client_of
from tests.events.receivers import deliver, record
from tests.factories import make_lot, make_operator, make_user

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/manage/webhooks/"


@pytest.fixture
def lot():
    return make_lot(slug="central", name="Central Garage")


@pytest.fixture
def admin(lot):
    return client_of(make_user("admin", lot.operator))


def test_list_says_what_to_do_first(admin):
    assert "No webhooks yet" in admin.get(LIST).content.decode()


def test_webhook_is_made_and_its_secret_shown_once(admin):
    made = admin.post(f"{LIST}new/", {"url": "https://example.com/x", "types": ["stay.opened"], "lots": ["central"]})
    webhook = Webhook.objects.get()
    secret = webhook.secret
    first, second = (admin.get(made.url).content.decode() for _ in range(2))
    assert secret in first
    assert secret not in second
    assert "This secret was shown already" in second
    page = admin.get(f"{LIST}{webhook.pk}/").content.decode()
    assert "https://example.com/x" in page
    assert secret not in page
    assert "example.com" in admin.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": ""}, "Address"),
        ({"url": "https://10.0.0.1/"}, "public internet"),
        ({"url": "http://example.com/"}, "https://"),
        ({"url": "https://example.com/", "types": ["x"]}, "x"),
    ],
)
def test_wrong_webhook_is_refused_at_its_field(admin, given, said):
    answer = admin.post(f"{LIST}new/", given)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_settings_pause_resume_roll_and_removal(admin):
    admin.post(f"{LIST}new/", {"url": "https://example.com/"})
    webhook = Webhook.objects.get()
    path = f"{LIST}{webhook.pk}/"
    admin.post(f"{path}settings/", {"url": "https://example.org/", "name": "ERP"})
    webhook.refresh_from_db()
    assert (webhook.name, webhook.url) == ("ERP", "https://example.org/")
    for act, state in (("pause", "paused"), ("resume", "active")):
        assert admin.post(f"{path}{act}/").status_code == 302
        webhook.refresh_from_db()
        assert webhook.state == state
    before = webhook.secret
    assert "24 hours" in admin.get(f"{path}roll/").content.decode()
    rolled = admin.post(f"{path}roll/")
    webhook.refresh_from_db()
    assert (webhook.old_secret, webhook.old_secret_until > now()) == (before, True)
    assert webhook.secret in admin.get(rolled.url).content.decode()
    assert "Earlier secret signs until" in admin.get(path).content.decode()
    assert "can’t be undone" in admin.get(f"{path}remove/").content.decode().replace("&#x27;", "’").replace("'", "’")
    admin.post(f"{path}remove/")
    assert Webhook.objects.count() == 0


def test_log_shows_what_was_sent_and_answered_and_sends_again(settings, lot, admin, httpserver):
    settings.WEBHOOKS_PRIVATE = True
    httpserver.expect_request("/").respond_with_data("<b>no thanks</b>", 500)
    admin.post(f"{LIST}new/", {"url": httpserver.url_for("/"), "types": ["lot.full"]})
    path = f"{LIST}{Webhook.objects.get().pk}/"
    record(lot.operator, "lot:a")
    deliver()
    delivery = WebhookDelivery.objects.get()
    log = admin.get(path).content.decode()
    assert "lot.full" in log
    assert "To be tried again" in log
    assert "lot.full" not in admin.get(f"{path}?state=delivered").content.decode().split("Deliveries")[-1]
    shown = admin.get(f"{path}deliveries/{delivery.pk}/").content.decode()
    assert "&lt;b&gt;no thanks&lt;/b&gt;" in shown
    assert "&quot;subject&quot;: &quot;lot:a&quot;" in shown
    httpserver.clear()
    httpserver.expect_request("/").respond_with_data("ok")
    assert admin.post(f"{path}deliveries/{delivery.pk}/again/").status_code == 302
    assert deliver() == 1
    assert admin.post(f"{path}replay/", {"after": 0}).status_code == 302
    assert deliver() == 1
    assert admin.post(f"{path}replay/", {"after": 99}).status_code == 422
    admin.post(f"{path}pause/")
    again = admin.post(f"{path}deliveries/{delivery.pk}/again/", follow=True).content.decode()
    assert "Resume the webhook first" in again


def test_list_takes_as_many_queries_for_many_webhooks(admin, django_assert_max_num_queries):
    for number in range(5):
        admin.post(f"{LIST}new/", {"url": f"https://example.com/{number}"})
    with django_assert_max_num_queries(12):
        admin.get(LIST)


def test_list_says_how_far_the_stream_is_and_errors_only_to_who_runs_the_installation(settings, lot, admin):
    settings.EVENTS_STREAM = stream_address("redis://:pw@127.0.0.1:1/0/parking", own_redis="")
    record(lot.operator, "lot:a", "lot:b")
    run_stream(clock=now)
    page = admin.get(LIST).content.decode()
    waiting = lot.operator.events.count()
    assert f'data-label="waiting">{waiting}<' in page
    assert "Server away" in page
    assert "redis://127.0.0.1:1/0/parking" in page
    assert "refused" in page
    assert "pw@" not in page
    make_lot(operator=make_operator(name="Other"))
    page = admin.get(LIST).content.decode()
    assert f'data-label="waiting">{waiting}<' in page
    assert "127.0.0.1:1" not in page
    assert "Other" not in page
    settings.EVENTS_STREAM = None
    assert "Server away" not in admin.get(LIST).content.decode()


def test_stuck_stream_is_told_once_a_day(settings, lot, admin):
    settings.EVENTS_STREAM = stream_address("redis://127.0.0.1:1/0/parking", own_redis="")
    assert not tell_stuck_stream(at=now())
    record(lot.operator, "lot:a")
    run_stream(clock=now)
    assert not tell_stuck_stream(at=now())
    later = now().replace(hour=12) + timedelta(days=1)
    for minutes in (0, 1, 2):
        assert tell_stuck_stream(at=later + timedelta(minutes=minutes))
    (told,) = Message.objects.filter(template="stream_stuck")
    assert told.context["count"] == lot.operator.events.count()
    assert "refused" in told.context["error"]
    assert tell_stuck_stream(at=later + timedelta(days=1))
    assert Message.objects.filter(template="stream_stuck").count() == 2
