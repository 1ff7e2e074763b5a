"""Clients that are logged in."""

from django.test import Client

from accounts.models import User


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
