"""The plate of a stay, corrected by an admin on the stay's page."""

from uuid import uuid4

import pytest

from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_ticket, make_user
from tickets.models import PlateCorrection, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    lot = make_lot()
    lot.ticket, lot.admin = make_ticket(lot, "ZH 1Z3"), make_user("admin", lot.operator)
    lot.client = client_of(lot.admin)
    return lot


def correct(office, plate, **data):
    return office.client.post(
        f"/manage/stays/{office.ticket.number}/plate/", {"plate": plate, "key": uuid4()} | data, follow=True
    )


@pytest.mark.parametrize("status", ["active", "review"])
def test_admin_corrects_the_plate_of_a_stay_and_reads_both_in_its_history(office, status):
    Ticket.objects.update(status=status)
    page = correct(office, "zh 123", why="Z for 2").content.decode()

    assert "The plate is ZH 123 now." in page
    assert f"plate corrected from ZH 1Z3 to ZH 123 ({office.admin}): Z for 2" in page
    assert (Ticket.objects.get().plate, Ticket.objects.get().status) == ("ZH 123", status)


def test_same_form_twice_corrects_once(office):
    key = uuid4()
    for _ in range(2):
        assert correct(office, "ZH 123", key=key).status_code == 200

    assert PlateCorrection.objects.count() == 1


def test_plate_of_another_open_stay_is_refused_at_the_field(office):
    other = make_ticket(office, "ZH 123")
    response = correct(office, "ZH 123")

    assert response.status_code == 409
    assert other.number in response.content.decode()
    assert correct(office, " ").status_code == 422


def test_stay_that_has_ended_offers_no_correction(office):
    now = office.ticket.entry_at
    Ticket.objects.update(status="closed", exit_at=now, closed_reason="paid")

    assert "Correct plate" not in office.client.get(f"/manage/stays/{office.ticket.number}/").content.decode()
    assert correct(office, "ZH 123").status_code == 409
