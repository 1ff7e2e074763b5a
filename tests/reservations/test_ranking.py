"""The order of lots that were found."""

from hypothesis import given
from hypothesis import strategies as st

from reservations.ranking import Rated, SortBy, ranked, walk_minutes

RATED = st.builds(
    Rated,
    st.none() | st.floats(0, 2e7),
    st.none() | st.integers(0, 100_000),
    st.sampled_from(["CHF", "EUR"]),
    st.none() | st.integers(0, 500),
)


def test_cheap_is_by_price_full_lots_and_lots_without_a_price_after_the_others():
    lots = [
        Rated(100, 900, "CHF", 5),
        Rated(200, 300, "CHF", 0),
        Rated(300, None, "CHF", 9),
        Rated(400, 400, "CHF", 1),
        Rated(500, 100, "EUR", 1),
        Rated(600, 400, "CHF", None),
    ]
    assert ranked(lots, SortBy.CHEAP) == [3, 5, 0, 4, 1, 2]
    assert ranked(lots, SortBy.NEAR) == [0, 1, 2, 3, 4, 5]


def test_best_takes_a_little_more_way_for_much_less_money_and_not_the_other_way_round():
    near_and_dear, close_and_cheap, far_and_free = (
        Rated(300, 1200, "CHF", 9),
        Rated(500, 400, "CHF", 9),
        Rated(9000, 0, "CHF", 9),
    )
    assert ranked([near_and_dear, close_and_cheap, far_and_free], SortBy.BEST) == [1, 0, 2]


@given(st.lists(RATED, max_size=12), st.sampled_from(SortBy))
def test_every_lot_is_ranked_once(lots, sort):
    assert sorted(ranked(lots, sort)) == list(range(len(lots)))


def test_people_walk_four_kilometres_in_an_hour_and_no_way_takes_no_time():
    assert [walk_minutes(metres) for metres in (0, 70, 700, 4200)] == [1, 1, 10, 60]
