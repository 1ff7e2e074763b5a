"""Using promo codes: the last use is given once, and a use that lowered nothing is given back."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Operator, User
from billing.models import Charge, Payment, PromoCode, PromoUse
from billing.models.promo_codes import LONGEST_CODE
from billing.signals import code_used
from common.db.constraints import refused_by
from common.errors import ConflictError, DomainError, FieldError, InvalidValueError
from lots.calendar import local_day
from lots.models import Lot

PATH = "promo_code"


class CodeExistsError(ConflictError):
    """The operator has a code that is typed the same."""

    code = "promo_code_exists"


class CodeUsedUpError(ConflictError):
    """A code has no use left, in all or for this person."""

    code = "promo_code_used_up"

    def __init__(self, message: str) -> None:
        super().__init__(message, errors=[FieldError(PATH, message)])


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeUser:
    """Who uses a code: the account, the address and the normalised plate, as far as they are known."""

    person: User | None = None
    email: str = ""
    plate: str = ""

    def own_uses(self) -> Q:
        """Return the uses of the same person, whichever of the three shows it."""
        own = Q(pk__in=[])
        own |= Q(person=self.person) if self.person else Q(pk__in=[])
        own |= Q(email=self.email.lower()) if self.email else Q(pk__in=[])
        return own | Q(plate=self.plate) if self.plate else own


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWish:
    """A use to take with a payment: by whom, and what it takes off at most (minor units)."""

    code: PromoCode
    by: CodeUser
    off_amount: int


def fold_code(typed: str) -> str:
    """Return a code as it is compared: without case, dashes, spaces and invisible characters."""
    kept = "".join(one for one in unicodedata.normalize("NFKC", typed) if unicodedata.category(one)[0] in "LN")
    return kept.upper()


def find_code(lot: Lot, typed: str, *, at: datetime) -> PromoCode:
    """Return the code that a text means at a lot now, locking nothing.

    Raises InvalidValueError, in the same words for all that are not valid there.
    """
    folded = fold_code(typed)[: LONGEST_CODE + 1]
    code = PromoCode.objects.filter(operator=lot.operator_id, code=folded, ended_at=None).first() if folded else None
    day = local_day(lot, at)
    if code is None or (code.valid_from or day) > day or (code.valid_until or day) < day or not _is_for(code, lot):
        raise InvalidValueError(_("This code is not valid here."), path=PATH)
    return code


def check_uses(code: PromoCode, by: CodeUser) -> None:
    """Raise CodeUsedUpError when a code has no use left for a person; sure only while the code is locked."""
    uses = PromoUse.objects.standing().filter(code=code)
    if code.max_uses is not None and uses.count() >= code.max_uses:
        raise CodeUsedUpError(_("This code has been used up."))
    if code.max_uses_per_person is not None and uses.filter(by.own_uses()).count() >= code.max_uses_per_person:
        raise CodeUsedUpError(_("You have used this code already."))


@transaction.atomic
def take_use(
    *, code: PromoCode, by: CodeUser, at: datetime, charge: Charge | None = None, off_amount: int = 0
) -> PromoUse:
    """Take a use of a code, in the transaction of what it lowers. Raises CodeUsedUpError."""
    code = PromoCode.objects.select_for_update().get(pk=code.pk)
    if code.ended_at is not None:
        raise CodeUsedUpError(_("This code has been used up."))
    check_uses(code, by)
    return PromoUse.objects.create(
        code=code,
        discount=code.discount,
        charge=charge,
        off_amount=off_amount,
        person=by.person,
        email=by.email.lower(),
        plate=by.plate,
        taken_at=at,
    )


def attach_use(use: PromoUse, payment: Payment) -> None:
    """Let a use be that of a payment that was just written."""
    use.payment = payment
    use.save(update_fields=["payment"])


def give_use_back(*, use_id: int, at: datetime) -> None:
    """Give a use back that lowered nothing after all. Idempotent."""
    PromoUse.objects.standing().filter(pk=use_id, lowered_amount=None).update(given_back_at=at)


def give_back_of(payment: Payment, at: datetime) -> None:
    """Give back the use of a payment that failed, if it has one. Idempotent."""
    use = _use_of(payment)
    if use is not None:
        give_use_back(use_id=use.pk, at=at)


def lower_by_code(charge: Charge, payment: Payment, at: datetime) -> None:
    """Lower a locked charge by the code of a payment that was captured, before what it brought is counted.

    Where others have paid meanwhile, no more than what is still owed; where nothing is, the use is given back.
    """
    use = _use_of(payment)
    if use is not None and use.given_back_at is None and use.lowered_amount is None:
        lower_by_use(charge, use, at)


def _use_of(payment: Payment) -> PromoUse | None:
    """Return the use that a payment was loaded with; None when it has none."""
    return getattr(payment, "promo_use", None)


def lower_by_use(charge: Charge, use: PromoUse, at: datetime) -> None:
    """Lower a locked charge by a use; what it is for gets the discount by `code_used`, else the use is given back."""
    off = min(use.off_amount, int(charge.balance_amount))
    if off <= 0 or not _is_taken(charge, use, at):
        give_use_back(use_id=use.pk, at=at)
        return
    charge.due_amount -= off
    charge.lines = [*charge.lines, {"label": use.code.shown, "amount": -off} | _span_of(charge)]
    charge.save(update_fields=["due_amount", "lines"])
    charge.balance_amount -= off  # as the database has it by now
    use.lowered_amount = off
    use.save(update_fields=["lowered_amount"])


def _is_taken(charge: Charge, use: PromoUse, at: datetime) -> bool:
    """Return whether what a charge is for takes a code's discount; it may have got others that don't go with it."""
    try:
        code_used.send(sender=PromoUse, charge=charge, use=use, at=at)
    except DomainError:
        return False
    return True


@transaction.atomic
def create_code(*, operator: Operator, values: Mapping[str, Any], at: datetime) -> PromoCode:
    """Make a code from what is given by field name, `lots` among it. Raises CodeExistsError."""
    given = dict(values)
    lots, folded = given.pop("lots"), fold_code(given["shown"])
    message = _("There is a code that is typed the same.")
    with refused_by("promo_code_once_per_operator", CodeExistsError(message, errors=[FieldError("shown", message)])):
        code = PromoCode.objects.create(operator=operator, code=folded, created_at=at, **given)
        code.lots.set(lots)
    return code


def end_code(*, code: PromoCode, at: datetime) -> None:
    """Let a code be used no more; those who have used it keep what it took off. Idempotent."""
    PromoCode.objects.filter(pk=code.pk, ended_at=None).update(ended_at=at)


def _is_for(code: PromoCode, lot: Lot) -> bool:
    lots = {found.pk: found.currency for found in code.lots.all()}
    if "amount" in code.discount and lot.currency != next(iter(lots.values()), code.operator.currency):
        return False
    return not lots or lot.pk in lots


def _span_of(charge: Charge) -> dict[str, Any]:
    timed = [line for line in charge.lines if "from" in line]
    return {"from": timed[0]["from"], "to": timed[-1]["to"]} if timed else {}
