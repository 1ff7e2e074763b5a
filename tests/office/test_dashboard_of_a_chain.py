"""The overview of somebody who runs very many lots: bounded, and counted once in a while."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from analytics.figures import MOST_LOTS, figures_of, occupancy_of
from analytics.remembering import FEW_LOTS, remembered
from analytics.scope import Scope, scope_of
from common.web.paging import PAGE_SIZE
from tests.entrance.sessions import client_of
from tests.factories import make_gate, make_lot, make_operator, make_ticket, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    operator = make_operator()
    lots = [make_lot(operator, name=f"Lot {n:02}", spots={"regular": 2}) for n in range(FEW_LOTS + 1)]
    make_ticket(lots[-1], "ZH 1")
    make_ticket(lots[-1], "ZH 2")
    make_ticket(lots[5], "ZH 3")
    return operator


def test_the_fullest_lots_are_shown_and_the_others_counted(chain):
    places = occupancy_of(scope_of(make_user("admin", chain)))

    assert (places.whole.total, places.whole.occupied) == (2 * (FEW_LOTS + 1), 3)
    assert [row.label for row in places.rows[:3]] == ["Lot 20", "Lot 05", "Lot 00"]
    assert (len(places.rows), places.more) == (MOST_LOTS, FEW_LOTS + 1 - MOST_LOTS)


def test_overview_says_that_there_are_more_lots(chain):
    page = client_of(make_user("admin", chain)).get("/manage/").content.decode()

    assert f"{FEW_LOTS + 1 - MOST_LOTS} more" in page
    assert page.count("<option") == FEW_LOTS + 2


def test_lots_gates_and_tariffs_come_a_page_at_a_time_and_are_found_by_name():
    operator = make_operator()
    for number in range(PAGE_SIZE + 1):
        make_gate(make_lot(operator, name=f"Lot {number:02}"), "entry")
    admin = client_of(make_user("admin", operator))

    for kind in ("lots", "gates", "tariffs"):
        first, second = (admin.get(f"/manage/{kind}/?page={page}").content.decode() for page in (1, 2))
        assert f"1–{PAGE_SIZE} of {PAGE_SIZE + 1} {kind}" in first
        assert ("Lot 00" in first, "Lot 50" in first) == (True, False)
        assert ("Lot 00" in second, "Lot 50" in second) == (False, True)
        found, nothing = (admin.get(f"/manage/{kind}/?q={words}").content.decode() for words in ("50+lot", "51"))
        assert ("Lot 00" in found, "Lot 50" in found, "No lots found" in found) == (False, True, False)
        assert "No lots found" in nothing


def test_numbers_of_a_chain_are_counted_once_in_a_while(chain):
    scope, at = scope_of(make_user("admin", chain)), now()
    first = figures_of(scope, at)

    with CaptureQueriesContext(connection) as captured:
        assert figures_of(scope, at) is first
    assert len(captured) == 0


def test_numbers_of_few_lots_are_counted_anew_each_time():
    lot = make_lot()
    scope, at = Scope((lot,)), now()
    before = figures_of(scope, at)
    make_ticket(lot, entry_at=at)

    assert (before.cars_in, figures_of(scope, at).cars_in) == (0, 1)


def test_what_is_remembered_is_forgotten():
    asked = []

    @remembered(seconds=0)
    def ask(scope, at):
        asked.append(at)
        return len(asked)

    scope = Scope(tuple(make_lot(spots={}) for _ in range(FEW_LOTS + 1)))
    assert [ask(scope, now()), ask(scope, now())] == [1, 2]
