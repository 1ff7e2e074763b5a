"""What the demo's product said on its own in a month: alerts, reminders, one mail that came back, one that is stuck."""

from datetime import datetime, time, timedelta

from accounts.models import User
from common.translation import moment_said, money_said
from lots.calendar import zone_of
from lots.models import Lot
from notifications.kinds import kind_of
from notifications.models import MailEvent, MailOutcome, Message, MessageState
from notifications.reachability import mark_address
from notifications.services import new_message
from notifications.wishes import Wishes, choose_messages
from traffic.demo.personas import DRIVER_PLATE

DAYS = 30
GONE, MISTYPED = "former.tenant@example.com", "ada.lovelace@exmaple.com"
_FULL_ON = frozenset({0, 3, 4})
"""On which weekdays the garage was full in the afternoon."""


def tell_a_month(lot: Lot, *, admin: User, driver: User, at: datetime) -> None:
    """Write a month of messages about a lot, the choices of its driver, and what went wrong with two of them."""
    sent = [
        message for days in range(DAYS, 0, -1) for message in _of_day(lot, admin, driver, at - timedelta(days=days))
    ]
    for message in sent:
        message.state, message.sent_at = MessageState.SENT, message.created_at + timedelta(seconds=2)
        message.attempts, message.provider = 1, "smtp"
    Message.objects.bulk_create(sent)
    choose_messages(
        person=driver,
        wishes=Wishes({"stay_closed": True}, quiet_from=time(22), quiet_until=time(7), summary_at=None),
        at=at - timedelta(days=DAYS),
    )
    _came_back(lot, at - timedelta(days=9))
    _is_stuck(lot, at - timedelta(hours=5))


def _of_day(lot: Lot, admin: User, driver: User, at: datetime) -> list[Message]:
    local = at.astimezone(zone_of(lot))
    messages = []
    if local.weekday() in _FULL_ON:
        full = local.replace(hour=17, minute=10 + local.day % 40)
        context = {"lot": lot.name, "since": moment_said(full)}
        messages.append(
            _message(lot, "lot_full", f"{lot.slug}:{full:%Y%m%d}", to=admin.email, context=context, at=full)
        )
    if local.day % 11 == 0:
        closed = local.replace(hour=14, minute=2)
        context = {"lot": lot.name, "closed": moment_said(closed), "off": money_said(1250, lot.currency)}
        messages.append(_message(lot, "shift_short", f"{closed:%Y%m%d}:1", to=admin.email, context=context, at=closed))
    if local.day % 9 == 0:
        left = local.replace(hour=18, minute=21)
        context = {
            "lot": lot.name,
            "plate": DRIVER_PLATE,
            "exit": moment_said(left),
            "entry": moment_said(local.replace(hour=8)),
        }
        messages.append(
            _message(lot, "stay_closed", f"D{left:%Y%m%d}:{driver.pk}", to=driver.email, context=context, at=left)
        )
    return [message for message in messages if message.created_at < at + timedelta(hours=12)]


def _came_back(lot: Lot, at: datetime) -> None:
    message = _message(lot, "debt_reminder", "demo:1", to=GONE, context={"lot": lot.name, "plate": "BE 90 444"}, at=at)
    message.state, message.sent_at, message.attempts, message.provider = MessageState.SENT, at, 1, "smtp"
    message.outcome, message.outcome_at = MailOutcome.BOUNCED, at + timedelta(minutes=4)
    message.save()
    said = "550 5.1.1 The email account does not exist"
    MailEvent.objects.create(
        provider="signed",
        event_id="demo-1",
        outcome=MailOutcome.BOUNCED,
        address=GONE,
        message=message,
        said=said,
        at=at + timedelta(minutes=4),
        received_at=at + timedelta(minutes=4),
    )
    mark_address(address=GONE, outcome=MailOutcome.BOUNCED, said=said, at=at + timedelta(minutes=4))


def _is_stuck(lot: Lot, at: datetime) -> None:
    message = _message(
        lot, "debt_reminder", "demo:2", to=MISTYPED, context={"lot": lot.name, "plate": "TI 48 152"}, at=at
    )
    message.state, message.attempts = MessageState.PARKED, 9
    message.error = "450 4.1.2 exmaple.com: no such domain"
    message.save()


def _message(  # noqa: PLR0913 - the facts of one message
    lot: Lot, kind: str, occasion: str, *, to: str, context: dict[str, str], at: datetime
) -> Message:
    return new_message(
        key=f"{kind}:{occasion}:demo",
        operator_id=lot.operator_id,
        recipient=to,
        template=kind,
        context=dict(kind_of(kind).sample) | context,
        at=at,
    )
