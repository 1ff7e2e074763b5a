"""Locks have one order in every action, so that two that meet wait for each other but never in a circle."""

import re

import pytest

from tests.actions import ACTIONS, listen, transactions
from tests.desk.test_pages import Desk

pytestmark = pytest.mark.django_db(transaction=True)

# What a statement locks, in the order in which that may happen. The triggers of money that moves update its charge.
LOCKS = {
    "lot": r"pg_advisory_xact_lock\((\$1|1)::int",
    "charge": r'(FROM "billing_charge".* FOR UPDATE|UPDATE "?billing_charge|INSERT INTO "?billing_(payment|credit|refund)"? )',
    "ticket": r'(FROM "tickets_ticket".* FOR UPDATE|UPDATE "?tickets_ticket)',
    "debts": r'(hashtextextended|UPDATE "billing_debt")',
    "budget": r'FROM "accounts_membership".* FOR UPDATE',
    "document counter": r"INSERT INTO billing_receiptsequence",
}
MADE = {"charge": 'INSERT INTO "billing_charge"', "ticket": 'INSERT INTO "tickets_ticket"'}
"""Nobody else sees, or waits for, a row that the transaction has inserted itself."""
SAVEPOINT = re.compile(r'(SAVEPOINT|ROLLBACK TO SAVEPOINT) "?(\w+)')


def locks_of(transaction: list[str]) -> list[str]:
    """The kinds of locks in the order in which a transaction first took each; what it let go again doesn't count."""
    taken: list[str] = []
    made: set[str] = set()
    savepoints: dict[str, int] = {}
    for statement in transaction:
        if found := SAVEPOINT.match(statement):
            if found[1] == "SAVEPOINT":
                savepoints[found[2]] = len(taken)
            else:
                del taken[savepoints[found[2]] :]
        words = " ".join(statement.split())
        made |= {kind for kind, insert in MADE.items() if words.startswith(insert)}
        taken += [kind for kind, locks in LOCKS.items() if kind not in {*taken, *made} and re.search(locks, words)]
    return taken


def in_order(taken: list[str]) -> bool:
    return taken == sorted(taken, key=list(LOCKS).index)


@pytest.mark.parametrize("action", ACTIONS)
def test_locks_are_taken_in_one_order(action):
    desk = Desk()
    act = ACTIONS[action](desk)

    assert [taken for one in transactions(listen(act)) if not in_order(taken := locks_of(one))] == []


@pytest.mark.parametrize(
    ("action", "taken"),
    [
        ("cash at the desk", ["lot", "ticket", "document counter"]),
        ("cash after a declined card", ["lot", "charge", "ticket", "document counter"]),
        ("an exit that owes", ["lot", "ticket", "debts"]),
        ("an exit that is waived", ["lot", "ticket", "budget"]),
        ("cash for a debt", ["charge", "ticket", "debts", "document counter"]),
    ],
)
def test_locks_are_heard(action: str, taken: list[str]):
    heard = [locks for one in transactions(listen(ACTIONS[action](Desk()))) if (locks := locks_of(one))]

    assert heard == [taken]
