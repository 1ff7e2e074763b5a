"""Passes that an operator's people give: at once, for nothing or against an invoice."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import InvalidValueError
from passes.models import Pass, PassStatus
from passes.services.holding import HeldBy
from passes.services.making import PassWish, make_pass
from passes.services.paying import bill_period


@transaction.atomic
def grant_pass(  # noqa: PLR0913 - who, what, when
    *,
    wish: PassWish,
    to: HeldBy,
    by: User,
    at: datetime,
    invoiced: bool = False,
    note: str = "",
    changed: dict[str, Any] | None = None,
) -> Pass:
    """Give a pass that is active at once, and return it; it counts from its first day on.

    Its price is `invoiced` to its holder, else its first period costs nothing. `changed` are terms that differ from
    the offer's. Raises InvalidValueError, PlateError, TooManyPlatesError, PassesOverlapError (409).
    """
    if invoiced and not (to.company or to.user or to.email):
        raise InvalidValueError(_("Who gets the invoice? Give an email address."), path="email")
    held = make_pass(wish, to, status=PassStatus.ACTIVE, at=at, made_by=by, **(changed or {}))
    held.note = note
    held.save(update_fields=["note"])
    period = held.periods.get()
    period.begun_at = at
    if invoiced and period.price_amount:
        bill_period(held, period, at=at, invoiced=True)
    period.save(update_fields=["begun_at"])
    return held
