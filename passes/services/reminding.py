"""Messages about the end of a pass: 14 and 7 days before, on the last day, and 3 days after; each once.

One about what is to come is left out when it is more than a day late; the bill is told in any case.
"""

from datetime import datetime, timedelta

from lots.calendar import local_day
from passes.models import Pass, PassPeriod
from passes.pass_mails import BILLED, ENDS_SOON, ENDS_TODAY, STILL_UNPAID, mail_holder
from passes.pass_rules import LATE_REMINDER_DAYS, RENEWAL_BILLED_DAYS, RENEWAL_OFFERED_DAYS

LATE = 1
"""How many days late a reminder is still sent."""
BATCH = 2000
_MESSAGES = (
    (-RENEWAL_OFFERED_DAYS, ENDS_SOON),
    (-RENEWAL_BILLED_DAYS, BILLED),
    (0, ENDS_TODAY),
    (LATE_REMINDER_DAYS, STILL_UNPAID),
)


def remind_holders(*, at: datetime) -> int:
    """Queue the messages that are due, and return of how many passes; what was queued before stays as it is."""
    first = at.date() - timedelta(days=LATE_REMINDER_DAYS + LATE + 1)
    last = at.date() + timedelta(days=RENEWAL_OFFERED_DAYS + 1)
    ending = Pass.objects.active().filter(valid_until__range=(first, last)).order_by("valid_until", "pk")
    rows = list(ending.select_related("lot__operator", "company", "holder")[:BATCH])
    waiting = PassPeriod.objects.filter(held_pass__in=rows, number__gt=1, begun_at=None, dropped_at=None)
    billed = set(waiting.filter(billed_at__isnull=False).values_list("held_pass", flat=True))
    return sum(_remind(held, is_billed=held.pk in billed, at=at) for held in rows)


def _remind(held: Pass, *, is_billed: bool, at: datetime) -> bool:
    passed = (local_day(held.lot, at) - held.valid_until).days
    due = [(day, template) for day, template in _MESSAGES if day <= passed]
    if not due:
        return False
    day, template = due[-1]
    if template == BILLED:
        return is_billed and mail_holder(held, template, at=at)
    if passed - day > LATE or (day >= 0 and not held.renews):
        return False
    return mail_holder(held, template, at=at)
