"""Vehicles, permits and the blocklist."""

import datetime as dt

import pytest

from accounts.blocklist import (
    BlockLiftedError,
    BlockStandsError,
    BlockTerms,
    add_block,
    block_plate,
    change_block,
    lift_block,
    lift_debt_blocks,
)
from accounts.models import BlockedPlate, Vehicle
from accounts.permits import PermitEndsBeforeStartError, grant_permit
from accounts.readable_plates import UnreadablePlateError
from accounts.services import (
    VehicleExistsError,
    add_vehicle,
    change_operator,
    create_operator,
    remove_vehicle,
    rename_person,
)
from common.errors import InvalidValueError
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
    first = block_plate(operator=operator, plate="ZH 1", terms=BlockTerms("Debts"), today=AT.date(), at=AT)
    assert block_plate(operator=operator, plate="zh-1", terms=BlockTerms("Other"), today=AT.date(), at=AT) == first
    assert lift_block(blocked=first, at=AT).lifted_at == AT
    assert lift_block(blocked=first, at=AT + dt.timedelta(days=1)).lifted_at == AT
    again = block_plate(operator=operator, plate="ZH 1", terms=BlockTerms("Again"), today=AT.date(), at=AT)
    assert list(BlockedPlate.objects.in_force()) == [again]


def test_plate_that_is_blocked_on_other_terms_is_refused_and_its_block_changed():
    operator = make_operator()
    first = block_plate(operator=operator, plate="ZH 1", terms=BlockTerms("Debts"), today=AT.date(), at=AT)
    ends = BlockTerms("Debts", AT.date())
    with pytest.raises(BlockStandsError):
        block_plate(operator=operator, plate="ZH 1", terms=ends, today=AT.date(), at=AT)
    assert change_block(blocked=first, terms=ends, today=AT.date()).last_day == AT.date()
    for wrong in (BlockTerms(" "), BlockTerms("x", AT.date() - dt.timedelta(days=1)), BlockTerms("x", None, [])):
        with pytest.raises(InvalidValueError):
            change_block(blocked=first, terms=wrong, today=AT.date())
    lift_block(blocked=first, at=AT)
    with pytest.raises(BlockLiftedError):
        change_block(blocked=first, terms=ends, today=AT.date())


def test_block_for_debts_is_not_changed_by_people():
    operator = make_operator()
    add_block(block=block_for_debts(operator))
    with pytest.raises(BlockLiftedError):
        change_block(blocked=BlockedPlate.objects.get(), terms=BlockTerms("x"), today=AT.date())


@pytest.mark.parametrize(
    ("roles", "menu"), [([], "driver"), (["attendant"], "attendant"), (["attendant", "admin"], "admin")]
)
def test_menu_follows_the_highest_role_held_anywhere(roles, menu, django_assert_num_queries):
    person = make_user()
    for role in roles:
        person.memberships.create(operator=make_operator(), role=role)
    with django_assert_num_queries(1):
        assert (person.menu_role, person.menu_role) == (menu, menu)


def block_for_debts(operator):
    block = BlockedPlate(operator=operator, plate="ZH 1", plate_normalised="ZH1", reason="3 open debts", blocked_at=AT)
    block.for_debts = True
    return block


def test_block_without_a_person_is_added_once():
    operator = make_operator()
    for _ in range(2):
        add_block(block=block_for_debts(operator))

    assert BlockedPlate.objects.get().reason == "3 open debts"


def test_only_blocks_for_debts_are_lifted_with_them():
    operator, other = make_operator(), make_operator()
    block_plate(
        operator=other,
        plate="ZH 1",
        terms=BlockTerms("3 open debts"),
        today=AT.date(),
        at=AT,
        by=make_user("admin", other),
    )
    add_block(block=block_for_debts(operator))

    for one in (operator, other):
        lift_debt_blocks(operator_id=one.pk, plate="ZH1", at=AT)
    assert BlockedPlate.objects.in_force().get().operator == other


def test_a_persons_block_stands_beside_that_of_debts_and_outlives_it():
    operator = make_operator()
    add_block(block=block_for_debts(operator))
    own = block_plate(operator=operator, plate="ZH 1", terms=BlockTerms("Threatened staff"), today=AT.date(), at=AT)
    assert BlockedPlate.objects.in_force().count() == 2

    lift_debt_blocks(operator_id=operator.pk, plate="ZH1", at=AT)

    assert BlockedPlate.objects.in_force().get() == own


def test_operator_is_made_and_changed_by_field_names():
    operator = create_operator(slug="alpha", values={"name": "Alpha", "currency": "CHF"})
    for _ in range(2):
        change_operator(operator=operator, values={"name": "Alpha Parking"})

    operator.refresh_from_db()
    assert (operator.name, operator.currency) == ("Alpha Parking", "CHF")


def test_person_is_called_otherwise():
    person = make_user()
    rename_person(person=person, name="Anna Keller")

    person.refresh_from_db()
    assert person.name == "Anna Keller"
