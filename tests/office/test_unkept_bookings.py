"""What the office does about bookings without a place, and drivers who say that there was none."""

import datetime as dt

import pytest
from django.utils.timezone import now

from gates.services import report_not_parked
from reservations.models import Reservation
from tests.factories import make_lot, make_reservation, make_user

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def without_place(lot, plate):
    return make_reservation(lot, plate, now() + HOUR, now() + 2 * HOUR, place_lost_at=now(), email="a@b.example")


def test_bookings_that_need_a_person_are_listed_and_decided(client):
    lot = make_lot(spots={"regular": 1, "ev": 1})
    client.force_login(make_user("admin", lot.operator))
    lost, moved = without_place(lot, "ZH 1"), without_place(lot, "ZH 2")
    begun = make_reservation(lot, "ZH 3", now() - HOUR, now() + HOUR, email="a@b.example")
    report = report_not_parked(booking=begun, at=now())
    shown = client.get("/manage/exceptions/").content.decode()
    pages = [f"/manage/exceptions/no-place/{one.pk}/" for one in (lost, moved)]
    pages.append(f"/manage/exceptions/not-parked/{report.pk}/")
    assert all(f'href="{page}"' in shown for page in pages)
    assert "2 bookings have no place" in client.get("/manage/").content.decode()

    assert client.post(pages[0], {"cancel": "yes"}).url == "/manage/exceptions/"
    assert client.post(pages[1], {"spot_type": "ev"}).url == "/manage/exceptions/"
    assert client.post(pages[2], {"outcome": "refunded", "word": ""}).status_code == 422
    assert client.post(pages[2], {"outcome": "refunded", "word": "Sorry"}).url == "/manage/exceptions/"

    rows = {row.plate: row for row in Reservation.objects.select_related("spot")}
    assert [rows[plate].status for plate in ("ZH 1", "ZH 2", "ZH 3")] == ["cancelled", "confirmed", "cancelled"]
    assert (rows["ZH 2"].spot.spot_type, rows["ZH 2"].place_lost_at) == ("ev", None)
    shown = client.get("/manage/exceptions/").content.decode()
    assert not any(f'href="{page}"' in shown for page in pages)
    assert client.get(pages[0]).status_code == 404
    assert "Sorry" in client.get(pages[2]).content.decode()
