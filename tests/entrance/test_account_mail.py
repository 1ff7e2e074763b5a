"""Account mail goes through the outbox."""

import re

import pytest
from django.db import transaction

from notifications.models import Message
from notifications.rendering import RAW, render_message
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_new_account_is_sent_its_link(client):
    client.post("/accounts/signup/", {"email": "ada@example.com", "password1": "o9Ujs!kd8", "password2": "o9Ujs!kd8"})

    message = Message.objects.get()
    mail = render_message(message)
    assert (message.recipient, message.template) == ("ada@example.com", RAW)
    assert mail.to == ["ada@example.com"]
    assert "\n" not in mail.subject
    assert re.search(r"/accounts/confirm-email/|code", mail.body)


def test_a_forgotten_password_is_sent_a_link(client):
    user = make_user(password="o9Ujs!kd8")

    client.post("/accounts/password/reset/", {"email": user.email})

    assert "/accounts/password/reset/key/" in render_message(Message.objects.get()).body


def test_a_sign_up_that_is_rolled_back_sends_nothing(client):
    with transaction.atomic():
        client.post("/accounts/signup/", {"email": "a@example.com", "password1": "o9Ujs!kd8", "password2": "o9Ujs!kd8"})
        transaction.set_rollback(True)

    assert not Message.objects.exists()
