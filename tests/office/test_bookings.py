"""The operator's pages of bookings: found, made for a caller, changed, moved, cancelled, forgiven, and places closed."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from billing.services import PayBy
from lots.access import LotName
from office.bookings.days_of_lots import LotDay
from reservations.booked_time import BookedTime
from reservations.models import Blackout, Reservation
from reservations.services import BookingWish, book
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_reservation, make_ticket, make_user
from tests.invariants import broken
from tickets.fees import fee_of

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ZONE = ZoneInfo("Europe/Zurich")


class Office:
    """A lot with its people; bookings are for tomorrow, in hours of its clock."""

    def __init__(self, **fields):
        self.lot = make_lot(spots={"regular": 3}, **fields)
        self.admin, self.attendant = (make_user(role, self.lot.operator) for role in ("admin", "attendant"))
        self.day = dt.datetime.now(ZONE).date() + DAY

    def at(self, hour):
        return dt.datetime.combine(self.day, dt.time(hour), ZONE)

    def typed(self, hour):
        return f"{self.day}T{hour:02}:00"

    def book(self, start, end, plate="ZH 1", *, spot="", **fields):
        wish = BookingWish(time=BookedTime(self.at(start), self.at(end)), plate=plate, spot=spot)
        who = {"driver": make_user(), "at": now().replace(microsecond=0)} | fields
        return book(lot=self.lot, wish=wish, **who)

    def get(self, path="", person=None):
        return client_of(person or self.admin).get(f"/manage/bookings/{path}")

    def post(self, path, person=None, **data):
        return client_of(person or self.admin).post(f"/manage/bookings/{path}", data)


def reloaded(booking):
    return Reservation.objects.select_related("spot", "charge").get(pk=booking.pk)


@pytest.mark.django_db
def test_bookings_are_found_moved_and_made_for_a_caller_by_an_attendant():
    office = Office()
    first = office.book(9, 11, spot="R0-1")
    office.book(9, 11, "GE 77")

    for wanted, found in (("zh1", 1), (first.code, 1), (first.email, 1), ("", 2), ("nobody", 0)):
        page = office.get(f"?q={wanted}", office.attendant)
        assert len(page.context["page"].object_list) == found, wanted
    assert len(office.get(f"?from={office.day}&to={office.day}&status=confirmed").context["page"].object_list) == 2
    assert not office.get(f"?from={office.day + DAY}").context["page"].object_list

    answer = office.post(f"timeline/move/?day={office.day}", office.attendant, booking=first.pk, bay="R0-3")
    assert (answer.status_code, reloaded(first).spot.number) == (302, "R0-3")
    assert office.post("timeline/move/", office.attendant, booking=first.pk, bay="R9-9").status_code == 422
    act = first.acts.get()
    assert (act.by, act.changes) == (office.attendant, {"spot": ["R0-1", "R0-3"]})

    wish = {"start": office.typed(13), "end": office.typed(15), "spot_type": "regular", "plate": "BE 5"}
    wish |= {"vehicle_type": "regular", "key": "0" * 32, "email": "caller@example.com"}
    shown = office.post("new/", office.attendant, **wish)
    assert shown.context["offer"].price.total == 600
    for _ in range(2):  # a double submit books once
        office.post("new/", office.attendant, **wish, amount=600, agree="yes")
    made = Reservation.objects.get(plate="BE 5")
    assert (made.booked_by, made.driver, made.email, made.price_amount) == (
        office.attendant,
        None,
        "caller@example.com",
        600,
    )
    assert f"Booked by {office.attendant}" in office.get(f"{made.pk}/", office.attendant).content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_an_operator_makes_dearer_is_paid_at_the_exit_without_a_card():
    office = Office(prepay="capture")
    booking = office.book(9, 11, pay_by=PayBy(token="tok_ok"))
    change = {"start": office.typed(9), "end": office.typed(13), "spot_type": "regular", "spot": "", "plate": "ZH 1"}

    shown = office.post(f"{booking.pk}/change/", office.attendant, **change)
    assert shown.context["more"] == 600
    assert "more than before, paid at the exit." in shown.content.decode()
    assert reloaded(booking).price_amount == 600
    office.post(f"{booking.pk}/change/", office.attendant, **change, amount=600, agree="yes")

    changed = reloaded(booking)
    assert (changed.price_amount, changed.at_exit_amount) == (1200, 600)
    assert (changed.charge.due_amount, changed.charge.balance_amount) == (600, 0)
    stay = make_ticket(office.lot, "ZH 1", office.at(9), reservation=changed)
    assert fee_of(stay, office.at(13)).owed == 600
    stay.delete()

    # What was not prepaid falls first.
    office.post(
        f"{booking.pk}/change/", office.attendant, **change | {"end": office.typed(10)}, amount=-900, agree="yes"
    )
    changed = reloaded(booking)
    assert (changed.price_amount, changed.at_exit_amount, changed.charge.refunded_amount) == (300, 0, 300)
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_only_admins_give_all_back_or_forgive_and_both_say_why():
    office = Office(prepay="capture", cancel_minutes=60 * 24 * 7)
    booking = office.book(9, 11, pay_by=PayBy(token="tok_ok"))
    terms = {"how": "full", "fee": 300}

    assert office.post(f"{booking.pk}/cancel/", office.attendant, **terms, why="Closed").status_code == 422
    assert office.post(f"{booking.pk}/cancel/", **terms).status_code == 422
    assert office.post(f"{booking.pk}/cancel/", **terms | {"fee": 200}, why="Closed").status_code == 422
    assert office.post(f"{booking.pk}/cancel/", **terms, why="Closed").status_code == 302
    cancelled = reloaded(booking)
    assert (cancelled.status, cancelled.fee_amount, cancelled.charge.refunded_amount) == ("cancelled", 0, 600)
    assert cancelled.acts.get().why == "Closed"

    late = office.book(14, 16, "ZH 2", pay_by=PayBy(token="tok_ok"))
    office.post(f"{late.pk}/cancel/", office.attendant, how="policy", fee=300)
    assert (reloaded(late).fee_amount, reloaded(late).charge.refunded_amount) == (300, 300)
    assert broken() == []


@pytest.mark.django_db
def test_places_are_closed_after_who_stands_in_the_way_was_shown():
    office = Office()
    booking = office.book(9, 11, "ZH 1", spot="R0-1")
    wanted = {"start": office.typed(8), "end": office.typed(18), "level": "0", "spot_type": "", "bays": ""}
    wanted |= {"reason": "Fair", "bookings": "move"}

    shown = office.post("blackouts/new/", **wanted)
    assert [one.pk for one in shown.context["preview"].left] == [booking.pk]
    assert not Blackout.objects.exists()
    assert office.post("blackouts/new/", **wanted | {"bays": "R0-1"}).status_code == 422
    office.post("blackouts/new/", **wanted, agree="yes")
    blackout = Blackout.objects.get()

    page = office.get(f"blackouts/{blackout.pk}/", office.attendant).content.decode()
    assert booking.email in page
    assert "Open them again" not in page
    assert "Its place is closed" in office.get(f"{booking.pk}/").content.decode()
    timeline = office.get(f"timeline/?day={office.day}").content.decode()
    assert timeline.count("bar-closed") == 4  # R0-1 before and after the booking, and the others all the time
    office.post(f"blackouts/{blackout.pk}/cancel/", booking=[booking.pk])
    assert (reloaded(booking).status, reloaded(booking).fee_amount) == ("cancelled", 0)
    office.post(f"blackouts/{blackout.pk}/lift/")
    assert Blackout.objects.get().lifted_by == office.admin


@pytest.mark.django_db
def test_who_is_late_and_how_full_tomorrow_is_come_first():
    office = Office()
    for plate in ("ZH 1", "ZH 2"):
        office.book(9, 11, plate)
    minute = dt.timedelta(minutes=1)
    make_reservation(office.lot, "ZH 8", now() - 10 * minute, now() + 30 * minute, spot=office.lot.spots.first())

    page = office.get("arrivals/", office.attendant)
    assert [one.plate for one in page.context["late"]] == ["ZH 8"]
    booked = {hour.word: hour.shares[0].booked for hour in page.context["hours"] if hour.shares[0].booked}
    booked.pop("00:00", None)  # shortly before midnight the late one is booked into tomorrow
    assert booked == {"09:00": 2, "10:00": 2}


def test_days_of_a_lot_have_23_24_or_25_hours():
    name = LotName(1, "a", "A", "Europe/Zurich", "CHF", 1)
    days = {
        day: LotDay.of(name, dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")) for day in ("2026-03-29", "2026-10-25")
    }
    spring, autumn = days.values()
    assert (spring.quarters, [mark.word for mark in spring.marks()][:4]) == (92, ["00", "01", "03", "04"])
    assert (autumn.quarters, [mark.word for mark in autumn.marks()][:4]) == (100, ["00", "01", "02", "02"])
    assert (
        LotDay.of(LotName(1, "a", "A", "Australia/Lord_Howe", "AUD", 1), dt.datetime(2026, 10, 3, 20, tzinfo=dt.UTC))
        .marks()[-1]
        .span
        == 2
    )


@pytest.mark.django_db
def test_pages_take_as_many_statements_for_many_bookings_as_for_few():
    office = Office()
    client = client_of(office.admin)

    def counts():
        found = []
        for path in ("", f"timeline/?day={office.day}", f"arrivals/?lot={office.lot.slug}"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/manage/bookings/{path}").status_code == 200
            found.append(len(queries))
        return found

    office.book(9, 11)
    make_reservation(office.lot, "ZH 80", now() + HOUR, spot=office.lot.spots.last(), driver=make_user())
    few = counts()
    for number in range(10):
        spot = office.lot.spots.order_by("pk")[number % 2]
        start = office.at(12) + number // 2 * 2 * HOUR
        make_reservation(office.lot, f"ZH 9{number}", start, spot=spot, driver=make_user())
    assert counts() == few
    assert max(few) <= 16, few
