"""Games against the lanes that drivers once won, move by move."""

from collections import Counter

import pytest

from tests.gates import adversary
from tests.gates.adversary import Adversary, worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def game(monkeypatch):
    monkeypatch.setattr(adversary, "event", lambda *_told: None)
    Adversary.worlds, Adversary.played = list(worlds()), Counter()
    game = Adversary()
    try:
        yield game
    finally:
        game.teardown()  # looks at all who came and left


@pytest.mark.parametrize("seen", ["unsure", "nothing", "cut off", "candidate", "alike"])
@pytest.mark.parametrize("later", [3, 31])
def test_plate_that_is_hidden_after_it_was_asked_to_pay_does_not_leave_unseen(game, seen, later):
    game.choose_a_lot(number=0, inside=3)
    game.swap_plates(number=0)
    car = game.look([("exact", "nothing", 3)] * 3, number=0, lane=0, named=False)
    game.pay(number=0, card="tok_ok")  # the ticket that its driver holds, of the plate that another wears now
    game.wait(seconds=later)
    game.see(car, seen, "own")
    game.wait(seconds=7_200)

    assert bool(game.departures) == (seen != "unsure")


def test_car_behind_one_whose_passage_is_told_late_stays_one_car(game):
    game.choose_a_lot(number=0, inside=0)
    game.look([("candidate", "nothing", 3), ("cut off", "nothing", 12)], number=1, lane=1, named=False)
    game.go_on(number=0, named=1, how="backed_out", clock="now")  # names one of two openings; the other stays unsaid
    game.wait(seconds=60)
    car = game.look([("other", "nothing", 3), ("exact", "nothing", 125)], number=0, lane=1, named=True)

    opened = {answer["ticket"]["number"] for answer in car.arrival.answers}
    assert len(opened) == 1
