"""The stay of a lost ticket by plate, then by a part of it and the time; only what nobody finds costs the fee."""

import datetime as dt
from uuid import uuid4

import pytest

from gates.services import StayFoundError, StaysAlikeError
from tests.factories import make_ticket
from tests.gates.test_desk_services import HOURS, NOW, Desk
from tickets.models import Ticket
from tickets.remembered import find_remembered

pytestmark = pytest.mark.django_db

CAME = NOW - 2.5 * HOURS


@pytest.fixture
def desk(db):
    return Desk("ZH 123456", spots={"regular": 20})


def plates(desk, plate, around=None):
    return [stay.plate for stay in find_remembered(desk.lot.pk, plate=plate, around=around).stays]


def test_whole_plate_is_found_whenever_its_car_came(desk):
    make_ticket(desk.lot, "ZH 123456 7")

    found = find_remembered(desk.lot.pk, plate="ZH123456", around=NOW)
    assert (found.is_certain, [stay.plate for stay in found.stays]) == (True, ["ZH 123456"])


@pytest.mark.parametrize("part", ["345", "2H1", "Z34S6"], ids=["middle", "start with a look-alike", "look-alikes"])
def test_part_is_found_with_look_alikes_folded(desk, part):
    found = find_remembered(desk.lot.pk, plate=part, around=None)

    assert (found.is_certain, [stay.plate for stay in found.stays]) == (False, ["ZH 123456"])


def test_part_below_three_characters_finds_nothing_but_a_whole_plate(desk):
    make_ticket(desk.lot, "Z 1")

    assert plates(desk, "12") == []
    assert plates(desk, "Z1") == ["Z 1"]


def test_time_that_is_remembered_leaves_out_other_cars_and_puts_the_nearest_first(desk):
    make_ticket(desk.lot, "GE 345", entry_at=CAME - dt.timedelta(minutes=40))
    make_ticket(desk.lot, "BE 345", entry_at=CAME - dt.timedelta(hours=3))

    assert plates(desk, "345", CAME - dt.timedelta(minutes=30)) == ["GE 345", "ZH 123456"]


def test_car_that_came_at_another_time_than_remembered_is_still_found(desk):
    found = find_remembered(desk.lot.pk, plate="345", around=NOW)

    assert (found.at_other_times, [stay.plate for stay in found.stays]) == (True, ["ZH 123456"])


def test_plate_one_slip_away_is_found_and_time_alone_finds_all_of_it(desk):
    assert plates(desk, "ZH12346") == ["ZH 123456"]
    assert plates(desk, None, CAME) == ["ZH 123456"]
    assert plates(desk, None) == []


def test_cars_that_have_left_are_not_remembered(desk):
    desk.pay()

    assert plates(desk, "345") == []


def test_fee_is_refused_while_a_car_that_may_be_the_one_is_not_ruled_out(desk):
    other = make_ticket(desk.lot, "GE 345")
    with pytest.raises(StaysAlikeError) as refused:
        desk.lose("345")
    assert [stay.plate for stay in refused.value.alike.stays] == ["GE 345", "ZH 123456"]
    with pytest.raises(StaysAlikeError):
        desk.lose("345", ruled_out=[other.number])
    assert not Ticket.objects.filter(lost=True).exists()

    assert desk.lose("345", ruled_out=[other.number, desk.ticket.number]).lost


def test_fee_is_refused_for_the_time_alone_too(desk):
    with pytest.raises(StaysAlikeError):
        desk.lose(None, around=CAME)

    assert desk.lose(None, around=CAME, ruled_out=[desk.ticket.number]).lost


def test_exact_plate_is_refused_even_when_it_was_ruled_out(desk):
    with pytest.raises(StayFoundError):
        desk.lose("ZH 123456", ruled_out=[desk.ticket.number])


def test_same_form_twice_is_one_stay_whatever_has_come_in_since(desk):
    key = uuid4()
    first = desk.lose("GE 55", key=key)
    make_ticket(desk.lot, "GE 559")

    assert desk.lose("GE 55", key=key) == first
