"""The demo's past shifts: four cashiers take turns at one till, which two of them leave short; the last one is open."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import Operator, User
from accounts.people import set_up_person
from accounts.services import rename_person
from billing.models import CashMovement, MovementKind, Payment, PaymentMethod, Shift, ShiftCount, ShiftState, TenderKind
from lots.models import Lot

COLLEAGUES = {
    "dario@demo.example": "Dario Meier",
    "eva@demo.example": "Eva Huber",
    "fatma@demo.example": "Fatma Yilmaz",
}
DRAWER = "1"
FLOAT = 20000
LENGTH = timedelta(hours=8)
LASTS = LENGTH - timedelta(seconds=1)
OPEN_SINCE = timedelta(hours=3)
FEWEST_TURNS = 6
SHORT = {2: (-200, ""), 4: (-2000, "Gave change for 50 on a note of 20, I think")}
"""What is missing in which turn, counted back from the open one, and what its cashier noted."""
TOLERANCE = 500


def put_into_drawers(lot: Lot, payments: Iterable[Payment], *, attendant: User, at: datetime) -> None:
    """Write the shifts until `at` and give each payment that was taken at a desk its shift and cashier; unsaved yet."""
    Operator.objects.filter(pk=lot.operator_id).update(till_tolerance=TOLERANCE)
    at_desk = sorted((one for one in payments if one.taken_by_id is not None), key=lambda one: one.created_at)
    turns = _turns(lot, [attendant, *_colleagues(lot.operator)], at, since=at_desk[0].created_at if at_desk else at)
    taken: dict[int, list[Payment]] = {shift.pk: [] for shift in turns}
    for payment in at_desk:
        payment.shift = next(shift for shift in turns if shift.opened_at <= payment.created_at)
        payment.taken_by = payment.shift.person
        taken[payment.shift.pk].append(payment)
    for turn, shift in enumerate(turns[1:], 1):
        _put_away(shift, taken[shift.pk], SHORT.get(turn, (0, ""))[0])


def _colleagues(operator: Operator) -> list[User]:
    people = [set_up_person(email=email, role="attendant", operator=operator.slug) for email in COLLEAGUES]
    return [rename_person(person=person, name=COLLEAGUES[person.email]) for person in people]


def _turns(lot: Lot, cashiers: list[User], at: datetime, *, since: datetime) -> list[Shift]:
    """Write the shifts from `since` on, the open one first; each follows the one before, whose float it took over."""
    turns: list[Shift] = []
    for turn in reversed(range(max(FEWEST_TURNS, (at - since) // LENGTH + 2))):
        opened_at = at - OPEN_SINCE - turn * LENGTH
        ended_at = opened_at + LASTS if turn else None
        shift = Shift.objects.create(
            person=cashiers[turn % len(cashiers)],
            lot=lot,
            drawer=DRAWER,
            currency=lot.currency,
            state=ShiftState.CLOSED if turn else ShiftState.OPEN,
            float_amount=FLOAT,
            follows=turns[0] if turns else None,
            opened_at=opened_at,
            counting_at=ended_at,
            counted_at=ended_at,
            closed_at=ended_at,
            closed_by=cashiers[turn % len(cashiers)] if turn else None,
            note=SHORT.get(turn, (0, ""))[1],
        )
        turns.insert(0, shift)
    return turns


def _put_away(shift: Shift, taken: list[Payment], off: int) -> None:
    """Count a closed shift, leave the float in its drawer and put the rest into the safe."""
    at = shift.opened_at + LASTS
    cash = sum(one.captured_amount for one in taken if one.method == PaymentMethod.CASH)
    cards = sum(one.captured_amount for one in taken if one.method != PaymentMethod.CASH)
    counted = {TenderKind.CASH: (FLOAT + cash + off, FLOAT + cash), TenderKind.CARD: (cards, cards)}
    ShiftCount.objects.bulk_create(
        ShiftCount(
            shift=shift,
            round=1,
            tender=tender,
            currency=shift.currency,
            counted_amount=amount,
            expected_amount=expected,
            counted_by=shift.person,
            counted_at=at,
        )
        for tender, (amount, expected) in counted.items()
    )
    moved = {MovementKind.HANDED_OVER: min(FLOAT, FLOAT + cash + off), MovementKind.DROP: max(0, cash + off)}
    CashMovement.objects.bulk_create(
        CashMovement(
            shift=shift,
            kind=kind,
            amount=amount,
            closes_round=1,
            moved_by=shift.person,
            idempotency_key=f"demo-{shift.pk}-{kind.value}",
            created_at=at,
        )
        for kind, amount in moved.items()
        if amount
    )
