"""The demo site: people, places, and a past that holds every invariant."""

import datetime as dt
from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.test import Client, TestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import BlockedPlate, Permit, PermitKind, User, Vehicle
from billing.models import (
    Charge,
    Credit,
    Debt,
    DebtAppeal,
    DebtReminder,
    Document,
    Payment,
    Refund,
    RefundRequest,
    Shift,
    ShiftCount,
)
from gates.models import GateEvent
from lots.models import Lot, Spot
from notifications.models import Message
from notifications.rendering import render_message
from reservations.models import Blackout, Reservation
from tickets.models import PlateCorrection, Ticket, TicketStatus
from traffic.demo import load_demo
from traffic.demo.exceptions import CORRECTED_PLATE, FORGOTTEN_PLATE, FORGOTTEN_SINCE
from traffic.demo.loading import REMEMBERED
from traffic.demo.personas import DRIVER_PLATE, LOGINS, PASSWORD
from traffic.demo.planning import Bay, Planner, as_regular
from traffic.demo.rhythm import CITY, HIGHEST_SHARE, LEISURE, LOWEST_SHARE, TRAVEL, draw_stay, occupied_share
from verification import INVARIANTS, prove

NOW = dt.datetime.now(dt.UTC)
ZURICH = ZoneInfo("Europe/Zurich")


class TestDemo(TestCase):
    """The demo is loaded once for all of these, which only look at it."""

    lines: ClassVar[list[str]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.lines = load_demo(at=NOW)

    def test_demo_holds_every_invariant(self) -> None:
        assert {finding.invariant.name: finding.rows for finding in prove(INVARIANTS) if finding.total} == {}

    def test_demo_prints_a_login_for_each_role_that_works(self) -> None:
        assert (
            len(self.lines) == len(LOGINS) + 3
        )  # and the validator of a merchant, the guard, and the attendant of one lot
        for role, email in LOGINS.items():
            assert any(role in line and email in line and PASSWORD in line for line in self.lines)
            assert Client().login(email=email, password=PASSWORD)

    def test_demo_has_three_lots_of_different_character(self) -> None:
        lots = {lot.slug: lot for lot in Lot.objects.annotate(places=Sum("counts__total"))}
        assert {slug: (lot.places, lot.tracking) for slug, lot in lots.items()} == {
            "city-garage": (400, "spots"),
            "lakeside": (60, "levels"),
            "airport-p2": (240, "spots"),
        }
        assert lots["city-garage"].levels.count() == 5
        assert lots["airport-p2"].tariffs.get().rules["block_caps"]

    def test_demo_lots_are_as_full_as_a_day_wants(self) -> None:
        for lot in Lot.objects.annotate(taken=Sum("counts__occupied"), places=Sum("counts__total")):
            assert 0.38 <= lot.taken / lot.places <= 0.76, lot.slug

    def test_demo_has_refunds_and_debts_of_every_kind(self) -> None:
        assert RefundRequest.objects.waiting().count() == 1
        assert Refund.objects.filter(returned_at__isnull=False, goodwill=True).exists()
        assert Refund.objects.stuck().get().failure == "card_closed"
        assert set(DebtReminder.objects.values_list("number", "fee_amount")) == {(1, 500), (2, 500), (3, 0)}
        assert DebtAppeal.objects.open().exists()
        assert Credit.objects.filter(reason="Small and old").exists()

    def test_demo_shows_spots_in_maintenance(self) -> None:
        assert Spot.objects.filter(maintenance=True, maintenance_until=None).count() == 3
        assert Spot.objects.filter(maintenance=True, maintenance_until__gt=NOW).count() == 2

    def test_demo_remembers_a_day_of_stays_that_ended_in_every_way(self) -> None:
        closed = Ticket.objects.filter(status=TicketStatus.CLOSED)
        assert 300 < closed.filter(exit_at__gt=NOW - REMEMBERED).count() < 4000
        assert 1000 < closed.count() < 6000
        assert set(closed.values_list("closed_reason", flat=True)) == {
            "paid",
            "grace",
            "owed",
            "waived",
            "charged",
            "pass",
        }
        assert Ticket.objects.in_review().exists()
        assert GateEvent.objects.filter(flags__contains=["by_hand"]).exists()
        assert GateEvent.objects.filter(flags__contains=["undone"]).exists()
        assert set(GateEvent.objects.filter(kind="hold").values_list("action", flat=True)) == {"hold_open", "release"}
        assert PlateCorrection.objects.get().to_plate == CORRECTED_PLATE
        assert Ticket.objects.open().get(plate=FORGOTTEN_PLATE).entry_at <= NOW - FORGOTTEN_SINCE
        assert Debt.objects.open().exists()
        assert Document.objects.filter(kind="R").count() == Payment.objects.filter(state="captured").count() > 200
        assert set(Payment.objects.values_list("method", flat=True)) == {
            "cash",
            "card",
            "terminal",
            "online",
            "voucher",
        }
        reasons = set(GateEvent.objects.values_list("action", "reason"))
        assert {("open", "ok"), ("open", "paid"), ("pay", "fee_due"), ("deny", "blocked")} <= reasons

    def test_demo_cashiers_took_turns_at_a_till_that_two_left_short(self) -> None:
        shifts = list(Shift.objects.all())
        assert len({shift.person_id for shift in shifts}) == 4
        assert [shift.is_open for shift in shifts].index(True) == 0
        assert sum(shift.is_open for shift in shifts) == 1
        assert sorted(count.difference for count in ShiftCount.objects.filter(tender="cash"))[:3] == [-2000, -200, 0]
        cash = Payment.objects.filter(method="cash")
        assert cash.count() == cash.filter(shift__isnull=False).count() > 50

    def test_demo_paid_what_the_tariff_asks(self) -> None:
        from tickets.fees import fee_of
        from tickets.queries import with_fee_parts

        for ticket in with_fee_parts().filter(closed_reason="paid")[:40]:
            assert ticket.charge is not None
            assert ticket.paid_at is not None
            ticket.status = TicketStatus.ACTIVE
            assert fee_of(ticket, ticket.paid_at).total == ticket.charge.captured_amount

    def test_demo_has_motorcycles_at_the_lake(self) -> None:
        assert Charge.objects.filter(lot__slug="lakeside", lines__icontains="Motorcycles: ").exists()

    def test_demo_driver_is_parked_and_has_been_before(self) -> None:
        driver = User.objects.get(email=LOGINS["driver"])
        stays = Ticket.objects.proven_by(driver)
        assert stays.open().get().plate == DRIVER_PLATE
        assert stays.filter(status=TicketStatus.CLOSED).count() >= 2
        assert Vehicle.objects.filter(owner=driver).count() == 2
        assert Permit.objects.filter(kind=PermitKind.ACCESSIBLE).count() == 3
        assert BlockedPlate.objects.in_force().count() == 1

    def test_demo_has_reports_of_the_last_month(self) -> None:
        for template, role, name in (("driver_month", "driver", "parking"), ("operator_month", "admin", "report")):
            message = Message.objects.filter(template=template, recipient=LOGINS[role]).latest("created_at")
            email = render_message(message)
            [(file, content, _kind)] = email.attachments
            assert (file, content[:4]) == (f"{name}-{message.context['month'][:7]}.pdf", b"%PDF")
            assert "CHF" in email.body

    def test_demo_has_each_car_in_one_place_at_a_time(self) -> None:
        stays = Ticket.objects.exclude(plate="").order_by("plate_normalised", "entry_at")
        for earlier, later in pairwise(stays):
            if earlier.plate_normalised == later.plate_normalised:
                assert earlier.exit_at is not None
                assert earlier.exit_at < later.entry_at

    def test_demo_has_bookings_of_every_kind(self) -> None:
        driver = User.objects.get(email=LOGINS["driver"])
        for lot in Lot.objects.all():
            states = Counter(lot.reservations.values_list("status", flat=True))
            assert states.keys() >= {"completed", "cancelled", "no_show", "confirmed"}
            own = lot.reservations.filter(driver=driver)
            assert (own.filter(status="completed").count(), own.filter(status="confirmed").count()) == (3, 1)
        inside = Reservation.objects.get(status="active")
        assert Ticket.objects.open().get(reservation=inside).plate == inside.plate
        assert not Reservation.objects.filter(created_at__gt=NOW).exists()
        assert Blackout.objects.in_force(NOW).count() == 2
        assert Blackout.objects.filter(ends_at__lt=NOW).count() == 1
        for booking in Reservation.objects.filter(status="completed"):
            ticket = Ticket.objects.select_related("charge").get(reservation=booking)
            assert ticket.charge is not None
            assert ticket.charge.captured_amount == booking.price_amount

    def test_demo_loads_once(self) -> None:
        tickets = Ticket.objects.count()
        assert load_demo() == self.lines
        assert Ticket.objects.count() == tickets


@given(st.integers(min_value=0, max_value=2 * 366 * 24 * 60), st.randoms())
@settings(max_examples=60)
def test_a_lot_is_never_empty_nor_full_and_every_stay_ends(minute: int, random: Random) -> None:
    local = (dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minute)).astimezone(ZURICH)
    for character in (CITY, LEISURE, TRAVEL):
        assert LOWEST_SHARE <= occupied_share(character, local) <= HIGHEST_SHARE
        assert dt.timedelta(minutes=4) <= draw_stay(character, local, random) <= dt.timedelta(days=60)


def plan(now: dt.datetime = NOW) -> list[Any]:
    bays = [Bay(rank, "regular", 1, rank) for rank in range(40)]
    planner = Planner(LEISURE, bays, ZURICH, Random(7), taken={"ZH 314159"})
    return planner.plan(begin=now - dt.timedelta(days=2), now=now)


def test_planned_stays_never_share_a_bay_or_a_plate() -> None:
    stays = plan()
    assert len({stay.car.plate for stay in stays}) == len(stays) > 100
    by_bay: dict[int, list[Any]] = {}
    for stay in sorted(stays, key=lambda stay: stay.entry_at):
        by_bay.setdefault(stay.bay.rank, []).append(stay)
    for of_bay in by_bay.values():
        for earlier, later in pairwise(of_bay):
            assert earlier.exit_at <= later.entry_at


def test_a_regular_driver_is_in_one_place_at_a_time() -> None:
    stays = as_regular("ZH 314159", plan(), now=NOW, inside=True)
    own = sorted((stay for stay in stays if stay.car.plate == "ZH 314159"), key=lambda stay: stay.entry_at)
    assert len(own) == 3
    assert own[-1].exit_at > NOW
    assert all(earlier.exit_at <= later.entry_at for earlier, later in pairwise(own))


def test_a_regular_driver_is_not_in_two_lots_at_once() -> None:
    elsewhere = [
        stay for stay in as_regular("ZH 314159", plan(), now=NOW, inside=True) if stay.car.plate == "ZH 314159"
    ]
    stays = as_regular("ZH 314159", plan(), now=NOW, inside=False, elsewhere=elsewhere)
    own = [stay for stay in stays if stay.car.plate == "ZH 314159"]
    assert own
    for stay in own:
        assert all(stay.exit_at < other.entry_at or other.exit_at < stay.entry_at for other in elsewhere)
