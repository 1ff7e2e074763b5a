"""Reads of stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.erasure import addresses_of
from accounts.models import User
from billing.models import Charge, Document
from common.errors import NotFoundError
from common.plates import PlateError, normalise, skeleton
from common.regions import regions_meet
from lots.models import Lot
from passes.models import PassPeriod
from reservations.services import bookings_of
from tickets.fees import Fee, fee_of
from tickets.models import Ticket, TicketQuerySet, TicketStatus, proven_halves
from tickets.numbers import InvalidNumberError, is_token, parse_number, parse_reference


class TicketNotFoundError(NotFoundError):
    """No stay has this number or token."""

    code = "ticket_not_found"


def with_fee_parts() -> TicketQuerySet:
    """Return tickets with everything that their fee needs."""
    return Ticket.objects.select_related(
        "lot", "tariff", "charge", "reservation__tariff", "reservation__charge", "held_pass", "spot", "level"
    )


def stays_named(text: str, *, of: str = "") -> Q:
    """Match a whole ticket number, or part of a plate; confusable characters count as equal.

    `of` is the path to the stay from the rows that are asked for, with `__` at its end.
    """
    try:
        return Q(**{f"{of}number": parse_number(text)})
    except InvalidNumberError:
        pass
    try:
        plate = normalise(text)
    except PlateError:
        plate = None
    return Q(**{f"{of}plate_skeleton__contains": skeleton(plate)}) if plate else Q(pk=None)


def find_ticket(number_or_token: str) -> Ticket:
    """Return the stay with a typed number or a link's token.

    Raises TicketNotFoundError, also for mistyped numbers, so that a stranger can't tell the difference.
    """
    found = with_fee_parts().filter(**_lookup(number_or_token)).first()
    if found is None:
        raise TicketNotFoundError(_("No ticket has this number. Check it and try again."))
    return found


def stays_inside(lot_id: int, plate: str | None, region: str | None) -> list[Ticket]:
    """Return the open stays of a lot that a normalised plate may be of: all of it, or those that meet its region.

    `region` counts only where the lot tells cars by it: elsewhere open stays are told by none.
    """
    if plate is None:
        return []
    inside = Ticket.objects.filter(lot=lot_id, plate_normalised=plate).open()
    return [ticket for ticket in inside if regions_meet(region, ticket.plate_region)]


def stays_by_plate(lot: Lot, plate: str, since: datetime, until: datetime) -> list[int]:
    """Return the keys of the open stays of a lot with a normalised plate that came from `since` to before `until`.

    No more than two: one is an answer, two are none.
    """
    inside = Ticket.objects.filter(lot=lot, plate_normalised=plate).open().order_by()
    return list(inside.filter(entry_at__gte=since, entry_at__lt=until).values_list("pk", flat=True)[:2])


def open_stay(ticket_id: int) -> Ticket | None:
    """Return an open stay with what its fee needs; None when there is none with this key, or it is over."""
    return with_fee_parts().open().filter(pk=ticket_id).first()


def proven_pairs(drivers: Sequence[int]) -> QuerySet[Any, Any]:
    """Return the keys of some drivers, each with those of the stays that `TicketQuerySet.proven_by` keeps of it."""
    proofs, booked = proven_halves(drivers)
    return proofs.values("driver", "ticket").union(booked.values("reservation__driver", "pk"))


def prover_of(ticket: Ticket) -> int | None:
    """Return the key of the one account that a car at an exit can be told to be of; None when there is none.

    It alone has proven this stay or, while nobody has, stays that its plate had before (`prover_of_plate`).
    """
    provers = Ticket.objects.filter(pk=ticket.pk).provers()
    if not provers and ticket.plate_normalised:
        return prover_of_plate(ticket.plate_normalised)
    return provers.pop() if len(provers) == 1 else None


def prover_of_plate(plate: str) -> int | None:
    """Return the key of the account that alone has proven stays of a normalised plate; None when there is none.

    Of stays whose plate was read or typed again, the plate proves nothing.
    """
    stays = Ticket.objects.filter(plate_normalised=plate, plate_corrections=None).exclude(status=TicketStatus.VOID)
    provers = stays.provers()
    return provers.pop() if len(provers) == 1 else None


def charges_about(person: User) -> QuerySet[Charge]:
    """Return the charges of a person: of stays that the account has proven, of what it has booked, of its passes."""
    stays = Ticket.objects.proven_by(person).values("pk")
    booked = bookings_of(person, addresses_of(person)).exclude(charge=None).values("charge")
    passes = PassPeriod.objects.filter(held_pass__holder=person).exclude(charge=None)
    return Charge.objects.filter(Q(ticket__in=stays) | Q(pk__in=booked) | Q(pk__in=passes.values("charge")))


def documents_about(person: User) -> QuerySet[Document]:
    """Return the documents of a person's charges: receipts, invoices, and what corrects them."""
    charges, by_cause = charges_about(person).values("pk"), Q()
    for charge in ("payments__charge", "refunds__payment__charge", "debts__charge", "about__debts__charge"):
        by_cause |= Q(**{f"{charge}__in": charges})
    return Document.objects.filter(pk__in=Document.objects.filter(by_cause).values("pk"))


def fee_now(ticket: Ticket, at: datetime) -> Fee:
    """Return the fee of a stay at `at`, and what is owed of it."""
    return fee_of(ticket, at)


def _lookup(text: str) -> dict[str, str]:
    try:
        reference = parse_reference(text)
    except InvalidNumberError:
        return {"number": ""}
    return {"token" if is_token(reference) else "number": reference}
