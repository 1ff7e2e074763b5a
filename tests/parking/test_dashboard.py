"""The operator's home: what it says, to whom, and at what cost."""

import pytest
from django.test import Client

from tests.factories import make_lot, make_operator, make_ticket, make_user

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


PAGES = [
    "",
    "attention/",
    "events/",
    "events/?flag=no_spot",
    "reviews/",
    "stays/",
    "stays/?q=ZH&status=review&from=2026-01-01&to=2026-12-31",
    "people/",
    "blocked/",
    "permits/",
    "debts/",
    "debts/?q=zh",
    "messages/",
]


@pytest.mark.parametrize("path", PAGES)
def test_page_is_the_admins_alone(path):
    operator = make_operator()
    lot = make_lot(operator)
    make_ticket(lot, status="review")
    path = f"/manage/{path}"

    assert client_of(make_user("admin", operator)).get(path).status_code == 200
    assert client_of(make_user("attendant", operator)).get(path).status_code == 403
    assert client_of(make_user()).get(path).status_code == 403
    assert Client().get(path).status_code == 302
    assert client_of(make_user("admin", operator)).delete(path).status_code == 405
