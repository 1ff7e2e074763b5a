"""The tokens of programs: each refresh token works once, and the second use of one ends the session."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client

from tests.factories import make_user

PASSWORD = "a-long-enough-password"
AUTH = "/_allauth/app/v1/"


def log_in():
    user = make_user(password=PASSWORD)
    body = {"email": user.email, "password": PASSWORD}
    meta = Client().post(f"{AUTH}auth/login", body, content_type="application/json").json()["meta"]
    return meta["access_token"], meta["refresh_token"]


def refreshed(token):
    return Client().post(f"{AUTH}tokens/refresh", {"refresh_token": token}, content_type="application/json")


def works(access_token):
    return Client(headers={"authorization": f"Bearer {access_token}"}).get("/api/v1/me").status_code == 200


@pytest.mark.django_db
def test_each_refresh_gives_a_new_pair_of_tokens():
    _access, refresh = log_in()

    for _ in range(3):
        answer = refreshed(refresh).json()["data"]
        assert answer["refresh_token"] != refresh
        refresh = answer["refresh_token"]
        assert works(answer["access_token"])


@pytest.mark.django_db
def test_a_refresh_token_used_twice_ends_the_session():
    first_access, first = log_in()
    second = refreshed(first).json()["data"]

    assert refreshed(first).status_code == 400

    assert not works(first_access)
    assert not works(second["access_token"])
    assert refreshed(second["refresh_token"]).status_code == 400
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_what_was_never_a_refresh_token_ends_nothing():
    access, refresh = log_in()

    assert {refreshed(token).status_code for token in ("x", access, refresh[:-4] + "AAAA", "")} == {400}

    assert works(access)
    assert refreshed(refresh).status_code == 200


@pytest.mark.django_db
def test_a_log_out_ends_the_access_token_and_the_refresh_token():
    access, refresh = log_in()

    assert Client(headers={"authorization": f"Bearer {access}"}).delete(f"{AUTH}auth/session").status_code == 401

    assert not works(access)
    assert refreshed(refresh).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_refresh_token_at_once_neither_keeps_the_session():
    access, refresh = log_in()
    together = Barrier(4)

    def use(_number):
        together.wait()
        try:
            return refreshed(refresh)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(use, range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    new = next(answer for answer in answers if answer.status_code == 200).json()["data"]
    assert not works(new["access_token"])
    assert not works(access)
    assert refreshed(new["refresh_token"]).status_code == 400
