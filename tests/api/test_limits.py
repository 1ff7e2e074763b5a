"""How often the API may be called: by whom, through which proxies, and while Redis is away."""

import subprocess
import time
from collections import Counter
from contextlib import contextmanager

import pytest
import redis
from django.test import Client

from api.call_limits import CALLS_OF_DEVICES
from api.gate_reads import router as gates
from common.web import rate_limits
from common.web.rate_limits import share_tries
from parking.embedded.binaries import redis_program
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_user
from tests.gates.lanes import Lanes

pytestmark = pytest.mark.django_db
LIMIT = 40
A_MINUTE = 60
LEFT = '"address";r={};t={}'


@contextmanager
def redis_at(folder):
    """A Redis of the test's own, and a function that stops it."""
    socket = folder / "redis.sock"
    server = subprocess.Popen([redis_program(), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder])
    url = f"unix://{socket}"
    give_up = time.monotonic() + 10
    while not socket.exists() and time.monotonic() < give_up:
        time.sleep(0.01)
    assert redis.Redis.from_url(url).ping()

    def stop():
        server.kill()
        server.wait(10)

    try:
        yield url, stop
    finally:
        stop()


@pytest.fixture
def shared(tmp_path, settings, monkeypatch):
    with redis_at(tmp_path) as (url, stop):
        settings.REDIS_URL = url
        monkeypatch.setattr(rate_limits, "_redis", rate_limits._Redis())
        rate_limits._throttle.cache_clear()
        rate_limits._shared_store.cache_clear()
        yield stop
    rate_limits._throttle.cache_clear()
    rate_limits._shared_store.cache_clear()


@pytest.fixture
def two_processes():
    share_tries(2)
    yield
    share_tries(1)


def ask_from_everywhere(addresses):
    """Ask a quarter more than the limit from each address, with headers that name others; return what was answered."""
    answered = Counter()
    for number in range(LIMIT * 5 // 4):
        for address in addresses:
            forged = f"198.51.100.{number % 250}, 192.0.2.{number % 250}"
            response = Client(REMOTE_ADDR=address, headers={"x-forwarded-for": forged}).get("/api/v1/lots/central")
            answered[address, response.status_code] += 1
    return answered


@pytest.mark.parametrize("addresses", [3, pytest.param(50, marks=pytest.mark.proof)])
def test_addresses_get_their_share_however_they_forge_it_and_no_more_without_redis(
    shared, two_processes, settings, addresses
):
    settings.API_ADDRESS_PER_MINUTE, settings.TRUSTED_PROXIES = LIMIT, 0
    make_lot(slug="central")
    several = [f"203.0.113.{number}" for number in range(addresses)]

    for stop, limit in ((False, LIMIT), (True, LIMIT // 2)):
        if stop:
            shared()
        begun = time.monotonic()
        answered = ask_from_everywhere(several)
        most = limit + (time.monotonic() - begun) * limit / A_MINUTE
        for address in several:
            assert limit <= answered[address, 200] <= most * 1.02
            assert answered[address, 200] + answered[address, 429] == LIMIT * 5 // 4


def test_behind_a_proxy_the_address_that_it_saw_counts(settings):
    settings.API_ADDRESS_PER_MINUTE, settings.TRUSTED_PROXIES = 2, 1
    make_lot(slug="central")

    def ask(seen, forged):
        headers = {"x-forwarded-for": f"{forged}, {seen}"}
        return Client(REMOTE_ADDR="10.0.0.1", headers=headers).get("/api/v1/lots/central").status_code

    assert [ask("203.0.113.1", f"198.51.100.{number}") for number in range(4)] == [200, 200, 429, 429]
    assert ask("203.0.113.2", "203.0.113.1") == 200


def test_answers_say_what_is_left_and_refusals_when_to_come_back(settings):
    settings.API_ADDRESS_PER_MINUTE = 3
    make_lot(slug="central")
    client = Client(REMOTE_ADDR="203.0.113.1")

    first, missing, last, refused = (client.get(f"/api/v1/lots/{slug}") for slug in ("central", "x", "central", "x"))

    assert first["RateLimit-Policy"] == '"address";q=3;w=60'
    assert [one["RateLimit"] for one in (first, missing, last)] == [
        LEFT.format(2, 20),
        LEFT.format(1, 40),
        LEFT.format(0, 60),
    ]
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused["Retry-After"]) <= 20
    assert "RateLimit" not in refused


def test_each_person_has_limits_of_their_own_and_writes_have_others(settings):
    settings.API_PERSON_PER_MINUTE, settings.API_ADDRESS_PER_MINUTE = 10, 1
    ada, bob = client_of(make_user()), client_of(make_user())

    def statuses(client, count):
        return [client.get("/api/v1/me").status_code for _ in range(count)]

    assert statuses(ada, 12) == [200] * 10 + [429] * 2
    assert statuses(bob, 1) == [200]
    writes = [ada.post("/api/v1/exports", {}, content_type="application/json").status_code for _ in range(3)]
    assert writes == [422, 422, 429]


def test_without_credentials_one_can_guess_only_so_often(settings):
    settings.API_ADDRESS_PER_MINUTE = 0
    guess = Client(REMOTE_ADDR="203.0.113.1", headers={"authorization": "Bearer guess"})

    statuses = Counter(guess.get("/api/v1/me").status_code for _ in range(100))

    assert 60 <= statuses[401] <= 63
    assert statuses[401] + statuses[429] == 100


def test_no_limit_is_no_limit(settings):
    settings.API_ADDRESS_PER_MINUTE = 0
    make_lot(slug="central")
    response = Client().get("/api/v1/lots/central")

    assert response.status_code == 200
    assert "RateLimit" not in response


def test_every_call_of_devices_is_known_as_one():
    calls = {operation.view_func.__name__ for view in gates.path_operations.values() for operation in view.operations}

    assert calls == CALLS_OF_DEVICES


def test_devices_are_never_limited(settings):
    settings.API_ADDRESS_PER_MINUTE = settings.API_PERSON_PER_MINUTE = 1
    lanes = Lanes()

    for number in range(12):
        assert lanes.entry.read(f"ZH {number}")["action"] in {"open", "deny"}
