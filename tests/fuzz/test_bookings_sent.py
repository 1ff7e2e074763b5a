"""Bookings asked for over the API in any order, from valid to impossible: no server error, and the books stay right."""

import json
import os
from collections import Counter
from random import Random
from typing import Any

import pytest

from tests.api.bookings_sent import PATH, wanted
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_user
from tests.fuzz.values import NUMBERS, wild_text
from tests.invariants import broken

pytestmark = pytest.mark.django_db
CALLS = 120
FIELDS = (
    "lot",
    "spot_type",
    "spot",
    "start",
    "end",
    "plate",
    "vehicle_type",
    "promo_code",
    "payment",
    "driver",
    "email",
)
PLAUSIBLE = ("R0-1", "L0-1", "regular", "large", "ev", "central", "levels", "ZH 1", {"token": "tok_no_refund"}, None)
CARDS = ("tok_ok", "tok_ok", "tok_3ds", "tok_declined", "tok_partial_400")


@pytest.fixture(autouse=True)
def _many_cards_soon(monkeypatch):
    monkeypatch.setattr("api.paying_by_card.CARDS_PER_MINUTE", 10 * CALLS)
    for module in ("services.payments.by_provider", "services.payments.holds", "services.refunds.returning"):
        monkeypatch.setattr(f"billing.{module}.PROVIDER_SECONDS", 0.02)


def body(random: Random) -> dict[str, Any]:
    start = random.randint(-40, 80) / 2
    sent = wanted(start, start + random.randint(0, 12) / 2, plate=f"ZH {random.randint(1, 6)}")
    sent["lot"] = random.choice(["central", "levels"])
    if random.random() < 0.7:
        sent["payment"] = {"token": random.choice(CARDS)}
    for _ in range(random.choice([0, 0, 0, 1, 2])):
        wild = (wild_text(random), random.choice(NUMBERS), random.choice(PLAUSIBLE), [], {"token": wild_text(random)})
        sent[random.choice(FIELDS)] = random.choice(wild)
    return sent


def call(random: Random, booked: list[int]) -> tuple[str, str, dict[str, Any]]:
    """The method, address and body of a call."""
    sent, one = body(random), f"{PATH}/{random.choice(booked)}"
    changes = {name: value for name, value in sent.items() if random.random() < 0.4}
    return random.choice(
        [
            *[("POST", PATH, sent)] * 5,
            ("POST", f"{PATH}/quote", sent),
            *[("PATCH", one, changes)] * 3,
            ("PATCH", f"{one}?preview=true", changes),
            ("DELETE", one, {}),
            ("GET", PATH, {}),
        ]
    )


@pytest.mark.parametrize("prepay", ["none", "hold", "capture"])
def test_calls_about_bookings_never_break_anything(prepay):
    random = Random(f"{os.environ.get('FUZZ_SEED', '1')} {prepay}")
    lot = make_lot(slug="central", prepay=prepay, spots={"regular": 3, "large": 2, "ev": 1})
    make_lot(lot.operator, slug="levels", prepay=prepay, tracking="levels", spots={"regular": 3, "large": 1})
    clients = [client_of(make_user()) for _ in range(6)] + [client_of(make_user("attendant", lot.operator))]
    booked, answers = [1], Counter[int]()

    for _ in range(CALLS):
        method, path, sent = call(random, booked)
        key = {"Idempotency-Key": f"key {random.randint(1, 30)}"} if random.random() < 0.2 else {}
        client = random.choice(clients)
        client.raise_request_exception = False
        answer = client.generic(method, path, json.dumps(sent), content_type="application/json", headers=key)
        answers[answer.status_code] += 1
        assert answer.status_code < 500, (method, path, sent)
        if path == PATH and answer.status_code in {201, 202}:
            booked.append(answer.json()["id"])

    assert answers.keys() >= {200, 201, 422}
    assert broken() == []
