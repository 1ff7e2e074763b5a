"""Two accounts that agreed to pay automatically for one plate: neither is charged until one of them stops."""

import pytest
from django.test import Client

from billing.models import Payment
from tests.factories import make_agreement, make_saved_method, make_user, make_vehicle
from tests.gates.agreed_car import PLATE, AgreedCar, prove_earlier
from tests.gates.test_automatic_payment import charged

pytestmark = pytest.mark.django_db

OFF = f"Automatic payment for {PLATE} is off: another account has agreed for this plate too."
BADGE = "Off: another account agreed too"


class Driver:
    """A driver's account with its browser."""

    def __init__(self, user, vehicle):
        self.user, self.vehicle, self.client = user, vehicle, Client()
        self.client.force_login(user)

    def page(self, path="/me/"):
        return self.client.get(path).content.decode()

    def is_told(self):
        told = {OFF in self.page(), BADGE in self.page("/me/automatic/"), BADGE in self.page(self.vehicle_page)}
        assert len(told) == 1  # all pages say the same
        return told.pop()

    @property
    def vehicle_page(self):
        return f"/me/automatic/{self.vehicle.pk}/"

    def stops(self):
        assert self.client.post(f"{self.vehicle_page}stop/").status_code == 302


@pytest.fixture
def car():
    return AgreedCar()


@pytest.fixture
def first(car):
    return Driver(car.driver, car.vehicle)


@pytest.fixture
def second(car):
    """Another account that has agreed for the car, and has proven nothing."""
    user = make_user(name="Zoe Second")
    vehicle = make_vehicle(user, PLATE)
    make_agreement(vehicle, make_saved_method(user))
    return Driver(user, vehicle)


def test_neither_is_charged_and_the_car_is_asked_to_pay(car, second):
    car.comes_in()

    assert (car.leaves(), charged()) == ("pay/fee_due", [])
    assert not Payment.objects.exists()


def test_neither_is_charged_although_both_have_proven_the_car(car, second):
    prove_earlier(second.user, car.lot)
    car.comes_in()

    assert (car.leaves(), charged()) == ("pay/fee_due", [])


def test_who_has_proven_the_car_is_told_and_learns_nothing_else(first, second):
    assert first.is_told()
    for path in ("/me/", "/me/automatic/", first.vehicle_page):
        assert not any(word in first.page(path) for word in ("Zoe", second.user.email))


def test_who_has_proven_nothing_is_not_told_of_the_other(first, second):
    assert not second.is_told()
    assert "Waits for a ticket of yours" in second.page("/me/automatic/")


def test_both_are_told_when_both_have_proven_the_car(car, first, second):
    prove_earlier(second.user, car.lot)

    assert (first.is_told(), second.is_told()) == (True, True)


def test_withdrawing_one_turns_the_other_on_again(car, first, second):
    car.comes_in()
    assert car.leaves() == "pay/fee_due"

    second.stops()

    assert not first.is_told()
    assert "Charged automatically" in first.page("/me/automatic/")
    assert car.leaves(minute=1) == "open/charged"  # within 30 seconds the lane would give its earlier answer again
    assert Payment.objects.get().automatic == car.agreement


def test_withdrawing_the_first_leaves_the_second_to_its_own_proof(car, first, second):
    first.stops()
    assert "Waits for a ticket of yours" in second.page("/me/automatic/")
    car.comes_in()

    assert (car.leaves(), charged()) == ("pay/fee_due", [])
