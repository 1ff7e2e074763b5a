"""Passes of the demo: what is sold, a company's pool with cars inside, a month of nights, and the driver's month."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import F

from accounts.models import Operator, User
from billing.documents.issuing import document_charge
from billing.models import Charge, SavedMethod
from billing.pricing.windows import DAY_MINUTES, WEEKDAYS
from billing.services import PayBy
from lots.calendar import local_day, zone_of
from lots.models import Lot
from notifications.models import Message, MessageState
from passes.models import Pass, PassOffer
from passes.pass_rules import PassKind, PassRenewal, PoolFull
from passes.services import (
    CompanyWish,
    HeldBy,
    OfferWish,
    PassWish,
    add_manager,
    buy_pass,
    grant_pass,
    make_company,
    make_offer,
)
from tickets.models import TicketStatus
from traffic.demo.backfill import Visit
from traffic.demo.paid_stays import open_stay
from traffic.demo.personas import LOGINS, SECOND_PLATE, People
from traffic.demo.planning import Bay, PlannedStay
from traffic.demo.rhythm import MONDAY_TO_FRIDAY, Car

MONTH_PASS, NIGHT_PASS, FLEET_PASS = "Month in the city", "Nights", "Company spaces"
NIGHT_PLATE = "ZH 662607"
FLEET = ("ZH 299792", "ZH 137035", "ZH 667408", "ZH 831446", "ZH 602214")
NIGHTS, WORKDAYS, SPACES, INSIDE = 28, 12, 3, 2
WORKDAY_NAMES = WEEKDAYS[:5]
TAX = Decimal("8.1")
TERMS = "The plate on the pass opens the gate. A space is not reserved: when the garage is full, please wait."


def hold_passes(lot: Lot, *, people: People, at: datetime) -> list[Visit]:
    """Sell passes for a lot, give two of them some weeks ago, and write their stays until `at`."""
    random = Random("passes")  # noqa: S311 a demo that is the same everywhere
    begun = at - timedelta(days=NIGHTS + 7)
    offers = {offer.name: offer for offer in _sell(lot, begun)}
    company = make_company(
        operator=lot.operator,
        wish=CompanyWish(
            name="Helvetia Logistics Ltd",
            email="fleet@helvetia-logistics.example",
            address="Hardturmstrasse 11, 8005 Zürich",
            tax_id="CHE-123.456.789",
        ),
        at=begun,
    )
    add_manager(company=company, email=people.driver.email, by=people.admin, at=begun)
    given: dict[str, Any] = {"by": people.admin, "at": begun}
    days = {"valid_from": local_day(lot, begun), "valid_until": local_day(lot, begun) + timedelta(days=364)}
    fleet = PassWish(offer=offers[FLEET_PASS], plates=FLEET, **days)
    nights = PassWish(offer=offers[NIGHT_PASS], plates=[NIGHT_PLATE], **days)
    pool = grant_pass(wish=fleet, to=HeldBy(company=company), note="Part of the rent of its offices", **given)
    holder = HeldBy(user=people.driver, name=people.driver.name, email=people.driver.email)
    night = grant_pass(wish=nights, to=holder, note="Works at night", **given)
    visits = [_left(lot, night, stay, random) for stay in _nights(lot, at, random)]
    visits += [_left(lot, pool, stay, random) for stay in _workdays(lot, at, random)]
    return visits + [_inside(lot, pool, plate, at, random) for plate in FLEET[:INSIDE]]


def buy_month(operator: Operator, *, at: datetime) -> None:
    """Let the driver buy a month by the saved card, once; its receipt and mails arrive at once.

    Must not be called inside a transaction.
    """
    offer = PassOffer.objects.filter(operator=operator, name=MONTH_PASS).first()
    card = SavedMethod.objects.usable().filter(owner__email=LOGINS["driver"]).select_related("owner").first()
    if offer is None or card is None:
        return
    owner: User = card.owner
    if owner.passes.filter(offer=offer).exists():
        return
    wish = PassWish(offer=offer, plates=[SECOND_PLATE], valid_from=local_day(offer.lots.all()[0], at))
    held = buy_pass(wish=wish, holder=owner, pay_by=PayBy(saved_method=card), at=at, idempotency_key="demo-month")
    for charge in Charge.objects.filter(pk__in=held.periods.values("charge")):
        document_charge(charge, at=at)
    Message.objects.filter(created_at__gte=at).update(state=MessageState.SENT, sent_at=F("created_at"))


def _sell(lot: Lot, at: datetime) -> Iterator[PassOffer]:
    night = {"opens_minute": 18 * 60, "closes_minute": 8 * 60, "days": WORKDAY_NAMES}
    sold: tuple[dict[str, Any], ...] = (
        {"name": MONTH_PASS, "kind": PassKind.MONTH, "price_amount": 24000, "period_months": 1}
        | {"renewal": PassRenewal.CHARGE, "online": True, "most_plates": 2, "spaces": 1, "cancel_fee_amount": 2000},
        {"name": NIGHT_PASS, "kind": PassKind.NIGHT, "price_amount": 9000, "period_months": 1, "online": True} | night,
        {"name": "Ten entries", "kind": PassKind.ENTRIES, "price_amount": 15000, "period_days": 90}
        | {"entries": 10, "per_day": True, "online": True},
        {"name": FLEET_PASS, "kind": PassKind.SEASON, "price_amount": 540_000, "period_months": 12}
        | {"spaces": SPACES, "most_plates": 50, "renewal": PassRenewal.INVOICE, "pool_full": PoolFull.PAY},
    )
    for terms in sold:
        wish = OfferWish(lots=[lot], tax_percent=TAX, terms=TERMS, **{"closes_minute": DAY_MINUTES} | terms)
        yield make_offer(operator=lot.operator, wish=wish, at=at)


def _nights(lot: Lot, at: datetime, random: Random) -> Iterator[PlannedStay]:
    """Yield the stays of a car that comes on workdays at about seven in the evening and leaves before eight."""
    zone = zone_of(lot)
    for number in range(NIGHTS, 1, -1):
        evening = datetime.combine(local_day(lot, at) - timedelta(days=number), time(18, 20), zone)
        if evening.weekday() in MONDAY_TO_FRIDAY:
            came = evening + timedelta(minutes=random.randrange(50))
            morning = datetime.combine(evening.date() + timedelta(days=1), time(6, 50), zone)
            yield PlannedStay(
                Car(NIGHT_PLATE), _bay(lot, random), came, morning + timedelta(minutes=random.randrange(50))
            )


def _workdays(lot: Lot, at: datetime, random: Random) -> Iterator[PlannedStay]:
    """Yield the stays of the company's cars, on no day of more of them than the pool has spaces."""
    zone = zone_of(lot)
    for number in range(WORKDAYS, 1, -1):
        begin = datetime.combine(local_day(lot, at) - timedelta(days=number), time(8), zone)
        for plate in random.sample(FLEET, SPACES) if begin.weekday() in MONDAY_TO_FRIDAY else ():
            came = begin + timedelta(minutes=random.randrange(80))
            yield PlannedStay(Car(plate), _bay(lot, random), came, came + timedelta(minutes=random.randrange(200, 540)))


def _left(lot: Lot, held: Pass, stay: PlannedStay, random: Random) -> Visit:
    """Write a stay on a pass whose car has left: nothing was owed."""
    ticket = open_stay(lot, stay, random, held_pass=held)
    ticket.status, ticket.closed_reason = TicketStatus.CLOSED, "pass"
    ticket.exit_at, ticket.exit_plate = stay.exit_at, ticket.plate
    ticket.changed_at, ticket.changed_why = stay.exit_at, "pass at the exit"
    ticket.save()
    return Visit(stay, ticket, end="pass", place=_place(stay.bay))


def _inside(lot: Lot, held: Pass, plate: str, at: datetime, random: Random) -> Visit:
    """Write a stay on a pass whose car is inside now."""
    came = at - timedelta(minutes=random.randrange(20, 150))
    spot = lot.spots.available().filter(spot_type="regular").order_by("ordinal")[0]
    bay = Bay(spot.ordinal, spot.spot_type, spot.level_id, spot.pk)
    stay = PlannedStay(Car(plate), bay, came, at + timedelta(hours=6))
    return Visit(stay, open_stay(lot, stay, random, held_pass=held, **_place(bay)), place=_place(bay))


def _bay(lot: Lot, random: Random) -> Bay:
    spot = random.choice(list(lot.spots.filter(spot_type="regular").order_by("ordinal")[:40]))
    return Bay(spot.ordinal, spot.spot_type, spot.level_id, spot.pk)


def _place(bay: Bay) -> dict[str, Any]:
    return {"level_id": bay.level_id, "spot_id": bay.spot_id, "spot_type": bay.spot_type}
