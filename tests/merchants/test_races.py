"""A merchant's budget under simultaneous hands, and a validation against an exit."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from common.errors import DomainError
from merchants.models import Validation, ValidationBudget
from merchants.services import add_type, give_validation, giving
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_merchant, make_operator, make_ticket, make_validation_type
from tests.invariants import broken
from tickets.models import Ticket
from tickets.services import close_ticket

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
    both, save = Barrier(2, timeout=30), ValidationBudget.save
    monkeypatch.setattr(ValidationBudget.objects, "select_for_update", ValidationBudget.objects.all)
    monkeypatch.setattr(ValidationBudget, "save", lambda row, **fields: (both.wait(), save(row, **fields)))
    codes_at_once([lambda stay=stay: give_validation(kind=kind, ticket=stay, at=AT, by=None) for stay in stays])

    assert Validation.objects.count() == 3


def test_a_budget_of_100_gives_exactly_100_of_300_at_once():
    assert given_at_once(30, 100) == (100, {"budget_used_up"})
    assert ValidationBudget.objects.get().used == 100
    assert broken() == []


def test_a_validation_and_an_exit_at_once_come_one_after_the_other():
    lot = make_lot(tracking="levels", spots={"regular": 40})
    kind = make_validation_type(make_merchant(lot))
    stays = [make_ticket(lot, f"ZH {n}", AT) for n in range(12)]
    gives = [lambda stay=stay: give_validation(kind=kind, ticket=stay, at=AT, by=None) for stay in stays]
    exits = [lambda stay=stay: close_ticket(ticket=stay, at=AT, reason="grace", why="left") for stay in stays]
    given = codes_at_once([*gives, *exits])[: len(gives)]

    assert all(isinstance(one, Validation) or one == "stay_over" for one in given)
    assert Validation.objects.count() == len(given) - given.count("stay_over")
    assert not Ticket.objects.exclude(status="closed").exists()
    assert broken() == []


def test_thirty_two_phones_with_the_shops_code_lower_a_stay_once():
    lot = make_lot()
    kind = make_validation_type(make_merchant(lot), by_code=True, max_per_stay=5)
    ticket = make_ticket(lot, "ZH 1")
    phones = [lambda: give_validation(kind=kind, ticket=ticket, at=AT, by=None, how="code")] * 32

    assert codes_at_once(phones).count("validation_limit") == 31
    assert len(Ticket.objects.get().discounts) == 1


def test_of_types_of_one_name_at_once_one_is_added():
    shop = make_merchant(make_lot())
    values = {"name": "Coffee", "discount": {"percent": "50"}}
    results = codes_at_once([lambda: add_type(merchant=shop, values=values, at=AT)] * 8)

    assert results.count("validation_type_exists") == 7


def test_a_key_that_comes_for_stays_of_two_lots_at_once_gives_one(monkeypatch):
    lots = [make_lot(operator := make_operator()), make_lot(operator)]
    kind, both = make_validation_type(make_merchant(*lots)), Barrier(2, timeout=30)
    look = giving._earlier
    monkeypatch.setattr(giving, "_earlier", lambda *asked: (look(*asked), both.wait())[0])
    stays = [make_ticket(lot, "ZH 1") for lot in lots]
    results = codes_at_once(
        [lambda s=stay: give_validation(kind=kind, ticket=s, at=AT, by=None, idempotency_key="k") for stay in stays]
    )

    assert results.count("idempotency_key_reused") == 1
    assert Validation.objects.count() == 1
