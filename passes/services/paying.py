"""The periods of a pass and their charges: billed, paid, begun or dropped."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Charge
from billing.services import assess_locked, credit_locked, lock_charge, record_debt
from lots.calendar import local_day
from passes.models import Pass, PassPeriod, PassStatus
from passes.pass_mails import BEGUN, mail_holder
from passes.pass_rules import last_day_of_period
from passes.services.locking import lock_pass
from passes.services.states import change_state

BATCH = 500


def bill_period(held: Pass, period: PassPeriod, *, at: datetime, invoiced: bool) -> Charge:
    """Write the charge of a locked pass's period, and return it; what is `invoiced` is owed from now on.

    One that has its charge already is only invoiced.
    """
    charge = _charge(held, period, at) if period.charge_id is None else lock_charge(Charge(pk=period.charge_id))
    if invoiced and charge.balance_amount > 0:
        plate = held.plates.current().values_list("plate", flat=True).first()
        record_debt(charge=charge, plate=plate or held.code, reason=held.name, at=at, of_booker=True)
    return charge


def _charge(held: Pass, period: PassPeriod, at: datetime) -> Charge:
    span = {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()}
    charge = assess_locked(
        None,
        lot=held.lot,
        label=_("Pass %(code)s") % {"code": held.code},
        due=period.price_amount,
        tax_percent=held.tax_percent,
        lines=[{"label": held.name, "amount": period.price_amount} | span],
        at=at,
    )
    period.charge, period.billed_at = charge, at
    period.save(update_fields=["charge", "billed_at"])
    charge.balance_amount = period.price_amount  # as the database has it by now
    return charge


@transaction.atomic
def begin_paid(*, period: PassPeriod, at: datetime) -> PassPeriod:
    """Let a period begin whose charge is settled, and return it as it is then. Idempotent.

    A pass that was paid late begins on that day; one that was suspended as it was unpaid opens again.
    """
    held = lock_pass(period.held_pass)
    period = PassPeriod.objects.select_related("charge").get(pk=period.pk)
    period.held_pass = held
    is_paid = period.charge is not None and period.charge.settled_at is not None
    if not is_paid or period.begun_at is not None or period.dropped_at is not None:
        return period
    (_begin_first if period.number == 1 else _go_on)(held, period, at)
    period.begun_at = at
    period.save(update_fields=["begun_at", "first_day", "last_day"])
    return period


def conclude_paid(*, at: datetime) -> int:
    """Let the periods begin that have been paid for, and return how many did."""
    paid = PassPeriod.objects.filter(begun_at=None, dropped_at=None, charge__settled_at__isnull=False)
    rows = list(paid.select_related("held_pass").order_by("pk")[:BATCH])
    return sum(begin_paid(period=period, at=at).begun_at is not None for period in rows)


def drop_period(period: PassPeriod, *, at: datetime, why: str) -> None:
    """Take back a period that has not begun, whose pass is locked: nothing more is owed for it."""
    period.dropped_at = at
    period.save(update_fields=["dropped_at"])
    if period.charge_id is None:
        return
    charge = lock_charge(Charge(pk=period.charge_id))
    if charge.balance_amount > 0:
        credit_locked(charge, amount=int(charge.balance_amount), reason=why, at=at)


def _begin_first(held: Pass, period: PassPeriod, at: datetime) -> None:
    if held.status != PassStatus.DRAFT:
        return
    today = local_day(held.lot, at)
    if today > held.valid_from:
        length = {"months": held.period_months, "days": held.period_days}
        whole = held.valid_until == last_day_of_period(held.valid_from, **length)
        period.first_day = today
        period.last_day = last_day_of_period(today, **length) if whole else max(today, held.valid_until)
    days = {"valid_from": period.first_day, "valid_until": period.last_day}
    change_state(held, PassStatus.ACTIVE, at=at, by=None, why="paid", **days)
    mail_holder(held, BEGUN, at=at)


def _go_on(held: Pass, period: PassPeriod, at: datetime) -> None:
    held.valid_until = max(held.valid_until, period.last_day)
    if held.entries is not None:
        held.entries_left = (held.entries_left or 0) + held.entries
    held.save(update_fields=["valid_until", "entries_left"])
    if held.status == PassStatus.SUSPENDED and held.unpaid:
        change_state(held, PassStatus.ACTIVE, at=at, by=None, why="paid", stopped_at=None, unpaid=False)
