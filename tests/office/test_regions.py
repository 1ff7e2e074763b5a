"""Where a plate is from: on the pages of the office and the desk, and in the site file."""

import datetime as dt
import json
import re

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import BlockedPlate
from billing.services import record_debt
from desk.owing import debts_of
from lots.models import Lot
from sites import SiteFileError, import_site, read_site
from tests.desk.test_pages import Desk
from tests.factories import make_charge, make_lot, make_ticket, make_user
from tests.office.test_lots import NEWCOMER
from tests.sites.site_files import site_of, small
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(spots={"regular": 9}, plates_by_region=True)


@pytest.fixture
def admin(client, lot):
    client.force_login(make_user("admin", lot.operator))
    return client


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def two_cars(lot):
    return [make_ticket(lot, "ZH 123456", region=region, plate_region=region) for region in ("CH", "DE")]


def test_lot_is_told_to_tell_cars_by_region_and_back(admin, lot):
    url = reverse("office:lot_settings", args=[lot.slug])
    settings = NEWCOMER | {"slug": lot.slug}
    admin.post(url, settings)
    assert not Lot.objects.get().plates_by_region
    admin.post(url, settings | {"plates_by_region": "on"})
    assert Lot.objects.get().plates_by_region

    cars = two_cars(lot)
    refused = admin.post(url, settings)

    assert refused.status_code in {409, 422}
    assert all(f"{car.plate} ({car.region}), {car.number}" in words(refused.content) for car in cars)
    assert Lot.objects.get().plates_by_region


def test_region_of_a_block_is_given_and_shown(admin, lot):
    admin.post("/manage/blocked/add/", {"plate": "zh 666", "region": "ch-zh", "reason": "damage"})

    assert BlockedPlate.objects.get().region == "CH-ZH"
    assert "CH-ZH ZH 666" in words(admin.get("/manage/blocked/").content)


def test_region_of_a_debt_is_shown(admin, lot):
    debt = record_debt(charge=make_charge(lot), plate="ZH 7", region="DE", reason="declined", at=now())

    for page in ("/manage/debts/", reverse("office:debt", args=[debt.pk])):
        assert "DE ZH 7" in words(admin.get(page).content)


def test_stays_of_one_plate_are_told_apart(admin, lot):
    two_cars(lot)

    page = words(admin.get("/manage/stays/", {"q": "ZH 123456"}).content)
    assert "CH ZH 123456" in page
    assert "DE ZH 123456" in page


def desk_by_region() -> Desk:
    desk = Desk()
    Lot.objects.update(plates_by_region=True)
    Ticket.objects.update(region="CH", plate_region="CH")
    return desk


def test_desk_asks_where_a_plate_is_from_only_where_it_matters():
    desk = Desk()
    assert "Region of the plate" not in desk.text("/desk/in/")

    Lot.objects.update(plates_by_region=True)
    assert "Region of the plate" in desk.text("/desk/in/")


def test_attendant_lets_in_a_car_with_the_plate_of_another():
    desk = desk_by_region()
    desk.post("/desk/in/", plate="ZH 123456", region="DE", vehicle_type="regular", note="camera down")

    assert list(Ticket.objects.open().order_by("pk").values_list("region", flat=True)) == ["CH", "DE"]
    page = words(desk.text(q="ZH 123456").encode())
    assert "CH ZH 123456" in page
    assert "DE ZH 123456" in page


def test_lost_ticket_of_another_car_with_the_plate_is_charged():
    desk = desk_by_region()

    assert desk.post("/desk/lost/fee/", plate="ZH 123456").status_code == 422
    assert desk.post("/desk/lost/fee/", plate="ZH 123456", region="CH").status_code == 422
    desk.post("/desk/lost/fee/", plate="ZH 123456", region="DE")

    assert Ticket.objects.get(lost=True).region == "DE"


def test_desk_shows_the_debts_of_this_car_alone():
    desk = desk_by_region()
    for region, reason in (("CH", "one"), ("DE", "two")):
        left = make_ticket(
            desk.lot, "ZH 123456", status="closed", charge=make_charge(desk.lot), exit_at=now(), closed_reason="owed"
        )
        record_debt(charge=left.charge, plate="ZH 123456", region=region, reason=reason, at=now())

    desk.ticket.refresh_from_db()
    assert [debt.reason for debt in debts_of(desk.ticket, desk.user)] == ["one"]


def test_site_file_sets_it_and_is_refused_while_two_cars_would_be_one():
    def put(by_region):
        lot = small("garage") | {"plates_by_region": by_region}
        return import_site(read_site(json.dumps(site_of(lot))), at=dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC))

    put(by_region=True)
    lot = Lot.objects.get()
    assert lot.plates_by_region
    two_cars(lot)

    with pytest.raises(SiteFileError) as refused:
        put(by_region=False)
    assert [error.path for error in refused.value.errors] == ["$.lots[0].plates_by_region"]
