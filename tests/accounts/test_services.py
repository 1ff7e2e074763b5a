"""Vehicles, permits and the blocklist."""

import datetime as dt

import pytest

from accounts.models import BlockedPlate, Vehicle
from accounts.services import (
    PermitEndsBeforeStartError,
    UnreadablePlateError,
    VehicleExistsError,
    add_vehicle,
    block_plate,
    grant_permit,
    lift_block,
    remove_vehicle,
)
from common.plates import PlateError
from tests.factories import make_operator, make_user

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def add(owner, plate):
    return add_vehicle(owner=owner, plate=plate, vehicle_type="regular", electric=True, at=AT)


def test_vehicle_is_added_with_its_normalised_plate():
    vehicle = add(make_user(), " zh 123-456 ")
    assert (vehicle.plate, vehicle.plate_normalised, vehicle.electric) == ("ZH 123-456", "ZH123456", True)


def test_same_vehicle_is_added_once_per_driver():
    driver = make_user()
    add(driver, "ZH 123456")
    with pytest.raises(VehicleExistsError):
        add(driver, "zh123456")
    assert add(make_user(), "ZH 123456")


@pytest.mark.parametrize(
    ("plate", "error"), [("…", UnreadablePlateError), ("A" * 16, PlateError), ("A\x00", PlateError)]
)
def test_plate_that_is_none_is_refused(plate, error):
    with pytest.raises(error):
        add(make_user(), plate)
    assert not Vehicle.objects.exists()


def test_vehicle_is_removed_and_twice_is_as_once():
    vehicle = add(make_user(), "ZH 1")
    remove_vehicle(vehicle=vehicle)
    remove_vehicle(vehicle=vehicle)
    assert not Vehicle.objects.exists()


def test_permit_is_granted_for_its_days():
    day = dt.date(2026, 3, 2)
    permit = grant_permit(operator=make_operator(), plate="ZH 1", valid_from=day, valid_until=day)
    assert (permit.plate_normalised, permit.valid_until) == ("ZH1", day)
    with pytest.raises(PermitEndsBeforeStartError):
        grant_permit(operator=make_operator(), plate="ZH 1", valid_from=day, valid_until=day - dt.timedelta(days=1))


def test_plate_is_blocked_once_and_let_in_again():
    operator = make_operator()
    first = block_plate(operator=operator, plate="ZH 1", reason="Debts", at=AT)
    assert block_plate(operator=operator, plate="zh-1", reason="Other", at=AT) == first
    assert lift_block(blocked=first, at=AT).lifted_at == AT
    assert lift_block(blocked=first, at=AT + dt.timedelta(days=1)).lifted_at == AT
    again = block_plate(operator=operator, plate="ZH 1", reason="Again", at=AT)
    assert list(BlockedPlate.objects.in_force()) == [again]


@pytest.mark.parametrize(
    ("roles", "menu"), [([], "driver"), (["attendant"], "attendant"), (["attendant", "admin"], "admin")]
)
def test_menu_follows_the_highest_role_held_anywhere(roles, menu, django_assert_num_queries):
    person = make_user()
    for role in roles:
        person.memberships.create(operator=make_operator(), role=role)
    with django_assert_num_queries(1):
        assert (person.menu_role, person.menu_role) == (menu, menu)
