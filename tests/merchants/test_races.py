"""A merchant's budget under simultaneous hands, and a validation against an exit."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from common.errors import DomainError
from merchants.models import Validation, ValidationBudget
from merchants.services import give_validation
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_merchant, make_operator, make_ticket, make_validation_type
from tests.invariants import broken

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
LOTS, HANDS = 10, 30

pytestmark = pytest.mark.django_db(transaction=True)


def given_at_once(stays_of_each: int, limit: int) -> tuple[int, set[str]]:
    """Let many hands give one kind at several lots, each of which has a lock of its own."""
    operator = make_operator()
    lots = [make_lot(operator, tracking="levels", spots={"regular": stays_of_each}) for _ in range(LOTS)]
    kind = make_validation_type(make_merchant(*lots), budget_kind="number", budget_limit=limit)
    stays = [make_ticket(lot, f"ZH {n}", AT - dt.timedelta(hours=1)) for n in range(stays_of_each) for lot in lots]

    def give(stay):
        try:
            give_validation(kind=kind, ticket=stay, at=AT, by=None)
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        refused = {code for code in pool.map(give, stays) if code}
    return Validation.objects.count(), refused


def test_without_its_lock_a_budget_is_exceeded(monkeypatch):
    lots = [make_lot(operator := make_operator()), make_lot(operator)]
    kind = make_validation_type(make_merchant(*lots), budget_kind="number", budget_limit=2)
    give_validation(kind=kind, ticket=make_ticket(lots[0], "ZH 0"), at=AT, by=None)
    stays = [make_ticket(lot, "ZH 1") for lot in lots]
    both, save = Barrier(2, timeout=10), ValidationBudget.save
    monkeypatch.setattr(ValidationBudget.objects, "select_for_update", ValidationBudget.objects.all)
    monkeypatch.setattr(ValidationBudget, "save", lambda row, **fields: (both.wait(), save(row, **fields)))
    codes_at_once([lambda stay=stay: give_validation(kind=kind, ticket=stay, at=AT, by=None) for stay in stays])

    assert Validation.objects.count() == 3


def test_a_budget_of_100_gives_exactly_100_of_300_at_once():
    assert given_at_once(30, 100) == (100, {"budget_used_up"})
    assert ValidationBudget.objects.get().used == 100
    assert broken() == []
