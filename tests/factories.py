"""Rows for tests: plain functions, each with defaults that make a small, sensible world."""

import datetime as dt
import hashlib
import secrets
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.utils.timezone import now

from accounts.api_keys import IssuedApiKey, KeyTerms
from accounts.api_keys import make_api_key as make_key
from accounts.applications import ApplicationWish, confirm_application, new_application
from accounts.invitations import new_invitation
from accounts.models import (
    BlockedPlate,
    Invitation,
    Membership,
    Merchant,
    Operator,
    OperatorApplication,
    Permit,
    Role,
    User,
    Vehicle,
)
from billing.models import (
    AutomaticPayment,
    Charge,
    Objection,
    Payment,
    PaymentMethod,
    PaymentState,
    PromoCode,
    SavedMethod,
    Shift,
    Tariff,
)
from billing.services import create_code
from billing.shifts import Counted, close_shift, record_count, start_count
from devices.models import Device, DeviceKind
from lots.compatibility import SpotType
from lots.gate_rules import Direction
from lots.models import Gate, Level, Lot, Spot, Tracking, Zone
from merchants.models import MerchantLot, ValidationType
from reservations.booked_time import BookedTime
from reservations.booking_codes import new_booking_code
from reservations.models import Blackout, Reservation
from reservations.offering import TERMS, priced_for, promised_period
from tickets.models import OPEN, ProofKind, StayProof, Ticket, TicketStatus
from tickets.numbers import new_number

LONG_AGO = dt.date(2020, 1, 1)
HOURLY: dict[str, Any] = {
    "grace_minutes": 10,
    "exit_grace_minutes": 15,
    "lost_ticket_fee": 4000,
    "tax_percent": "8.1",
    "tax_included": True,
    "plans": [
        {
            "name": "Hourly",
            "bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}],
        }
    ],
}

_next = count(1)


def make_operator(slug: str | None = None, **fields: Any) -> Operator:
    slug = slug or f"operator-{next(_next)}"
    return Operator.objects.create(slug=slug, **{"name": slug.title(), "currency": "CHF"} | fields)


def make_user(
    role: str | None = None, operator: Operator | None = None, *, password: str | None = None, **fields: Any
) -> User:
    """Make a driver, or a member with a `role`; with a `password` the person can log in through the pages.

    Members, and people with a password, have verified their address.
    """
    email = fields.pop("email", f"person-{next(_next)}@example.com")
    user = User.objects.create_user(email, password, **fields)
    if password is not None or role is not None:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if role is not None:
        Membership.objects.create(user=user, operator=operator or make_operator(), role=Role(role))
    return user


def make_api_key(by: User, *scopes: str, **terms: Any) -> IssuedApiKey:
    """Make a key of an admin's operator; it may read lots unless scopes are given."""
    operator = Membership.objects.select_related("operator").get(user=by, role=Role.ADMIN).operator
    at = terms.pop("at", None) or now()
    given = KeyTerms(**{"name": f"Key {next(_next)}", "scopes": scopes or ["lots:read"]} | terms)
    return make_key(operator=operator, terms=given, at=at, by=by)


def make_invitation(operator: Operator, email: str = "new@example.com", role: str = "attendant") -> Invitation:
    by = make_user("admin", operator)
    return new_invitation(operator=operator, email=email, role=role, at=dt.datetime.now(dt.UTC), by=by)


def make_application(
    email: str = "ada@applies.example", *, confirmed: bool = True, **values: Any
) -> OperatorApplication:
    """Make an application as an operator, with its address confirmed or not yet."""
    wish = {"company": "Secret Applicant", "name": "Ada", "country": "CH", "wishes": "Two lots.", "language": "en"}
    application = new_application(wish=ApplicationWish(**(wish | values), email=email), at=now())
    assert application is not None
    if confirmed:
        confirm_application(application=application, at=now())
        application.refresh_from_db()
    return application


def make_lot(
    operator: Operator | None = None,
    *,
    spots: dict[str, int] | None = None,
    levels: int = 1,
    tracking: str = "spots",
    tariff: dict[str, Any] | None = HOURLY,
    **fields: Any,
) -> Lot:
    """Make a lot with `spots` of each type on every one of its `levels`, and a tariff of CHF 3.00 an hour."""
    operator = operator or make_operator()
    slug = fields.pop("slug", f"lot-{next(_next)}")
    defaults = {"name": slug.title(), "timezone": "Europe/Zurich", "currency": operator.currency, "city": "Zürich"}
    fields = {"published": True} | fields
    lot = Lot.objects.create(operator=operator, slug=slug, tracking=Tracking(tracking), **defaults | fields)
    ordinal = 0
    for number in range(levels):
        level = Level.objects.create(lot=lot, number=number, name=f"Level {number}" if number else "Ground")
        for spot_type, amount in ({"regular": 5} if spots is None else spots).items():
            ordinal += len(make_zone(level, spot_type, amount, first_ordinal=ordinal))
    if tariff is not None:
        make_tariff(lot, tariff)
    return lot


def make_zone(level: Level, spot_type: str, amount: int, *, first_ordinal: int = 0, **fields: Any) -> list[Spot]:
    """Make a zone and, in a lot that counts spots, its spots (named after type, level and number)."""
    name = fields.pop("name", f"{spot_type}-{level.number}")
    zone = Zone.objects.create(
        level=level,
        name=name,
        spot_type=SpotType(spot_type),
        prefix=f"{spot_type[:1].upper()}{level.number}-",
        count=amount,
        **fields,
    )
    if level.lot.tracking != Tracking.SPOTS:
        return []
    return Spot.objects.bulk_create(
        Spot(
            lot=level.lot,
            level=level,
            zone=zone,
            number=f"{zone.prefix}{number}",
            spot_type=zone.spot_type,
            ordinal=first_ordinal + number - 1,
        )
        for number in range(1, amount + 1)
    )


def make_tariff(lot: Lot, rules: dict[str, Any] | None = None, **fields: Any) -> Tariff:
    return Tariff.objects.create(
        lot=lot, rules=HOURLY if rules is None else rules, **{"name": "Standard", "valid_from": LONG_AGO} | fields
    )


def make_gate(lot: Lot, direction: str = "entry", code: str | None = None, **fields: Any) -> Gate:
    code = code or f"{lot.slug}-{direction}-{next(_next)}"
    return Gate.objects.create(lot=lot, code=code, direction=Direction(direction), **fields)


def make_device(gate: Gate, kind: str = "camera", **fields: Any) -> tuple[Device, str]:
    """Make a device and return it with its key, which works at the gate endpoint."""
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    device = Device.objects.create(
        lot=gate.lot,
        gate=gate,
        kind=DeviceKind(kind),
        key_prefix=prefix,
        key_hash=hashlib.sha256(secret.encode()).digest(),
        **{"name": f"{kind} {prefix}"} | fields,
    )
    return device, f"pk_{prefix}_{secret}"


def make_ticket(
    lot: Lot, plate: str | None = "ZH 123456", entry_at: dt.datetime | None = None, **fields: Any
) -> Ticket:
    """Make a stay, parked by default: in the lot's first free regular spot, or counted on its first level."""
    from common.plates import normalise, skeleton

    entry_at = entry_at or dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    status = TicketStatus(fields.pop("status", TicketStatus.ACTIVE))
    normalised = normalise(plate)
    if not fields.keys() & {"spot", "level"} and status in OPEN:
        fields |= _first_place(lot)
    elif fields.get("spot") is not None:
        fields = {"level": fields["spot"].level, "spot_type": fields["spot"].spot_type} | fields
    defaults = {
        "number": new_number(secrets.randbelow),
        "token": secrets.token_urlsafe(16),
        "plate": plate,
        "plate_normalised": normalised,
        "plate_skeleton": skeleton(normalised) if normalised else None,
        "priced_as": fields.get("spot_type") or SpotType.REGULAR,
        "tariff": lot.tariffs.current().first(),
        "changed_at": entry_at,
        "changed_why": "made for a test",
    }
    return Ticket.objects.create(lot=lot, status=status, entry_at=entry_at, **defaults | fields)


def make_blackout(lot: Lot, starts_at: dt.datetime, hours: int = 1, **fields: Any) -> Blackout:
    """Make a blackout of all of a lot, whoever stands in the way."""
    times = {"starts_at": starts_at, "ends_at": starts_at + dt.timedelta(hours=hours), "made_at": starts_at}
    return Blackout.objects.create(lot=lot, **{"reason": "Resurfacing"} | times | fields)


def make_reservation(
    lot: Lot,
    plate: str = "ZH 123456",
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
    *,
    spot: Spot | None = None,
    **fields: Any,
) -> Reservation:
    """Make a confirmed booking for the next hour, by the lot's rules; where cars are counted it has the next place."""
    from common.plates import skeleton

    starts_at = starts_at or dt.datetime.now(dt.UTC)
    ends_at = ends_at or starts_at + dt.timedelta(hours=1)
    tariff: Tariff = fields.pop("tariff", None) or lot.tariffs.current().earliest("valid_from")
    if not lot.counts_spots:
        fields = {"level": lot.levels.first(), "place": lot.reservations.count() + 1} | fields
    spot_type = fields.pop("spot_type", SpotType.REGULAR)
    time = BookedTime(starts_at, ends_at)
    defaults = {
        "code": new_booking_code(secrets.randbelow),
        "token": secrets.token_urlsafe(16),
        "plate": plate,
        "plate_normalised": _normalised(plate),
        "plate_skeleton": skeleton(_normalised(plate)),
        "level": spot.level if spot else None,
        "during": promised_period(lot, time),
        "price_amount": priced_for(lot, tariff, spot_type, time, vehicle_type=fields.get("vehicle_type", "regular"))
        .price(time)
        .total,
        "cancel_free_until": starts_at - dt.timedelta(minutes=lot.cancel_minutes),
        **{name: getattr(lot, name) for name in TERMS},
    }
    return Reservation.objects.create(
        lot=lot,
        spot=spot,
        spot_type=spot_type,
        tariff=tariff,
        starts_at=starts_at,
        ends_at=ends_at,
        **defaults | fields,
    )


def make_proof(ticket: Ticket, driver: User, kind: str = "token") -> StayProof:
    """Let an account have proven that a stay is its own."""
    return StayProof.objects.create(
        ticket=ticket, driver=driver, kind=ProofKind(kind), proven_at=dt.datetime.now(dt.UTC)
    )


def make_charge(lot: Lot, due_amount: int = 600, *, at: dt.datetime | None = None, **fields: Any) -> Charge:
    at = at or dt.datetime.now(dt.UTC)
    defaults = {"label": "A stay", "currency": lot.currency, "created_at": at, "assessed_at": at}
    return Charge.objects.create(lot=lot, due_amount=due_amount, **defaults | fields)


def make_shift(person: User, lot: Lot, **fields: Any) -> Shift:
    """Open a till, in a drawer of the person's own, with a float of 100.00."""
    defaults = {"drawer": f"Till {person.pk}", "currency": lot.currency, "float_amount": 10000}
    return Shift.objects.create(
        person=person, lot=lot, **defaults | {"opened_at": dt.datetime.now(dt.UTC) - dt.timedelta(hours=4)} | fields
    )


def make_closed_shift(person: User, lot: Lot, counted: int = 10000, **fields: Any) -> Shift:
    """Open a till with a float of 100.00, count it, and put all of it into the safe."""
    shift, at = make_shift(person, lot, **fields), dt.datetime.now(dt.UTC)
    start_count(shift=shift, by=person, at=at)
    record_count(shift=shift, cash={shift.currency: Counted(counted)}, cards=None, by=person, at=at)
    return close_shift(shift=shift, left_amount=0, note="made for a test", by=person, at=at)


def make_cashier(lot: Lot, **shift: Any) -> User:
    """Make an attendant of the lot's operator with an open till."""
    person = make_user("attendant", lot.operator)
    make_shift(person, lot, **shift)
    return person


def make_promo_code(operator: Operator, code: str = "SUMMER-26", **fields: Any) -> PromoCode:
    """Make a code that takes half off, by default."""
    defaults = {"shown": code, "discount": {"percent": "50"}, "lots": []}
    return create_code(operator=operator, values=defaults | fields, at=now())


def make_merchant(*lots: Lot, name: str | None = None, **fields: Any) -> Merchant:
    """Make a shop whose customers park at these lots."""
    merchant = Merchant.objects.create(operator=lots[0].operator, name=name or f"Shop {next(_next)}", **fields)
    MerchantLot.objects.bulk_create(MerchantLot(merchant=merchant, lot=lot) for lot in lots)
    return merchant


def make_validation_type(merchant: Merchant, discount: dict[str, Any] | None = None, **fields: Any) -> ValidationType:
    """Make what a shop gives: half of the fee, by default."""
    defaults = {"name": f"Kind {next(_next)}", "discount": discount or {"percent": "50"}, "created_at": now()}
    return ValidationType.objects.create(merchant=merchant, **defaults | fields)


def make_validator(merchant: Merchant, **fields: Any) -> User:
    """Make a person of a shop."""
    user = make_user(**fields)
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    Membership.objects.create(user=user, operator=merchant.operator, role=Role.VALIDATOR, merchant=merchant)
    return user


def make_vehicle(owner: User, plate: str = "ZH 123456", **fields: Any) -> Vehicle:
    return Vehicle.objects.create(owner=owner, plate=plate, plate_normalised=_normalised(plate), **fields)


def make_saved_method(owner: User, reference: str = "tok_ok", **fields: Any) -> SavedMethod:
    """Save a card of the simulated provider; its test token decides what charging it does."""
    defaults = {"provider": "simulated", "label": "Visa ending 4242", "created_at": dt.datetime.now(dt.UTC)}
    return SavedMethod.objects.create(owner=owner, reference=reference, **defaults | fields)


def make_agreement(
    vehicle: Vehicle, card: SavedMethod | None = None, limit_amount: int = 5000, **fields: Any
) -> AutomaticPayment:
    """Let a vehicle's owner have agreed yesterday that it is charged automatically."""
    defaults = {
        "currency": "CHF",
        "agreed_at": dt.datetime.now(dt.UTC) - dt.timedelta(days=1),
        "plate": vehicle.plate,
        "plate_normalised": vehicle.plate_normalised,
    }
    return AutomaticPayment.objects.create(
        driver=vehicle.owner,
        vehicle=vehicle,
        saved_method=card or make_saved_method(vehicle.owner),
        limit_amount=limit_amount,
        **defaults | fields,
    )


def make_automatic_payment(lot: Lot, agreement: AutomaticPayment, amount: int = 900, **fields: Any) -> Payment:
    """Let an agreement have been charged for a charge of a stay."""
    at = dt.datetime.now(dt.UTC)
    return Payment.objects.create(
        charge=fields.pop("charge", None) or make_charge(lot, amount, settled_at=at),
        method=PaymentMethod.CARD,
        state=PaymentState.CAPTURED,
        amount=amount,
        captured_amount=amount,
        provider="simulated",
        idempotency_key=f"automatic-{secrets.token_hex(8)}",
        automatic=agreement,
        saved_method=agreement.saved_method,
        created_at=at,
        finished_at=at,
        **fields,
    )


def make_objection(lot: Lot, vehicle: Vehicle) -> Objection:
    """Let the owner of a vehicle have said that an automatic payment was not theirs."""
    payment = make_automatic_payment(lot, make_agreement(vehicle))
    return Objection.objects.create(payment=payment, raised_at=dt.datetime.now(dt.UTC))


def zone_of_another_day() -> str:
    """A time zone in which it is another day at present than in UTC."""
    return "Pacific/Kiritimati" if dt.datetime.now(dt.UTC).hour >= 12 else "Pacific/Pago_Pago"


def make_permit(operator: Operator, plate: str = "ZH 123456", **fields: Any) -> Permit:
    return Permit.objects.create(
        operator=operator, plate=plate, plate_normalised=_normalised(plate), **{"valid_from": LONG_AGO} | fields
    )


def make_blocked_plate(operator: Operator, plate: str = "ZH 123456", **fields: Any) -> BlockedPlate:
    defaults = {"reason": "made for a test", "blocked_at": dt.datetime.now(dt.UTC)}
    return BlockedPlate.objects.create(
        operator=operator, plate=plate, plate_normalised=_normalised(plate), **defaults | fields
    )


def _first_place(lot: Lot) -> dict[str, Any]:
    if lot.counts_spots:
        spot = lot.spots.available().filter(spot_type=SpotType.REGULAR).select_related("level").first()
        return {"spot": spot, "level": spot.level, "spot_type": spot.spot_type} if spot else {}
    count_row = lot.counts.filter(free__gt=0).select_related("level").first()
    return {"level": count_row.level, "spot_type": count_row.spot_type} if count_row else {}


def _normalised(plate: str) -> str:
    from common.plates import normalise

    return normalise(plate) or ""
