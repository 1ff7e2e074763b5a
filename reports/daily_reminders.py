"""The reminder of a day: one message to each person, about today's bookings, ending passes and open debts.

What another message says is no reason for this one, but it is mentioned where there is another reason: a booking within
the hour (`reservations.reminders`), a pass on other days than three before its end, the day before and the last
(`passes.services.reminding` writes two weeks before, and of passes that go on), a debt on other mornings than the first
and the fourth (`tickets.services.dunning` writes from the seventh day on). Who asked for it also learns what is free at
the usual lots; that alone is a message of its own kind.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Debt
from common.translation import day_said, moment_said, money_said
from lots.calendar import zone_of
from lots.displays import language_for
from lots.models import Lot
from notifications.kinds import kind_of
from notifications.models import Message
from notifications.services import new_message
from notifications.wishes import Wishes, wishes_of_people
from passes.models import Pass
from passes.pass_mails import pass_link
from reports.occasions import DueTime, Occasion, Planned, register_planned
from reports.reminder_facts import FactsOfPerson, LotNow, facts_of, usual_lots
from reports.reminder_kinds import DAILY_REMINDER, USUAL_LOTS
from reservations.booking_kinds import STARTS_SOON
from reservations.booking_links import booking_link
from reservations.models import Reservation
from reservations.reminders import BEFORE_START
from tickets.links import ticket_link

DAILY_REMINDERS = "daily_reminders"
PASS_DAYS = frozenset({3, 1, 0})
"""How many days before the last one of a pass is a reason to write."""
DEBT_DAYS = frozenset({1, 4})
"""How many days after it came up a debt is a reason to write."""
LOTS_FOLDER = "lots/"


def plan_reminders(people: Sequence[int], occasion: Occasion, at: datetime) -> list[Message]:
    """Return the messages of a day to a batch of people; none to those of whom there is nothing to say."""
    persons = User.objects.in_bulk(people)
    wishes = wishes_of_people(persons.values())
    wanted = {kind: [one for one in people if _wants(wishes[one], kind)] for kind in (DAILY_REMINDER, USUAL_LOTS)}
    facts = facts_of(wanted[DAILY_REMINDER], occasion, at)
    lots = usual_lots(wanted[USUAL_LOTS], at) if wanted[USUAL_LOTS] else {}
    messages = []
    for key in people:
        found, usual = facts.get(key, FactsOfPerson()), lots.get(key, [])
        about = [*_lots(found), *(one.lot for one in usual)]
        with override(language_for(persons[key], about[0]) if about else settings.LANGUAGE_CODE):
            if _is_reason(found, wishes[key], occasion, at):
                messages.append(reminder_of(persons[key], found, usual, occasion, at))
            elif usual:
                messages.append(_free_places(persons[key], usual, occasion, at))
    return messages


register_planned(
    Planned(DAILY_REMINDERS, _("Daily reminders"), DueTime(time(9)), plan_reminders),
)


def _wants(wishes: Wishes, kind: str) -> bool:
    return kind_of(kind).is_wanted(wishes.kinds)


def _is_reason(found: FactsOfPerson, wishes: Wishes, occasion: Occasion, at: datetime) -> bool:
    soon = at + BEFORE_START if _wants(wishes, STARTS_SOON) else at
    zone = ZoneInfo(occasion.zone)
    return (
        any(booking.starts_at > soon for booking in found.bookings)
        or any((held.valid_until - occasion.day).days in PASS_DAYS for held in found.passes)
        or any((occasion.day - debt.created_at.astimezone(zone).date()).days in DEBT_DAYS for debt in found.debts)
    )


def reminder_of(person: User, found: FactsOfPerson, usual: list[LotNow], occasion: Occasion, at: datetime) -> Message:
    """Return the reminder that says what was found of a person, and what is free at their usual lots."""
    context = {
        "bookings": [_booking(booking, occasion) for booking in found.bookings],
        "passes": [_pass(held, occasion) for held in found.passes],
        "debts": [_debt(debt) for debt in found.debts],
    }
    return _message(
        DAILY_REMINDER, person, context | _free(usual, occasion, at), about=_lots(found), occasion=occasion, at=at
    )


def _lots(found: FactsOfPerson) -> list[Lot]:
    """Return the lots of what was found, the first booked one first."""
    return [
        *(booking.lot for booking in found.bookings),
        *(held.lot for held in found.passes),
        *(debt.charge.lot for debt in found.debts),
    ]


def _free_places(person: User, usual: list[LotNow], occasion: Occasion, at: datetime) -> Message:
    lots = [one.lot for one in usual]
    return _message(USUAL_LOTS, person, _free(usual, occasion, at), about=lots, occasion=occasion, at=at)


def _message(  # noqa: PLR0913 - the facts of one message
    kind: str, person: User, context: dict[str, Any], *, about: list[Lot], occasion: Occasion, at: datetime
) -> Message:
    """Return a message; both kinds have the key of the day, so that nobody gets two."""
    operators = {lot.operator_id for lot in about}
    worth = kind_of(kind).worth or timedelta()
    return new_message(
        key=f"{DAILY_REMINDER}:{person.pk}:{occasion.day:%Y%m%d}",
        operator_id=operators.pop() if len(operators) == 1 else None,
        recipient=person.email,
        template=kind,
        context=context | {"day": day_said(occasion.day), "language": get_language() or ""},
        at=at,
        expires_at=min(occasion.expires_at, at + worth),
    )


def _booking(booking: Reservation, occasion: Occasion) -> dict[str, Any]:
    """Return what is said of a booking, on the clock of its lot; the zone only where that is not the person's clock."""
    zone = zone_of(booking.lot)
    starts, ends = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    is_one_day = starts.date() == ends.date() == occasion.day
    hours = (f"{starts:%H:%M}", f"{ends:%H:%M}")
    own = booking.starts_at.astimezone(ZoneInfo(occasion.zone))
    return {
        "lot": booking.lot.name,
        "time": "–".join(hours) if is_one_day else " – ".join(_clock(one, occasion) for one in (starts, ends)),
        "zone": "" if own.utcoffset() == starts.utcoffset() else booking.lot.timezone,
        "plate": booking.plate,
        "spot": booking.spot.number if booking.spot and booking.asked_for else "",
        "link": booking_link(booking),
    }


def _clock(local: datetime, occasion: Occasion) -> str:
    return f"{local:%H:%M}" if local.date() == occasion.day else moment_said(local)


def _pass(held: Pass, occasion: Occasion) -> dict[str, Any]:
    return {
        "name": held.name,
        "lot": held.lot.name,
        "last_day": day_said(held.valid_until),
        "days": (held.valid_until - occasion.day).days,
        "link": pass_link(held),
    }


def _debt(debt: Debt) -> dict[str, Any]:
    lot = debt.charge.lot
    return {
        "lot": lot.name,
        "day": day_said(debt.created_at.astimezone(zone_of(lot))),
        "owed": money_said(debt.charge.balance_amount, debt.charge.currency),
        "link": ticket_link(debt.charge.ticket.token),
    }


def _free(usual: list[LotNow], occasion: Occasion, at: datetime) -> dict[str, Any]:
    links = {one.lot.pk: f"{settings.PUBLIC_URL}/{LOTS_FOLDER}{one.lot.slug}/" for one in usual}
    return {
        "lots": [{"lot": one.lot.name, "free": one.free, "link": links[one.lot.pk]} for one in usual],
        "clock": f"{at.astimezone(ZoneInfo(occasion.zone)):%H:%M}",
    }
