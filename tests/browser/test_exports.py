"""An admin exports a filtered list, follows the file on the page, and downloads it."""

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import expect

from exports.models import Export
from exports.services import run_exports
from tests.exports.conftest import export_folder
from tests.factories import make_lot, make_ticket, make_user

__all__ = ["export_folder"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_list_becomes_a_file(live_server, page, flaws):
    lot = make_lot(name="Tower", spots={"regular": 4})
    make_ticket(lot, "ZH 314")
    make_ticket(lot, "ZH 271")
    client = Client()
    client.force_login(make_user("admin", lot.operator))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])

    page.goto(f"{live_server.url}/manage/stays/")
    page.get_by_label("Plate or ticket").fill("ZH 314")
    expect(page.locator("#rows")).not_to_contain_text("ZH 271")
    page.get_by_role("link", name="Export…").click()
    expect(page.get_by_text("1 row now. Only with search: ZH 314.")).to_be_visible()
    assert flaws(page) == []
    page.get_by_label("Columns are separated by").select_option(";")
    page.get_by_role("button", name="Write the file").click()
    expect(page.get_by_text("Waiting")).to_be_visible()
    Export.objects.update(state="running", rows=40, total=100)
    expect(page.get_by_text("40 % written")).to_be_visible()
    assert flaws(page) == []
    run_exports(clock=now)
    link = page.get_by_role("link", name="Download Stays")
    expect(link).to_be_visible()
    assert flaws(page) == []
    with page.expect_download() as download:
        link.click()
    text = download.value.path().read_text(encoding="utf-8-sig")

    assert text.startswith("Ticket;Status;Lot;Plate;")
    assert ("ZH 314" in text, "ZH 271" in text) == (True, False)
    page.get_by_role("button", name="Remove Stays").click()
    expect(page.get_by_text("The export is cancelled, and there is no file of it.")).to_be_visible()
