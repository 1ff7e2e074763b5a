"""What the reminder of a day says, to whom, and that it repeats nothing that another message says."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.services import appeal_debt, record_debt
from notifications.deciding import MessageCourse, decide
from notifications.kinds import kind_of
from notifications.rendering import render_message
from notifications.wishes import Wishes, choose_messages, reader_of, turn_kind
from passes.models import Pass
from passes.services import HeldBy
from reports.daily_reminders import plan_reminders
from reports.occasions import occasion_of, planned_named
from tests.factories import make_charge, make_lot, make_proof, make_reservation, make_ticket
from tests.passes.sold import granted, offered
from tests.reports.plans import people

pytestmark = pytest.mark.django_db
ZURICH = "Europe/Zurich"
DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
AT = dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC)
TODAY = AT.date()


@pytest.fixture
def lot():
    return make_lot(name="City Garage", spots={"regular": 6}, timezone=ZURICH)


@pytest.fixture
def ada():
    return people(ZURICH, 1)[0]


def plan(*persons, at=AT, zone=ZURICH):
    planned = planned_named("daily_reminders")
    occasion = occasion_of(planned, zone=zone, day=at.date(), begins_at=at)
    return plan_reminders([person.pk for person in persons], occasion, at)


def book(lot, driver, starts_at, hours=2, **fields):
    return make_reservation(lot, "ZH 1", starts_at, starts_at + hours * HOUR, driver=driver, **fields)


def owe(lot, driver, *, days_ago, due=1200):
    at = AT - days_ago * DAY
    charge = make_charge(lot, due, at=at)
    ticket = make_ticket(lot, status="closed", entry_at=at - HOUR, exit_at=at, closed_reason="owed", charge=charge)
    make_proof(ticket, driver)
    return record_debt(charge=charge, plate=ticket.plate, reason="declined", at=at)


def hold(lot, driver, *, ends_in, **terms):
    held = granted(offered(lot, **terms), to=HeldBy(user=driver))
    Pass.objects.filter(pk=held.pk).update(valid_until=TODAY + ends_in * DAY)
    return held


def said(message):
    mail = render_message(message)
    return f"{mail.subject}\n{mail.body}"


def test_bookings_passes_and_debts_are_said_in_one_message(lot, ada):
    booking = book(lot, ada, AT + 5 * HOUR)
    hold(lot, ada, ends_in=1)
    debt = owe(lot, ada, days_ago=1)

    [message] = plan(ada)
    text = said(message)

    assert message.key == f"daily_reminder:{ada.pk}:20260303"
    assert (message.recipient, message.operator_id) == (ada.email, lot.operator_id)
    assert "Today: parking at City Garage, 14:00–16:00" in text
    assert "4 Mar 2026" in text
    assert "CHF\xa012.00" in text
    for link in (f"/bookings/{booking.token}/", "/me/passes/PP-", f"/t/{debt.charge.ticket.token}"):
        assert link in text
    assert "on the clock of" not in text


def test_nothing_to_say_is_not_said(lot, ada):
    book(lot, ada, AT + 5 * HOUR, status="cancelled", cancelled_at=AT)
    book(lot, ada, AT + 16 * HOUR)
    book(lot, ada, AT - HOUR, 5, status="active")
    hold(lot, ada, ends_in=3, renewal="invoice")
    hold(make_lot(timezone=ZURICH), ada, ends_in=9)

    assert plan(ada) == []


@pytest.mark.parametrize(("ends_in", "count"), [(0, 1), (1, 1), (2, 0), (3, 1), (4, 0), (7, 0)])
def test_end_of_a_pass_is_a_reason_on_three_days(lot, ada, ends_in, count):
    hold(lot, ada, ends_in=ends_in)
    assert len(plan(ada)) == count


@pytest.mark.parametrize(("days_ago", "count"), [(0, 0), (1, 1), (2, 0), (4, 1), (7, 0), (30, 0)])
def test_debt_is_a_reason_before_its_own_reminders_begin(lot, ada, days_ago, count):
    owe(lot, ada, days_ago=days_ago)
    assert len(plan(ada)) == count


def test_debt_that_is_objected_to_and_stays_of_others_are_not_said(lot, ada):
    debt = owe(lot, ada, days_ago=1)
    appeal_debt(debt=debt, text="No.", email=ada.email, at=AT)
    [other] = people(ZURICH, 1)
    owe(lot, other, days_ago=1)

    assert [message.recipient for message in plan(ada, other)] == [other.email]


def test_booking_within_the_hour_is_no_reason_but_is_mentioned(lot, ada):
    book(lot, ada, AT + 40 * MINUTE)
    assert plan(ada) == [], "it was said that it starts soon"

    turn_kind(address=ada.email, kind=kind_of("booking_starts_soon"), on=False, at=AT)
    assert len(plan(ada)) == 1, "that was turned off"

    turn_kind(address=ada.email, kind=kind_of("booking_starts_soon"), on=True, at=AT)
    book(lot, ada, AT + 8 * HOUR)
    assert [one["time"] for one in plan(ada)[0].context["bookings"]] == ["09:40–11:40", "17:00–19:00"]


def test_times_are_on_the_clock_of_the_lot_which_is_said_where_it_differs(ada):
    book(make_lot(timezone="America/New_York"), ada, AT + 6 * HOUR)
    book(make_lot(timezone="Europe/Rome"), ada, AT + 7 * HOUR, 20)

    found = plan(ada)[0].context["bookings"]

    assert [(one["time"], one["zone"]) for one in found] == [
        ("09:00–11:00", "America/New_York"),
        ("16:00 – 4 Mar 2026 12:00", ""),
    ]
    assert plan(ada)[0].operator_id is None, "they are of two operators"


def test_who_turned_it_off_is_not_told(lot, ada):
    book(lot, ada, AT + 5 * HOUR)
    turn_kind(address=ada.email, kind=kind_of("daily_reminder"), on=False, at=AT)

    assert plan(ada) == []


def test_it_can_be_turned_off_by_one_click_and_waits_for_no_summary(lot, ada):
    choose_messages(person=ada, wishes=Wishes({}, summary_at=dt.time(18)), at=AT)
    book(lot, ada, AT + 5 * HOUR)
    [message] = plan(ada)
    message.save()

    mail = render_message(message)

    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert decide(message, kind_of(message.template), reader_of(message), None, AT).course is MessageCourse.SEND


def visit(lot, driver, days_ago, *, times=1):
    for _ in range(times):
        at = AT - days_ago * DAY
        make_proof(make_ticket(lot, status="closed", entry_at=at, exit_at=at + HOUR, closed_reason="grace"), driver)


def test_free_places_at_the_three_usual_lots_are_told_to_who_asks(lot, ada):
    lots = [lot, *(make_lot(name=f"Lot {number}", spots={"regular": number}) for number in (1, 2, 3, 4))]
    for times, one in enumerate(lots, start=1):
        visit(one, ada, 3, times=times)
    visit(make_lot(name="Long ago"), ada, 61, times=9)
    make_ticket(lots[4], "ZH 9")
    lots[3].is_closed = True
    lots[3].save()
    assert plan(ada) == [], "nobody asked"

    turn_kind(address=ada.email, kind=kind_of("usual_lots"), on=True, at=AT)
    [message] = plan(ada)

    assert (message.template, message.key) == ("usual_lots", f"daily_reminder:{ada.pk}:20260303")
    assert [(one["lot"], one["free"]) for one in message.context["lots"]] == [("Lot 4", 3), ("Lot 2", 2), ("Lot 1", 1)]
    assert message.expires_at == AT + 3 * HOUR
    assert "Lot 4: 3 places free" in said(message)

    book(lot, ada, AT + 5 * HOUR)
    [message] = plan(ada)
    assert message.template == "daily_reminder"
    assert "Free at your usual lots at 09:00" in said(message)


def test_a_batch_takes_as_many_queries_however_many_people_it_has(lot):
    def fill(number):
        persons = people(ZURICH, number)
        for person in persons:
            book(lot, person, AT + 5 * HOUR, status="cancelled", cancelled_at=AT)
            turn_kind(address=person.email, kind=kind_of("usual_lots"), on=True, at=AT)
            visit(lot, person, 2)
            owe(lot, person, days_ago=1)
        return persons

    counts = []
    for persons in (fill(2), fill(12)):
        with CaptureQueriesContext(connection) as queries:
            assert len(plan(*persons)) == len(persons)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 11
