"""What people read: money, times, lengths, plates and shares."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from common.web.templatetags import look

MONDAY = datetime(2026, 3, 2, 7, 15, 4, tzinfo=UTC)


@pytest.fixture
def monday_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: MONDAY.replace(hour=12))


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1000, "CHF", "CHF\u00a010.00"),
        (123456, "EUR", "€1,234.56"),
        (500, "JPY", "¥500"),
        (-200, "CHF", "−CHF\u00a02.00"),
        (1234, "KWD", "KWD\u00a01.234"),
    ],
)
def test_money_writes_minor_units_in_their_currency(amount, currency, text):
    assert look.money(amount, currency) == f'<span class="money">{text}</span>'


def test_money_follows_the_language():
    with translation.override("de"):
        assert "1.234,56\u00a0€" in look.money(123456, "EUR")


def test_bare_money_leaves_the_currency_to_its_column():
    assert look.money(-200, "CHF", bare=True) == '<span class="money">−2.00</span>'
    assert look.money(134050, "CHF", bare=True) == '<span class="money">1,340.50</span>'
    assert look.money(500, "JPY", bare=True) == '<span class="money">500</span>'


def test_unknown_money_is_a_dash():
    assert look.money(None, "CHF") == '<span class="money">–</span>'


@pytest.mark.usefixtures("monday_noon")
@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(), "08:15"),
        (timedelta(days=1), "yesterday 08:15"),
        (timedelta(days=-1), "tomorrow 08:15"),
        (timedelta(days=3), "27 Feb 2026 08:15"),
        (timedelta(days=100), "22 Nov 2025 08:15"),
    ],
)
def test_local_time_names_the_day_unless_it_is_today(ago, said):
    assert f">{said}</time>" in look.local_time(MONDAY - ago, "Europe/Zurich")


@pytest.mark.usefixtures("monday_noon")
def test_local_time_gives_the_exact_instant_and_zone_in_its_title():
    html = look.local_time(MONDAY, "Europe/Zurich")

    assert 'datetime="2026-03-02T08:15:04+01:00"' in html
    assert 'title="Monday 2 March 2026, 08:15:04 CET (Europe/Zurich)"' in html


@pytest.mark.usefixtures("monday_noon")
@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("dated", "today 08:15"),
        ("clock", "08:15"),
        ("seconds", "08:15:04"),
        ("day", "today"),
        ("full", "Mon 2 Mar 2026, 08:15"),
    ],
)
def test_local_time_has_styles(style, said):
    assert f">{said}</time>" in look.local_time(MONDAY, "Europe/Zurich", style=style)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(hours=2, minutes=32, seconds=59), "2 h 32 min"),
        (timedelta(seconds=20), "0 min"),
        (60, "1 h"),
        (3 * 1440 + 250, "3 d 4 h"),
        (1440, "1 d"),
        (-5, "0 min"),
        (None, "–"),
    ],
)
def test_duration_says_the_two_largest_units(length, text):
    assert look.duration(length).replace("\u00a0", " ") == text


def test_plate_escapes_what_a_camera_read():
    assert "&lt;b&gt;" in look.plate("<b>")


@pytest.mark.parametrize("missing", [None, ""])
def test_missing_plate_is_said_in_words(missing):
    assert "No plate" in look.plate(missing)


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(1, 3, 33), (5, 4, 100), (-1, 4, 0), (3, 0, 0), (None, 4, 0), (2, None, 0)]
)
def test_percent_stays_between_0_and_100(part, whole, share):
    assert look.percent(part, whole) == share
