"""The pages of blocked plates and permits, and of their files."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now

from accounts.models import BlockedPlate, Permit
from gates.services.plate_imports import run_plate_imports
from lots.calendar import local_day
from tests.entrance.sessions import client_of
from tests.factories import make_blocked_plate, make_gate, make_lot, make_permit, make_user, zone_of_another_day
from tests.gates.lanes import Lanes

pytestmark = pytest.mark.django_db


@pytest.fixture
def lanes():
    return Lanes(name="North", slug="north")


@pytest.fixture
def client(lanes):
    make_lot(lanes.lot.operator, slug="south", name="South")
    return client_of(make_user("admin", lanes.lot.operator))


def words(response):
    return " ".join(response.content.decode().split())


def test_plate_is_blocked_until_a_day_at_a_lot_and_who_tried_is_seen(client, lanes):
    day = local_day(lanes.lot, now())
    client.post("/manage/blocked/add/", {"plate": "ZH 6", "reason": "damage", "last_day": day, "lots": ["north"]})
    row = BlockedPlate.objects.get()
    assert (row.last_day, row.lot_ids) == (day, [lanes.lot.pk])
    lanes.entry.read("ZH 6")

    listed, page = words(client.get("/manage/blocked/")), words(client.get(f"/manage/blocked/{row.pk}/"))
    assert "1 time<br>" in listed
    assert "North" in listed
    assert str(lanes.entry.gate) in page
    assert "checked" in page


def test_block_is_changed_and_refusals_stand_at_their_fields(client, lanes):
    row = make_blocked_plate(lanes.lot.operator, "ZH 6")
    address = f"/manage/blocked/{row.pk}/"
    wrong = client.post(address, {"reason": "x", "last_day": "2020-01-01"})
    assert wrong.status_code == 422
    assert "id_last_day_error" in words(wrong) or "must not be in the past" in words(wrong)
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "other", "lots": ["south"]})
    row.refresh_from_db()
    assert (row.reason, len(row.lot_ids)) == ("other", 1)

    again = client.post("/manage/blocked/add/", {"plate": "zh-6", "reason": "x"})
    assert again.status_code == 422
    assert "is blocked already. Change that block instead." in words(again)


def test_lots_of_another_operator_are_no_choice(client):
    make_lot(slug="elsewhere")

    response = client.post("/manage/blocked/add/", {"plate": "ZH 6", "reason": "x", "lots": ["elsewhere"]})
    assert response.status_code == 422
    assert not BlockedPlate.objects.exists()


def test_list_takes_as_few_statements_for_many_blocks(client, lanes, django_assert_max_num_queries):
    for number in range(25):
        make_blocked_plate(lanes.lot.operator, f"ZH {number}", lot_ids=[lanes.lot.pk])
    with django_assert_max_num_queries(14):
        client.get("/manage/blocked/")


def test_file_is_saved_sent_checked_and_imported(client, lanes):
    make_blocked_plate(lanes.lot.operator, "ZH 6", lot_ids=[lanes.lot.pk], blocked_at=now())
    saved = client.get("/manage/blocked/csv/")
    content = saved.getvalue()
    assert saved["Content-Type"] == "text/csv; charset=utf-8"
    content += b"ZH 7,,more,,\r\n"

    sent = client.post("/manage/blocked/imports/", {"file": SimpleUploadedFile("b.csv", content)})
    run_plate_imports(at=now())
    page = words(client.get(sent["Location"]))
    assert "Import 2 rows" in page
    assert "Stays as it is" in page
    assert "Is added" in page
    client.post(f"{sent['Location']}start/")
    run_plate_imports(at=now())
    assert "2 rows were imported." in words(client.get(sent["Location"]))
    assert BlockedPlate.objects.in_force().count() == 2
    assert words(client.get("/manage/blocked/imports/")).count("/manage/plate-imports/") == 1


def test_wrong_file_is_refused_at_its_field_and_a_wrong_row_starts_nothing(client):
    response = client.post("/manage/permits/imports/", {"file": SimpleUploadedFile("b.csv", b"\xff\xfe")})
    assert response.status_code == 422
    assert "The file is not in UTF-8" in words(response)
    content = b"kind,plate,valid_from\nstaff,ZH 1,never"
    sent = client.post("/manage/permits/imports/", {"file": SimpleUploadedFile("b.csv", content)})
    run_plate_imports(at=now())
    client.post(f"{sent['Location']}start/")
    page = words(client.get(sent["Location"]))
    assert "valid_from: give a day" in page
    assert "1 row is wrong." in page
    assert not Permit.objects.exists()


def test_permits_say_their_kind_and_are_saved(client, lanes):
    make_permit(lanes.lot.operator, "ZH 1", kind="resident")
    make_gate(lanes.lot)
    assert ">Resident<" in words(client.get("/manage/permits/"))
    assert b"resident,ZH 1,," in client.get("/manage/permits/csv/").getvalue()


class Elsewhere:
    """An operator at whose lot it is another day than in UTC: yesterday, today and tomorrow there."""

    def __init__(self):
        lot = make_lot(timezone=zone_of_another_day())
        self.operator, self.today = lot.operator, local_day(lot, now())
        self.yesterday, self.tomorrow = (self.today + dt.timedelta(days=step) for step in (-1, 1))
        self.client = client_of(make_user("admin", lot.operator))

    def block(self, plate, last_day):
        data = {"plate": plate, "reason": "x", "last_day": last_day}
        return self.client.post("/manage/blocked/add/", data)


@pytest.fixture
def elsewhere():
    return Elsewhere()


def test_days_of_blocks_are_those_of_the_lots_clock(elsewhere):
    assert elsewhere.block("ZH 1", elsewhere.yesterday).status_code == 422
    assert elsewhere.block("ZH 2", elsewhere.today).status_code == 302
    over = make_blocked_plate(elsewhere.operator, "ZH 3", last_day=elsewhere.yesterday)

    listed = {
        state: elsewhere.client.get(f"/manage/blocked/?state={state}").content.decode() for state in ("holds", "over")
    }
    assert ("ZH 2" in listed["holds"], "ZH 3" in listed["holds"]) == (True, False)
    assert ("ZH 2" in listed["over"], "ZH 3" in listed["over"]) == (False, True)
    assert " · over" in words(elsewhere.client.get(f"/manage/blocked/{over.pk}/"))
    saved = elsewhere.client.get("/manage/blocked/csv/").getvalue()
    assert (b"ZH 2" in saved, b"ZH 3" in saved) == (True, False)


def test_days_of_permits_are_those_of_the_lots_clock(elsewhere):
    make_permit(elsewhere.operator, "ZH 1", valid_until=elsewhere.yesterday)
    held = make_permit(elsewhere.operator, "ZH 2", valid_until=elsewhere.tomorrow)
    make_permit(elsewhere.operator, "ZH 3", valid_from=elsewhere.tomorrow)

    page = elsewhere.client.get("/manage/permits/?state=valid").content.decode()
    assert [plate in page for plate in ("ZH 1", "ZH 2", "ZH 3")] == [False, True, False]
    assert f'value="{elsewhere.today:%Y-%m-%d}"' in page
    elsewhere.client.post(f"/manage/permits/{held.pk}/end/")
    held.refresh_from_db()
    assert held.valid_until == elsewhere.today
