"""The outbox in the back office."""

import pytest
from django.utils.timezone import now

from accounts.models import User
from notifications.models import Message, MessageState
from notifications.services import queue_message

pytestmark = pytest.mark.django_db
LIST = "/admin/notifications/message/"


@pytest.fixture
def parked(client):
    client.force_login(User.objects.create_superuser("root@example.com", "x"))
    message = queue_message(
        key="k",
        operator=None,
        recipient="ada@example.com",
        template="raw",
        context={"text": "a secret link"},
        at=now(),
    )
    Message.objects.update(state=MessageState.PARKED, error="550 No such person", attempts=1)
    return message


def test_parked_messages_say_why(client, parked):
    assert "550 No such person" in client.get(LIST, {"state": "parked"}).content.decode()


def test_the_words_of_a_message_are_not_shown(client, parked):
    assert "a secret link" not in client.get(f"{LIST}{parked.pk}/change/").content.decode()


def test_a_parked_message_is_sent_again(client, parked):
    client.post(LIST, {"action": "send_again", "_selected_action": [parked.pk]})

    parked.refresh_from_db()
    assert (parked.state, parked.error) == (MessageState.QUEUED, "")


def test_whoever_may_only_look_cannot_send_again(client, parked):
    from django.contrib.auth.models import Permission

    viewer = User.objects.create_user("viewer@example.com", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_message"))
    client.force_login(viewer)

    client.post(LIST, {"action": "send_again", "_selected_action": [parked.pk]})

    parked.refresh_from_db()
    assert parked.state == MessageState.PARKED


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_messages_are_neither_written_nor_removed_by_hand(client, parked, path):
    assert client.get(LIST + path.format(pk=parked.pk)).status_code == 403
