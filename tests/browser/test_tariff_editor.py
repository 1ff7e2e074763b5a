"""A tariff is written in a real browser: an airport's from its published words, and one from a template."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from playwright.sync_api import expect

from billing.pricing import parse_rules, price_stay
from tests.billing.pricing.test_airport import STAYS
from tests.factories import make_lot, make_operator, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST, LATER = "Its first day", "Its second day and later"


class Writer:
    """An admin at the page that edits a tariff of a lot without one, begun from a template."""

    def __init__(self, page, url, lot, start="hourly"):
        self.page, self.lot = page, lot
        client = Client()
        client.force_login(make_user("admin", lot.operator))
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}
        page.context.add_cookies([cookie])
        page.goto(f"{url}/manage/tariffs/new/?lot={lot.slug}")
        page.locator(f"[name=start][value={start}]").check()
        page.get_by_role("button", name="Go on").click()
        self.type(name="Airport", valid_from="2026-01-01", grace_minutes="0")

    def type(self, **values):
        for name, value in values.items():
            self.field(name.replace("__", "-")).fill(value)

    def field(self, name):
        return self.page.locator(f"[name='{name}']")

    def press(self, act, shown):
        self.page.locator(f"button[value='{act}']").click()
        expect(self.field(shown)).to_be_visible()

    def step(self, plan, number, minutes, price):
        place = f"plans-{plan}-steps-{number}"
        self.press(f"add plans-{plan}-steps", f"{place}-price")
        self.field(f"{place}-up_to_minutes").fill(minutes)
        self.field(f"{place}-price").fill(price)

    def without_bands(self):
        self.press("remove plans-0-bands-0", "plans-0-name")
        expect(self.field("plans-0-bands-0-from")).to_have_count(0)

    def which_day(self, plan, day):
        fold = self.page.locator(".rule-plan").nth(plan).locator("details").last
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        self.field(f"plans-{plan}-periods").select_option(label=day)

    def save(self):
        self.page.get_by_role("button", name="Put in force").click()
        expect(self.page.get_by_role("status").first).to_contain_text("is in force from 1 Jan 2026")
        return parse_rules(self.lot.tariffs.get().rules)


def valet(writer):
    writer.without_bands()
    writer.field("plans-0-max_price").fill("")
    writer.step(0, 0, "5 h", "12")
    writer.step(0, 1, "1 d", "18")
    writer.which_day(0, FIRST)
    writer.press("add plans", "plans-1-name")
    writer.step(1, 0, "1440", "18.00")
    writer.which_day(1, LATER)


def short_term(writer):
    writer.without_bands()
    writer.step(0, 0, "60", "2")
    writer.type(
        **{"plans-0-steps_beyond-each_minutes": "30", "plans-0-steps_beyond-price": "1", "plans-0-max_price": "24"}
    )
    writer.which_day(0, FIRST)
    writer.press("add plans", "plans-1-name")
    writer.press("add plans-1-bands", "plans-1-bands-0-price")
    writer.type(**{"plans-1-bands-0-price": "1", "plans-1-bands-0-increment_minutes": "30", "plans-1-max_price": "24"})
    writer.which_day(1, LATER)


def economy(writer):
    writer.type(**{"plans-0-bands-0-price": "2", "plans-0-bands-0-increment_minutes": "60", "plans-0-max_price": "9"})
    writer.press("add block_caps", "block_caps-0-price")
    expect(writer.field("block_caps-0-periods")).to_be_focused()
    writer.type(**{"block_caps-0-periods": "7", "block_caps-0-price": "54"})


@pytest.mark.parametrize("write", [valet, short_term, economy])
def test_airport_is_written_in_the_editor_and_its_stays_cost_what_it_published(live_server, page, write):
    zone = ZoneInfo("America/New_York")
    lot = make_lot(make_operator(currency="USD"), tariff=None, timezone=zone.key)
    writer = Writer(page, live_server.url, lot)
    write(writer)
    stays = STAYS[write.__name__.replace("_", "-")]
    longest = max(stays)
    entry = dt.datetime(2026, 5, 4, 10, 0, tzinfo=zone)
    left = (entry.astimezone(dt.UTC) + dt.timedelta(minutes=longest)).astimezone(zone)
    writer.type(**{"asked-entry": "2026-05-04T10:00", "asked-exit": f"{left:%Y-%m-%dT%H:%M}"})
    expect(page.locator("#effect .fee-total")).to_contain_text(f"{stays[longest] / 100:,.2f}")

    rules = writer.save()
    given = {"entry": entry, "spot_type": "regular", "timezone": zone}
    priced = {
        minutes: price_stay(rules, exit=entry.astimezone(dt.UTC) + dt.timedelta(minutes=minutes), **given).total
        for minutes in stays
    }
    assert priced == stays


def test_there_are_29_stays_of_the_airport():
    assert sum(map(len, STAYS.values())) == 29


def test_curve_moves_and_holes_are_marked_while_a_template_is_changed(live_server, page, flaws):
    writer = Writer(page, live_server.url, make_lot(make_operator()), start="day-night")
    curve = page.locator(".curve-draft").first
    before = curve.get_attribute("points")
    expect(page.locator("#effect .fee-total")).to_contain_text("9.00")
    expect(page.locator("#price-now")).to_contain_text("9.00")
    writer.type(**{"plans-0-bands-0-price": "2"})
    expect(page.locator("#effect .fee-total")).to_contain_text("12.00")
    assert curve.get_attribute("points") != before
    assert writer.field("plans-0-bands-0-price").input_value() == "2"

    writer.type(**{"plans-0-bands-0-to": "18:00"})
    expect(page.locator("#note-plans-0-bands-1")).to_contain_text("From 18:00 to 19:00 there is no price.")
    expect(page.locator("#effect")).to_contain_text("1 thing to correct before there are prices")
    assert flaws(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator("button[value='up plans-0-bands-1']").focus()
    page.keyboard.press("Enter")
    expect(writer.field("plans-0-bands-0-from")).to_have_value("19:00")
    expect(page.locator("#note-plans-0-bands-0")).to_contain_text("From 18:00 to 19:00 there is no price.")
    writer.type(**{"plans-0-bands-0-from": "18:00"})
    writer.field("plans-0-bands-0-from").press("Enter")
    expect(page.locator("#effect .fee-total")).to_contain_text("12.00")
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
    assert flaws(page) == []


def test_tariff_is_written_without_javascript(live_server, browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    lot = make_lot(make_operator(currency="JPY"), tariff=None)
    writer = Writer(page, live_server.url, lot, start="day-night")
    writer.press("add plans-0-bands", "plans-0-bands-2-price")
    writer.type(**{"plans-0-bands-2-from": "12:00", "plans-0-bands-2-to": "19:00", "plans-0-bands-2-price": "2.5"})
    writer.type(**{"plans-0-bands-0-to": "12:00", "plans-0-bands-2-increment_minutes": "60"})
    page.get_by_role("button", name="Show what it means").last.click()
    expect(page.locator("#note-plans-0-bands-2")).to_contain_text("Enter an amount without decimals.")
    writer.type(**{"plans-0-bands-2-price": "250"})
    page.get_by_role("button", name="JSON, to copy or paste").click()
    expect(page.locator("textarea[name=rules]")).to_have_value(re.compile('"price": 250'))
    page.get_by_role("button", name="Fields").click()
    expect(writer.field("plans-0-bands-2-price")).to_have_value("250")
    rules = writer.save()
    assert [band.price for band in rules.plans[0].bands] == [150, 100, 250]
    page.context.close()
