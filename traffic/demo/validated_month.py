"""A café and a cinema that lower the fees of their customers, with a month of validations and an invoice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from accounts.models import Membership, Merchant, Operator, Role, User
from accounts.people import set_up_person
from accounts.services import rename_person
from billing.documents.issuing import issue_receipts
from billing.models import Payment, PromoCode
from billing.services import CodeUser, create_code, take_use
from lots.calendar import zone_of
from lots.models import Lot
from merchants.models import ValidationType
from merchants.services import add_merchant, add_type, give_validation, invoice_merchants, reckon_validations
from tickets.fees import undiscounted_price
from tickets.models import Ticket
from traffic.demo.backfill import Visit
from traffic.demo.given_vouchers import give_vouchers
from traffic.demo.paid_stays import open_stay, pay_and_leave
from traffic.demo.personas import PASSWORD, VALIDATOR, People
from traffic.demo.planning import Bay, PlannedStay
from traffic.demo.rhythm import Car

DAYS = 40
"""So that there is always a month before with some of them."""
CODE = "WELCOME-10"
CODE_USES = 3


@dataclass(slots=True)
class ValidatedMonth:
    """The validated stays, for the gates' events, and their payments, whose receipts come after all others."""

    visits: list[Visit] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    def issue_documents(self, *, at: datetime) -> None:
        """Give each payment its receipt, and the merchants their invoices."""
        for payment in self.payments:
            issue_receipts([payment], at=payment.created_at)
        reckon_validations(at=at)
        invoice_merchants(at=at)


def write_validated_month(lot: Lot, *, people: People, at: datetime, random: Random) -> ValidatedMonth:
    """Write merchants with their types and people, the stays that they validated, a promo code in use, and vouchers."""
    month, operator = ValidatedMonth(), lot.operator
    begun = at - timedelta(days=DAYS + 5)
    cafe = _merchant(operator, lot, "Café Rosso", "Rosso Gastro AG", begun)
    cinema = _merchant(operator, lot, "Kino Corso", "Corso Lichtspiele GmbH", begun)
    coffee = _type(cafe, "Coffee and cake", {"free_minutes": 60}, begun, budget_kind="number", budget_limit=200)
    lunch = _type(cafe, "Lunch", {"amount": 200}, begun, budget_kind="amount", budget_limit=40000, stackable=True)
    film = _type(cinema, "Film", {"percent": "50"}, begun, by_code=True, share_percent=50)
    _person(cinema, "kasse@demo.example", "Luca Meier", begun)
    person = _person(cafe, VALIDATOR, "Sofia Bianchi", begun)
    for number, (stay, kind) in enumerate(_planned(lot, at, random, (coffee, lunch, film))):
        by = person if kind.merchant_id == cafe.pk else None
        _stay(stay, kind, person=by, month=month, ticket=open_stay(lot, stay, random))
        if number < CODE_USES:
            _with_code(lot, stay, number, month, random)
    for visit, payments in give_vouchers(lot, people=people, at=at, random=random):
        _leave(visit, payments, month)
    return month


def _merchant(operator: Operator, lot: Lot, name: str, company: str, at: datetime) -> Merchant:
    values = {
        "name": name,
        "legal_name": company,
        "country": "CH",
        "email": f"{company.split(maxsplit=1)[0].lower()}@demo.example",
    }
    return add_merchant(operator=operator, values=values, lots=[lot], at=at)


def _type(merchant: Merchant, name: str, discount: dict[str, object], at: datetime, **more: object) -> ValidationType:
    return add_type(merchant=merchant, values={"name": name, "discount": discount} | more, at=at)


def _person(merchant: Merchant, email: str, name: str, at: datetime) -> User:
    person = set_up_person(email=email, role="driver", password=PASSWORD)
    rename_person(person=person, name=name)
    Membership.objects.create(user=person, operator=merchant.operator, role=Role.VALIDATOR, merchant=merchant, since=at)
    return person


def _planned(
    lot: Lot, at: datetime, random: Random, kinds: tuple[ValidationType, ...]
) -> Iterator[tuple[PlannedStay, ValidationType]]:
    """Yield a stay and what it got for most days: at noon in the café, in the evening in the cinema."""
    zone, bay = zone_of(lot), _bay(lot)
    for days in range(DAYS, 1, -1):
        day = (at - timedelta(days=days)).astimezone(zone).date()
        kind = kinds[days % len(kinds)]
        hour = 19 if kind is kinds[-1] else 11
        entry_at = datetime.combine(day, time(hour, random.randrange(60)), zone)
        exit_at = entry_at + timedelta(minutes=random.randrange(125, 200))
        yield PlannedStay(Car(f"SG {20000 + days * 37}"), bay, entry_at, exit_at), kind


def _bay(lot: Lot) -> Bay:
    """Return a place of which past events can tell; nobody stands there any more."""
    spot = lot.spots.filter(spot_type="regular").order_by("ordinal")[1]
    return Bay(spot.ordinal, spot.spot_type, spot.level_id, spot.pk)


def _stay(
    stay: PlannedStay, kind: ValidationType, *, person: User | None, month: ValidatedMonth, ticket: Ticket
) -> None:
    given_at = stay.exit_at - timedelta(minutes=20)
    give_validation(kind=kind, ticket=ticket, at=given_at, by=person, how="person" if person else "code")
    ticket.refresh_from_db(fields=["discounts"])
    visit, payment = pay_and_leave(ticket, stay, ending="paid")
    _leave(visit, [payment], month)


def _with_code(lot: Lot, beside: PlannedStay, number: int, month: ValidatedMonth, random: Random) -> None:
    """Let a car that came a little later pay online with the promo code."""
    code = PromoCode.objects.filter(operator=lot.operator_id).first() or create_code(
        operator=lot.operator,
        values={
            "shown": CODE,
            "discount": {"percent": "10"},
            "lots": [],
            "max_uses": 500,
            "max_uses_per_person": 1,
            "stackable": True,
        },
        at=beside.entry_at - timedelta(days=2),
    )
    late = timedelta(minutes=7)
    stay = PlannedStay(Car(f"LU {31000 + number}"), beside.bay, beside.entry_at + late, beside.exit_at + late)
    ticket = open_stay(lot, stay, random)
    use = take_use(code=code, by=CodeUser(plate=ticket.plate_normalised or ""), at=stay.exit_at)
    ticket.discounts = [use.as_discount()]
    visit, payment = pay_and_leave(ticket, stay, ending="paid")
    use.charge, use.payment = payment.charge, payment
    use.off_amount = use.lowered_amount = undiscounted_price(ticket, stay.exit_at).total - payment.amount
    use.save()
    _leave(visit, [payment], month)


def _leave(visit: Visit, payments: list[Payment], month: ValidatedMonth) -> None:
    month.visits.append(visit)
    month.payments += payments
