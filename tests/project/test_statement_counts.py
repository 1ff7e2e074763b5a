"""How many statements PostgreSQL gets from what people do most, those that begin and end transactions among them."""

import pytest

from tests.actions import ACTIONS, listen, without_session
from tests.desk.test_pages import Desk

pytestmark = pytest.mark.django_db(transaction=True)

# Beside these a page of a signed-in person reads the session and the person, and an act at the desk writes the session
# in a transaction of its own: two more, or five.
MOST = {
    "a quote page": 7,  # one for the prices that come next, one for the passes on sale
    "a quote by a program": 2,
    "the page of a fee": 1,
    "a driver's card": 31,
    "a fee by a program": 1,
    "a card by a program": 40,  # with its receipt
    "a stay at the desk": 18,
    "cash at the desk": 25,
    "cash after a declined card": 25,
    "a card at the desk": 45,
    "an exit that owes": 15,
    "an exit that is waived": 24,
    "a lost ticket": 14,
    "cash for a lost ticket": 25,
    "cash for a debt": 24,
    "the office's overview": 10,  # one for the lot that is being set up, here none
}


@pytest.mark.parametrize("action", MOST)
def test_action_takes_no_more_statements_than_it_needs(action):
    desk = Desk()
    desk.get("/desk/")
    statements = without_session(listen(ACTIONS[action](desk)))

    assert len(statements) <= MOST[action], "\n".join(" ".join(one.split())[:200] for one in statements)


def test_statements_of_a_flush_are_counted():
    statements = listen(ACTIONS["cash at the desk"](Desk()))

    assert sum("INSERT INTO billing_payment " in one for one in statements) == 1
    assert sum(one == "COMMIT" for one in statements) == 2
