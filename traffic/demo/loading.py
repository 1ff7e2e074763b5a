"""Loads the demo once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.timezone import now

from accounts.models import Operator, User
from billing.books import close_days
from common.web.wall_clock import rounded_up
from lots.calendar import zone_of
from lots.models import Level, Lot, Spot
from lots.services import set_maintenance
from notifications.models import Message, MessageState
from reservations.services import close_bays
from retention.services import end_clocks
from sites import import_site, read_site
from traffic.demo.applicants import apply_as_operators
from traffic.demo.backfill import Visit, write_stays
from traffic.demo.booked_month import BookedMonth, book_a_month, close_places
from traffic.demo.changed_month import by_admin, chain_all, change_for_a_month, setting_up
from traffic.demo.charged_month import COPIED_PLATE, write_charged_month
from traffic.demo.corrected_counts import correct_counts
from traffic.demo.drawn_entrance import picture_entrance
from traffic.demo.exceptions import make_exceptions
from traffic.demo.gate_events import save_in_order, write_events
from traffic.demo.given_back import give_back_and_dun
from traffic.demo.held_passes import FLEET, NIGHT_PLATE, buy_month, hold_passes
from traffic.demo.kept_views import keep_views
from traffic.demo.past_exports import ask_for_files
from traffic.demo.past_runs import write_past_runs
from traffic.demo.past_weeks import give_back, past_stays
from traffic.demo.personas import (
    BLOCKED_PLATE,
    DRIVER_PLATE,
    SECOND_PLATE,
    People,
    add_guard_and_limited,
    login_lines,
    set_up_people,
)
from traffic.demo.planning import Bay, PlannedStay, Planner, as_regular
from traffic.demo.priced import publish_new_prices
from traffic.demo.program_keys import make_program_keys
from traffic.demo.reported_months import report_months
from traffic.demo.rhythm import CITY, LEISURE, TRAVEL, Character
from traffic.demo.sent_events import send_events
from traffic.demo.settlement import pay_for
from traffic.demo.told_month import tell_a_month
from traffic.demo.validated_month import CODE, write_validated_month

SITE = Path(__file__).with_name("site.json")
OPERATOR = "demo"
STAFFED = "city-garage"
SPOTS_OUT_OF_USE = 3
SPOTS_CLOSED_FOR_A_TIME = 2
TAKEN = {DRIVER_PLATE, BLOCKED_PLATE, SECOND_PLATE, COPIED_PLATE, NIGHT_PLATE, *FLEET}
"""Plates that no made-up car has."""
CHARACTERS = {"city-garage": CITY, "lakeside": LEISURE, "airport-p2": TRAVEL}
REMEMBERED = timedelta(hours=32)
"""How far back the complete history goes; of the weeks before, a sample is written."""
SETTLES_WITHIN = {CITY: timedelta(days=3), LEISURE: timedelta(days=3), TRAVEL: timedelta(days=21)}
"""How much earlier the planning begins, so that the history doesn't show the empty lot at its start."""


def load_demo(*, at: datetime | None = None) -> list[str]:
    """Load the demo site, people and their history until `at`, unless they exist; return the logins as lines."""
    if not Operator.objects.filter(slug=OPERATOR).exists():
        with setting_up(at or now()):
            _load(at or now())
    buy_month(Operator.objects.get(slug=OPERATOR), at=at or now())
    return login_lines()


@transaction.atomic
def _load(at: datetime) -> None:
    import_site(read_site(SITE.read_text(encoding="utf-8")), at=at)
    operator = Operator.objects.get(slug=OPERATOR)
    people = set_up_people(operator, at=at)
    add_guard_and_limited(operator, lot_id=operator.lots.get(slug="lakeside").pk, at=at)
    random = Random(OPERATOR)  # noqa: S311 a demo that is the same everywhere
    visits: list[Visit] = []
    events = []
    drivers: list[PlannedStay] = []
    month = write_charged_month(Lot.objects.get(slug=STAFFED), driver=people.driver, at=at, random=Random(STAFFED))  # noqa: S311
    validated = write_validated_month(Lot.objects.get(slug=STAFFED), people=people, at=at, random=Random(CODE))  # noqa: S311
    booked = BookedMonth()
    for slug, character in CHARACTERS.items():
        lot = Lot.objects.prefetch_related("tariffs").get(slug=slug)
        book_a_month(lot, booked, driver=people.driver, has_one_inside=not lot.counts_spots, at=at)
        drivers += [visit.stay for visit in booked.visits[lot.pk] if visit.stay.car.plate == DRIVER_PLATE]
        planned = _plan(lot, character, at, random, drivers)
        drivers += [stay for stay in planned if stay.car.plate == DRIVER_PLATE]
        before = past_stays(character, _bays(lot), zone_of(lot), at - REMEMBERED, random, taken=TAKEN)
        visits += write_stays(lot, before, people=people, now=at, random=random)
        of_lot = write_stays(lot, planned, people=people, now=at, random=random)
        charged = [*month.visits, *validated.visits] if slug == STAFFED else []
        on_passes = hold_passes(lot, people=people, at=at) if slug == STAFFED else []
        seen = [*of_lot, *charged, *booked.visits[lot.pk], *on_passes]
        events += write_events(lot, seen, at=at - REMEMBERED, random=random)
        visits += of_lot
    staffed = Lot.objects.get(slug=STAFFED)
    _finish_places(operator, staffed, by=people.admin, at=at)
    with by_admin(people.admin, at - timedelta(days=12), "POST /manage/bookings/blackouts/new/"):
        close_places(staffed, by=people.admin, at=at)
    pay_for(operator, visits, people=people, till=staffed, at=at, random=random)
    month.issue_receipts()
    validated.issue_documents(at=at)
    booked.issue_documents(at=at)
    give_back(operator, people.attendant, until=at - REMEMBERED)
    # Their mails arrived long ago.
    arrived = Message.objects.filter(Q(template="document") | Q(template__startswith="booking_"))
    arrived.update(state=MessageState.SENT, sent_at=F("created_at"))
    close_days(at=at)
    save_in_order(events)
    _show_the_office(operator, staffed, people, at)
    with connection.cursor() as cursor:  # or the first pages would be planned as if the tables were still empty
        cursor.execute("ANALYZE")


def _show_the_office(operator: Operator, staffed: Lot, people: People, at: datetime) -> None:
    """Write what the office's pages show beside stays and bookings."""
    make_exceptions(staffed, attendant=people.attendant, at=at)
    correct_counts(Lot.objects.get(slug="lakeside"), by=people.admin, at=at)
    give_back_and_dun(staffed, attendant=people.attendant, admin=people.admin, driver=people.driver, at=at)
    tell_a_month(staffed, admin=people.admin, driver=people.driver, at=at)
    report_months(people, staffed.timezone, at=at)
    write_past_runs(people, staffed, at=at)
    with by_admin(people.admin, at, "POST /manage/tariffs/drafts/<int:pk>/publish/"):
        publish_new_prices(staffed, admin=people.admin, at=at)
    ask_for_files(people, at=at)
    keep_views(people, at=at)
    with by_admin(people.admin, at - timedelta(days=20), "POST /manage/webhooks/new/"):
        send_events(operator, people=people, at=at)
    make_program_keys(staffed, admin=people.admin, at=at)
    apply_as_operators(people.admin, at=at)
    end_clocks(at=at)
    change_for_a_month(staffed, people=people, at=at)
    chain_all()


def _finish_places(operator: Operator, staffed: Lot, *, by: User, at: datetime) -> None:
    """Show the staffed lot's entrance, and take spots out of use: until somebody is done, and until a day to come."""
    picture_entrance(staffed)
    highest = Level.objects.filter(lot__operator=operator).order_by("-number")[:1]
    free = list(Spot.objects.available().filter(level__in=highest).select_related("lot").order_by("-ordinal"))
    numbers = [spot.number for spot in free[:SPOTS_OUT_OF_USE]]
    if numbers:
        set_maintenance(lot=free[0].lot, numbers=numbers, on=True, note="Lighting is being replaced")
    above_ground = staffed.spots.available().filter(level__number__gte=0).order_by("level__number", "ordinal")
    numbers = list(above_ground.values_list("number", flat=True)[:SPOTS_CLOSED_FOR_A_TIME])
    if numbers:
        until = rounded_up(at, timedelta(hours=1)) + timedelta(days=2)
        with by_admin(by, at, "POST /manage/lots/<slug:slug>/levels/<level:number>/bays/"):
            close_bays(lot=staffed, numbers=numbers, reason="Water on the floor", until=until, by=by, at=at)


def _plan(
    lot: Lot, character: Character, at: datetime, random: Random, drivers: Sequence[PlannedStay]
) -> list[PlannedStay]:
    planner = Planner(character, _bays(lot), zone_of(lot), random, taken=TAKEN)
    planned = planner.plan(begin=at - REMEMBERED - SETTLES_WITHIN[character], now=at)
    remembered = [stay for stay in planned if stay.exit_at > at - REMEMBERED]
    return as_regular(DRIVER_PLATE, remembered, now=at, inside=character is CITY, elsewhere=drivers)


def _bays(lot: Lot) -> list[Bay]:
    if lot.counts_spots:
        return [Bay(spot.ordinal, spot.spot_type, spot.level_id, spot.pk) for spot in lot.spots.all()]
    counted = lot.counts.values_list("total", "spot_type", "level_id")
    return [Bay(rank, spot_type, level_id) for total, spot_type, level_id in counted for rank in range(total)]
