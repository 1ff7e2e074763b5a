"""Debts, refunds and blocks as the desk finds and shows them, and why no card pays for a stay."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.timezone import now

from accounts.access import Person
from accounts.models import BlockedPlate
from billing.models import Debt, DebtQuerySet, Payment, PaymentMethod, PaymentState, Refund, RefundRequest
from common.plates import skeleton
from common.regions import regions_meet
from gates.decision import MAX_DECLINES, DebtCause
from lots.access import lots_visible_to
from lots.calendar import local_day
from lots.models import Lot
from tickets.models import Ticket
from tickets.queries import stays_inside

MOST_DEBTS_SHOWN = 5
ATTEMPTS_COUNT = timedelta(minutes=15)
"""How long failed cards count as one attempt to pay."""


def left_owing(lot: Lot, person: Person, *, plate: str = "", number: str = "", limit: int) -> list[Ticket]:
    """Return stays of the lot's operator that left owing, by a part of their plate or number; newest debt first.

    Only those at lots of the person who works at the desk.
    Confusable characters of the plate as read count as equal. Without either part nothing is found.
    """
    wanted = Q(charge__ticket__number__contains=number) if number else Q()
    if plate:
        like = Q(charge__ticket__plate_skeleton__contains=skeleton(plate)) | Q(plate_normalised__contains=plate)
        wanted |= like
    if not wanted:
        return []
    debts = _debts_at_work(lot, person).filter(wanted, charge__ticket__isnull=False)
    return _stays_of(debts.order_by("-created_at", "-id")[:limit])


def debts_of(ticket: Ticket, person: Person) -> list[Debt]:
    """Return the other debts of a stay's plate at its operator, newest first, each with its stay and lot.

    Only those at lots of the person who works at the desk; where the lot tells cars by their region, only those that
    may be of this car.
    """
    if ticket.plate_normalised is None:
        return []
    debts = _debts_at_work(ticket.lot, person).filter(plate_normalised=ticket.plate_normalised)
    others = debts.filter(charge__ticket__isnull=False).exclude(charge=ticket.charge_id)
    newest = others.select_related("charge__ticket", "charge__lot").order_by("-created_at", "-id")
    return [debt for debt in newest if regions_meet(ticket.plate_region, debt.region)][:MOST_DEBTS_SHOWN]


def block_of(ticket: Ticket) -> BlockedPlate | None:
    """Return the block that stops a stay's plate at its lot today; one by a person before one for debts."""
    if ticket.plate_normalised is None:
        return None
    today = local_day(ticket.lot, now())
    stopping = BlockedPlate.objects.stopping(lot_id=ticket.lot_id, day=today)
    blocks = stopping.filter(plate_normalised=ticket.plate_normalised)
    return blocks.filter(operator=ticket.lot.operator_id).select_related("operator").order_by("for_debts").first()


def _debts_at_work(lot: Lot, person: Person) -> DebtQuerySet:
    return Debt.objects.open().filter(operator=lot.operator_id, charge__lot__in=lots_visible_to(person))


def stay_inside(lot: Lot, ticket: Ticket) -> Ticket | None:
    """Return the stay of the same plate that is inside this lot."""
    return next(iter(stays_inside(lot.pk, ticket.plate_normalised, ticket.region)), None)


def refunds_of(ticket: Ticket) -> dict[str, object]:
    """Return the refunds of a stay that wait: for a second person, and for somebody who hands them over."""
    asked = RefundRequest.objects.waiting().filter(payment__charge=ticket.charge_id).select_related("requested_by")
    approved = Refund.objects.to_pay_out().filter(payment__charge=ticket.charge_id)
    return {
        "waiting_refunds": list(asked),
        "refunds_to_pay_out": list(approved.select_related("request__decided_by").order_by("id")),
    }


def why_no_card_pays(ticket: Ticket, at: datetime) -> str:
    """Return why cards don't pay for a stay, so that the attendant has to choose; else an empty text.

    That is after a second decline at the desk, or when the last card paid only a part or got no answer.
    """
    if ticket.charge_id is None:
        return ""
    tried = Payment.objects.filter(charge=ticket.charge_id, method=PaymentMethod.CARD, taken_by__isnull=False)
    failed = tried.filter(~Q(failure="") | Q(state=PaymentState.PENDING), created_at__gt=at - ATTEMPTS_COUNT)
    failures = list(failed.order_by("-created_at", "-id").values_list("failure", flat=True)[:MAX_DECLINES])
    if not failures or failures == ["declined"]:
        return ""
    if failures.count("declined") == MAX_DECLINES:
        return DebtCause.DECLINED
    return DebtCause.PARTIAL if "partial" in failures else DebtCause.UNAVAILABLE


def _stays_of(debts: DebtQuerySet) -> list[Ticket]:
    loaded = debts.select_related("charge__ticket__lot", "charge__ticket__level", "charge__ticket__spot")
    return [debt.charge.ticket for debt in loaded]
