"""Giving a validation to a stay, and taking it back."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.db.rows import add_unless_taken
from common.errors import ConflictError, DomainError
from common.plate_hashes import spellings
from lots.calendar import local_day
from lots.services import lock_lot
from merchants.models import BudgetKind, GivenHow, Validation, ValidationBudget, ValidationType
from tickets.models import Ticket, TicketStatus
from tickets.queries import TicketNotFoundError
from tickets.services import lock_stay
from tickets.services.discounts import add_discount, remove_discount, require_open, require_stackable

WITHDRAWN_WITHIN = timedelta(minutes=10)


class ValidationLimitError(ConflictError):
    """The stay, or its plate, has got this as often as it may."""

    code = "validation_limit"


class BudgetUsedUpError(ConflictError):
    """The month's budget of the type is used up."""

    code = "budget_used_up"


class ValidationKeyUsedError(DomainError):
    """The idempotency key was used for something else."""

    code = "idempotency_key_reused"


class TooLateToWithdrawError(ConflictError):
    """A validation can be withdrawn for ten minutes, until the lower fee is paid."""

    code = "too_late_to_withdraw"


@transaction.atomic
def give_validation(  # noqa: PLR0913 - the facts of one row
    *,
    kind: ValidationType,
    ticket: Ticket,
    at: datetime,
    by: User | None,
    how: str = GivenHow.PERSON,
    idempotency_key: str | None = None,
) -> Validation:
    """Lower the fee of a car that is inside from now on; what was paid already is not given back.

    Takes the lot's lock, so that a lane decides before or after it. The same key gives the first answer. Raises
    StayOverError, ValidationLimitError, NotStackableError and BudgetUsedUpError (all 409), ValidationKeyUsedError, and
    TicketNotFoundError for a lot that is not the merchant's or a type that is not offered any more.
    """
    lock_lot(ticket.lot_id)
    earlier = _earlier(idempotency_key, kind, ticket)
    if earlier is not None:
        return earlier
    kind = _offered(kind, ticket)
    stay = lock_stay(ticket)
    require_open(stay.ticket)
    _require_within_limits(kind, stay.ticket, how, at)
    given = Validation(
        type=kind,
        ticket=stay.ticket,
        month=month_of(stay.ticket, at),
        how=GivenHow(how),
        given_by=by,
        given_at=at,
        idempotency_key=idempotency_key,
    )
    require_stackable(stay.ticket, given.as_discount())
    _use_budget(given)
    # The lot's lock keeps out only validations of the same lot; the key may come for a stay of another at this instant.
    if not add_unless_taken(given, "idempotency_key"):
        raise _key_used()
    add_discount(stay, given.as_discount(), at=at, why=f"{kind.merchant.name}: {kind.name}"[:200], by=by)
    return given


def may_withdraw(given: Validation, at: datetime) -> bool:
    """Return whether a validation is young enough to be withdrawn, and the lower fee has not been paid since.

    A stay that is paid may leave without paying more: what was spared would be lost.
    """
    paid_at = given.ticket.paid_at if given.ticket.status == TicketStatus.PAID else None
    was_paid = paid_at is not None and paid_at >= given.given_at
    return given.withdrawn_at is None and at <= given.given_at + WITHDRAWN_WITHIN and not was_paid


@transaction.atomic
def withdraw_validation(*, given: Validation, at: datetime, by: User | None) -> Validation:
    """Take a validation back that was given within ten minutes to a car still inside. Idempotent.

    Raises StayOverError and TooLateToWithdrawError (409).
    """
    ticket = Ticket.objects.get(pk=given.ticket_id)
    lock_lot(ticket.lot_id)
    stay = lock_stay(ticket)
    given = Validation.objects.select_related("type__merchant").get(pk=given.pk)
    if given.withdrawn_at is not None:
        return given
    require_open(stay.ticket)
    given.ticket = stay.ticket
    if not may_withdraw(given, at) or given.invoice_id is not None:
        raise TooLateToWithdrawError(_("This can be undone for ten minutes, until the lower fee is paid."))
    _give_budget_back(given)
    given.withdrawn_at, given.withdrawn_by = at, by
    # It was reckoned if the stay was over in between and its exit was taken back.
    given.taken_off = given.share_amount = given.ended_at = None
    given.save(update_fields=["withdrawn_at", "withdrawn_by", "taken_off", "share_amount", "ended_at"])
    why = f"{given.type.merchant.name}: {given.type.name} withdrawn"
    remove_discount(stay, given.key, at=at, why=why[:200], by=by)
    return given


def month_of(ticket: Ticket, at: datetime) -> date:
    """Return the first day of the month in which a stay's lot is."""
    return local_day(ticket.lot, at).replace(day=1)


def _earlier(key: str | None, kind: ValidationType, ticket: Ticket) -> Validation | None:
    """Return the validation that a key stands for already. Raises ValidationKeyUsedError for another wish."""
    if key is None:
        return None
    earlier = Validation.objects.select_related("type__merchant", "ticket__lot").filter(idempotency_key=key).first()
    if earlier is not None and (earlier.type_id, earlier.ticket_id) != (kind.pk, ticket.pk):
        raise _key_used()
    return earlier


def _key_used() -> ValidationKeyUsedError:
    return ValidationKeyUsedError(_("This key was used for another validation."))


def _offered(kind: ValidationType, ticket: Ticket) -> ValidationType:
    offered = ValidationType.objects.offered().select_related("merchant").filter(pk=kind.pk)
    found = offered.filter(merchant__places__lot=ticket.lot_id).first()
    if found is None:
        raise TicketNotFoundError(_("This is not offered for this stay."))
    return found


def _require_within_limits(kind: ValidationType, ticket: Ticket, how: str, at: datetime) -> None:
    standing = Validation.objects.standing().filter(type=kind)
    most = 1 if how == GivenHow.CODE else kind.max_per_stay
    if standing.filter(ticket=ticket).count() >= most:
        raise ValidationLimitError(_("This stay has it already."))
    if kind.max_per_plate is None or not ticket.plate_normalised:
        return
    plates = spellings(ticket.plate_normalised, ticket.lot.operator_id)
    of_plate = standing.filter(ticket__plate_normalised__in=plates, month=month_of(ticket, at))
    if of_plate.count() >= kind.max_per_plate:
        raise ValidationLimitError(_("This car has got it as often this month as it may."))


def _use_budget(given: Validation) -> None:
    kind = given.type
    if kind.budget_kind == BudgetKind.NONE or kind.budget_limit is None:
        return
    ValidationBudget.objects.get_or_create(type=kind, month=given.month, defaults={"limit": kind.budget_limit})
    budget = ValidationBudget.objects.select_for_update().get(type=kind, month=given.month)
    if budget.used + kind.worth > budget.limit:
        raise BudgetUsedUpError(_("This month’s budget is used up."))
    budget.used += kind.worth
    budget.save(update_fields=["used"])


def _give_budget_back(given: Validation) -> None:
    budget = ValidationBudget.objects.select_for_update().filter(type=given.type_id, month=given.month).first()
    if budget is not None:
        budget.used = max(0, budget.used - given.type.worth)
        budget.save(update_fields=["used"])
