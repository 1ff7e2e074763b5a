"""A lot's figures over the API: each equals what plain Python makes of the rows."""

import datetime as dt
import json
import secrets
import uuid
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from analytics.lot_traffic import _BY_DAY
from api.dashboard_answers import analytics_json, dashboard_json, span_of
from billing.books import book_postings
from billing.models import Charge, Payment, Refund
from tests.api.bookings_sent import refusal
from tests.api.documented import get
from tests.factories import make_charge, make_lot, make_operator, make_user
from tickets.models import OPEN, Ticket

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Zurich")
# A week after the clocks were set back, so that a day of 25 hours is among the days.
AT = dt.datetime(2026, 10, 30, 13, 25, 40, tzinfo=dt.UTC)
DAYS = 40
MINUTES = DAYS * 24 * 60


@pytest.fixture
def lot():
    return make_lot(make_operator(), slug="central", spots={"regular": 9, "ev": 2}, levels=2)


def random_stays(lot, draw, number=250):
    """Stays of all kinds, some from before the days that are asked for, some at the very same instants."""
    rows = []
    for _ in range(number):
        entry = AT - dt.timedelta(minutes=draw.randrange(0, MINUTES, draw.choice([1, 30, 60])))
        status = draw.choice(["closed"] * 6 + ["active", "void", "review", "paid"])
        left = entry + dt.timedelta(minutes=draw.choice([0, 7, 60, 300, 1440, 9000]), seconds=draw.randrange(60))
        exit_at = (
            min(left, AT) if status == "closed" or (status in {"review", "void"} and draw.random() < 0.5) else None
        )
        if entry < AT - dt.timedelta(days=30) and exit_at is None:
            continue
        rows.append(
            Ticket(
                lot=lot,
                status=status,
                entry_at=entry,
                exit_at=exit_at,
                closed_reason="paid" if status == "closed" else "",
                number=f"PS-{secrets.token_hex(5).upper()}",
                token=secrets.token_urlsafe(16),
                tariff=lot.tariffs.get(),
                changed_at=entry,
                changed_why="made for a test",
            )
        )
    return Ticket.objects.bulk_create(rows)


def random_money(lot, draw, stays):
    """Payments of some of the stays, a part of them given back later."""
    for stay in stays:
        if stay.status != "closed" or draw.random() < 0.5:
            continue
        due = draw.randrange(100, 5000)
        charge = make_charge(lot, due, at=stay.entry_at)
        Ticket.objects.filter(pk=stay.pk).update(charge=charge)
        paid = take(charge, 0 if draw.random() < 0.2 else due, stay.exit_at)
        if paid.captured_amount and draw.random() < 0.4:
            back = min(stay.exit_at + dt.timedelta(hours=draw.randrange(100)), AT)
            key = str(uuid.uuid4())
            Refund.objects.create(
                payment=paid, amount=draw.randrange(1, due + 1), reason="x", idempotency_key=key, created_at=back
            )


def take(charge, captured, at):
    return Payment.objects.create(
        charge=charge,
        method="terminal",
        state="captured" if captured else "failed",
        amount=charge.due_amount,
        captured_amount=captured,
        idempotency_key=str(uuid.uuid4()),
        created_at=at,
        finished_at=at,
    )


def filled(lot, seed):
    """Random rows of the lot and of another one, half of them booked."""
    draw = Random(seed)
    other = make_lot(lot.operator)
    for is_booked in (True, False):
        random_money(lot, draw, random_stays(lot, draw))
        random_money(other, draw, random_stays(other, draw, 30))
        if is_booked:
            book_postings()


def local(at):
    return at.astimezone(ZONE)


def most_inside(stays, begin, end):
    """The most stays at any instant from `begin` to before `end`, by counting at each where one more could be."""
    inside = [stay for stay in stays if stay.status != "void" and (stay.exit_at or stay.status in OPEN)]
    instants = [begin, *(stay.entry_at for stay in inside if begin <= stay.entry_at < end)]
    return max(
        sum(stay.entry_at <= at and (stay.exit_at is None or stay.exit_at > at) for stay in inside) for at in instants
    )


def plain_day(lot, day):
    """What the figures of a day have to be."""
    begin = dt.datetime.combine(day, dt.time(), ZONE)
    end = min(dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZONE), AT + dt.timedelta(microseconds=1))
    stays = list(Ticket.objects.filter(lot=lot))
    came = [stay for stay in stays if stay.status != "void" and local(stay.entry_at).date() == day]
    gone = [stay for stay in stays if stay.status == "closed" and local(stay.exit_at).date() == day]
    paid = [one for one in Payment.objects.filter(charge__lot=lot) if local(one.finished_at).date() == day]
    back = [one for one in Refund.objects.filter(payment__charge__lot=lot) if local(one.created_at).date() == day]
    lengths = sum((stay.exit_at - stay.entry_at for stay in gone), dt.timedelta())
    captured, refunded = sum(one.captured_amount for one in paid), sum(one.amount for one in back)
    high = most_inside(stays, begin, end)
    return lengths, {
        "day": day,
        "entries": len(came),
        "exits": len(gone),
        "occupancy_high": high,
        "occupancy_high_percent": round(high * 100 / 22, 1),
        "average_stay_minutes": int(lengths.total_seconds()) // (60 * len(gone)) if gone else None,
        "captured": captured,
        "refunded": refunded,
        "net": captured - refunded,
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_figure_of_a_day_is_that_of_its_rows(lot, seed):
    filled(lot, seed)

    said = analytics_json(lot, "31d", AT)

    expected = [plain_day(lot, day.date()) for day in (local(AT) - dt.timedelta(days=n) for n in range(30, -1, -1))]
    assert said["days"] == [figures for _length, figures in expected]
    exits = sum(figures["exits"] for _length, figures in expected)
    length = sum((length for length, _figures in expected), dt.timedelta())
    high = max(figures["occupancy_high"] for _length, figures in expected)
    sums = ("entries", "exits", "captured", "refunded", "net")
    assert said["totals"] == {name: sum(figures[name] for _length, figures in expected) for name in sums} | {
        "occupancy_high": high,
        "occupancy_high_percent": round(high * 100 / 22, 1),
        "average_stay_minutes": int(length.total_seconds()) // (60 * exits),
    }
    assert min(said["totals"].values()) > 0


@pytest.mark.parametrize("seed", [4, 5])
def test_each_figure_of_today_is_that_of_its_rows(lot, seed):
    filled(lot, seed)
    today = local(AT).date()
    stays = list(Ticket.objects.filter(lot=lot))

    said = dashboard_json(lot, AT)

    def captured_since(day):
        paid = Payment.objects.filter(charge__lot=lot)
        return sum(one.captured_amount for one in paid if day <= local(one.finished_at).date() <= today)

    monday = today - dt.timedelta(days=today.weekday())
    assert said["revenue_to_date"] == {
        "currency": "CHF",
        "today": captured_since(today),
        "week": captured_since(monday),
        "month": captured_since(today.replace(day=1)),
    }
    assert said["revenue_to_date"]["today"] == said["revenue"][0].today
    for hour, row in enumerate(said["by_hour"]):
        begin = dt.datetime.combine(today, dt.time(hour), ZONE)
        end = min(begin + dt.timedelta(hours=1), AT + dt.timedelta(microseconds=1))
        assert row["cars"] == sum(begin <= stay.entry_at < end and stay.status != "void" for stay in stays)
        gone = [stay for stay in stays if stay.status == "closed" and begin <= stay.exit_at < end]
        assert (row["hour"], row["cars_left"]) == (hour, len(gone))
        assert row["most_inside"] == (most_inside(stays, begin, end) if begin <= AT else None), hour
    cars = [row["cars"] for row in said["by_hour"]]
    left = sum(row["cars_left"] for row in said["by_hour"])
    assert said["vehicles"] == {"entered": sum(cars), "left": left}
    assert said["peak_hour"] == ({"hour": cars.index(max(cars)), "cars": max(cars)} if any(cars) else None)
    assert said["turnover"] == round(sum(cars) / 22, 2)
    left = [stay for stay in stays if stay.status == "closed" and local(stay.exit_at).date() == today]
    charges = [one for one in Charge.objects.filter(ticket__in=left) if one.captured_amount]
    paid = sum(one.captured_amount - one.refunded_amount for one in charges)
    average = (2 * paid + len(charges)) // (2 * len(charges)) if charges else None
    assert said["average_ticket"] == {"amount": average, "currency": "CHF"}
    assert sum(said["alerts"].values()) == len(said["attention"])


def test_occupancy_is_by_level_and_by_type(lot):
    Ticket.objects.all().delete()
    spots = {spot.number: spot for spot in lot.spots.all()}
    for number in ("R0-1", "R0-2", "E1-1"):
        spot = spots[number]
        random = Random(1)
        [stay] = random_stays(lot, random, 1) or random_stays(lot, Random(2), 1)
        fields = {"status": "active", "exit_at": None, "closed_reason": "", "spot": spot, "level": spot.level}
        Ticket.objects.filter(pk=stay.pk).update(**fields, spot_type=spot.spot_type)

    said = dashboard_json(lot, AT)["occupancy"]

    assert said == {
        "total": 22,
        "occupied": 3,
        "percent": 13.6,
        "by_level": [
            {"level": 1, "total": 11, "occupied": 1, "percent": 9.1},
            {"level": 0, "total": 11, "occupied": 2, "percent": 18.2},
        ],
        "by_type": [
            {"spot_type": "ev", "total": 4, "occupied": 1, "percent": 25.0},
            {"spot_type": "regular", "total": 18, "occupied": 2, "percent": 11.1},
        ],
    }


def test_empty_lot_has_figures(lot):
    empty = make_lot(lot.operator, spots={})

    figures, days = dashboard_json(empty, AT), analytics_json(empty, "1d", AT)

    assert (figures["turnover"], figures["peak_hour"], figures["average_ticket"]["amount"]) == (None, None, None)
    assert figures["occupancy"] == {"total": 0, "occupied": 0, "percent": 0.0, "by_level": [], "by_type": []}
    nothing = dict.fromkeys(("entries", "exits", "occupancy_high", "captured", "refunded", "net"), 0)
    nothing |= {"occupancy_high_percent": 0.0, "average_stay_minutes": None}
    assert days["days"] == [{"day": local(AT).date()} | nothing]
    assert days["totals"] == nothing


@pytest.mark.parametrize(
    ("period", "today", "first"),
    [
        ("1d", "2026-03-01", "2026-03-01"),
        ("7d", "2026-03-01", "2026-02-23"),
        ("4w", "2026-03-28", "2026-03-01"),
        ("1m", "2026-03-01", "2026-02-02"),
        ("1m", "2026-03-31", "2026-03-01"),
        ("12m", "2028-02-29", "2027-03-01"),
        ("366d", "2026-03-01", "2025-03-01"),
        ("52w", "2026-03-01", "2025-03-03"),
    ],
)
def test_period_ends_today(period, today, first):
    assert str(span_of(period, dt.date.fromisoformat(today)).first) == first


WRONG = [
    "",
    "7",
    "d",
    "0d",
    "07d",
    "7D",
    "7 d",
    "-1d",
    "7dd",
    "٧d",
    "1.5d",
    "367d",
    "53w",
    "13m",
    "999m",
    "9999d",
    "x" * 50,
]


def test_analytics_are_for_admins_and_of_a_known_period(lot):
    admin, attendant = make_user("admin", lot.operator), make_user("attendant", lot.operator)
    other = make_user("admin", make_lot().operator)

    said = get(admin, "/lots/central/analytics").json()

    today = str(local(now()).date())
    assert (said["lot"], said["period"], said["to"], len(said["days"]), said["days"][-1]["day"]) == (
        *("central", "7d", today, 7, today),
    )
    assert (said["from"], said["currency"]) == (said["days"][0]["day"], "CHF")
    for person, status in {attendant: 403, other: 404, make_user(): 404, None: 401}.items():
        for name in ("analytics", "dashboard"):
            assert get(person, f"/lots/central/{name}").status_code == status
    assert get(admin, "/lots/central/dashboard").json()["alerts"].keys() == {"critical", "warning"}
    for period in WRONG:
        assert refusal(get(admin, f"/lots/central/analytics?period={period}")) == (422, "invalid", ["period"]), period


def statements(lot, period):
    with CaptureQueriesContext(connection) as captured:
        dashboard_json(lot, AT)
        analytics_json(lot, period, AT)
    return len(captured)


def test_figures_take_the_same_statements_however_much_there_is(lot):
    statements(lot, "7d")  # what is usual at a lot is remembered for minutes
    few = statements(lot, "7d")
    filled(lot, 6)
    assert statements(lot, "12m") == few


def plans(node):
    yield node
    for child in node.get("Plans", []):
        yield from plans(child)


def test_only_the_days_that_are_asked_for_are_read(lot):
    """Of a lot with many years of stays."""
    at = f"'{AT.isoformat()}'::timestamptz"
    with connection.cursor() as cursor:
        template = random_stays(lot, Random(1), 40)[0]
        names = [field.column for field in Ticket._meta.local_concrete_fields if field.column != "id"]
        own = {"number": "'PS-' || n", "token": "'token-' || n", "status": "'closed'", "closed_reason": "'paid'"}
        own |= {"entry_at": f"{at} - n * interval '1 hour'", "exit_at": f"{at} - n * interval '1 hour'"}
        values = ", ".join(own.get(name, name) for name in names)
        years = "FROM tickets_ticket CROSS JOIN generate_series(1, 20000) n"
        cursor.execute(
            f"INSERT INTO tickets_ticket ({', '.join(names)}) SELECT {values} {years} WHERE id = {template.pk}"
        )
        cursor.execute("ANALYZE tickets_ticket")
        span = span_of("7d", local(AT).date())
        asked = {
            "lot": lot.pk,
            "zone": lot.timezone,
            "first": span.first,
            "last": span.last,
            "at": AT,
            "open": list(OPEN),
        }
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {_BY_DAY}", asked)
        (plan,) = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    scans = [node for node in plans(plan[0]["Plan"]) if node.get("Relation Name") == "tickets_ticket"]
    assert scans
    read = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in scans)
    assert read < 1_000, scans
