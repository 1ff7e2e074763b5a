"""The back office shows every model, with a search, in a bounded number of queries."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import User
from devices.models import Device
from gates.models import GateEvent
from tests.factories import (
    make_blocked_plate,
    make_charge,
    make_device,
    make_gate,
    make_lot,
    make_permit,
    make_ticket,
    make_user,
    make_vehicle,
)

OURS = [
    model
    for model in admin.site._registry
    if model.__module__.split(".")[0] in {"accounts", "lots", "billing", "reservations", "tickets", "gates"}
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(User.objects.create_superuser("root@example.com"))
    return client


def page(model, kind="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def fill(number):
    lot = make_lot()
    make_ticket(lot, f"ZH {number}")
    make_charge(lot)
    make_device(make_gate(lot))
    make_vehicle(make_user("admin", lot.operator))
    make_permit(lot.operator)
    make_blocked_plate(lot.operator)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_list_opens_and_searches_with_as_many_queries_for_many_rows_as_for_one(
    office, model, django_assert_max_num_queries
):
    fill(0)
    office.get(page(model))
    with django_assert_max_num_queries(16):
        assert office.get(page(model), {"q": "ZH"}).status_code == 200
    for number in range(1, 6):
        fill(number)
    with django_assert_max_num_queries(16):
        assert office.get(page(model)).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_row_opens(office, model):
    fill(0)
    row = model.objects.first()
    if row is not None:
        assert office.get(page(model, "change", row.pk)).status_code == 200


def test_events_and_keys_are_never_edited_and_hashes_never_shown(office):
    make_device(make_gate(make_lot()))
    assert office.get(page(GateEvent, "add")).status_code == 403
    assert office.post(page(Device, "change", Device.objects.get().pk), {"name": "x"}).status_code == 403
    assert b"key_hash" not in office.get(page(Device, "change", Device.objects.get().pk)).content


def test_members_have_no_way_into_the_back_office(client):
    client.force_login(make_user("admin"))
    assert client.get(reverse("admin:index")).status_code == 302


def test_superuser_logs_in_by_email(client):
    User.objects.create_superuser("root@example.com", "correct horse 7")
    answer = client.post(reverse("account_login"), {"login": "root@example.com", "password": "correct horse 7"})
    assert answer.status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200


def test_person_is_added_with_a_role(office):
    operator = make_lot().operator
    person = {"email": "New@example.com", "usable_password": "true"}
    password = dict.fromkeys(("password1", "password2"), "a long pass 71")
    role = {"operator": operator.pk, "role": "attendant", "since_0": "2026-03-02", "since_1": "08:00"}
    counts = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0}
    rows = {f"memberships-0-{name}": value for name, value in role.items()}
    answer = office.post(reverse("admin:accounts_user_add"), person | password | counts | rows)
    assert answer.status_code == 302, answer.context["errors"]
    added = User.objects.get(email="new@example.com")
    assert (added.menu_role, added.check_password("a long pass 71")) == ("attendant", True)


def test_account_that_never_verified_its_address_is_given_no_role(office):
    operator, stranger, known = make_lot().operator, make_user(), make_user(password="correct horse 7")
    role = {"operator": operator.pk, "role": "admin", "since_0": "2026-03-02", "since_1": "08:00"}

    refused = office.post(reverse("admin:accounts_membership_add"), role | {"user": stranger.pk})
    taken = office.post(reverse("admin:accounts_membership_add"), role | {"user": known.pk})

    assert (refused.status_code, taken.status_code) == (200, 302)
    assert "has not verified the address" in refused.content.decode()
    assert [member.user for member in operator.memberships.all()] == [known]
