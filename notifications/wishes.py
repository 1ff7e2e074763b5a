"""What people choose to be told, and when: services that store it, and the reader of a message."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from notifications.kinds import Kind
from notifications.models import Message, MessageChoices


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody chose: kinds, quiet hours, the time of a daily summary, and texts beside mails."""

    kinds: Mapping[str, bool]
    quiet_from: time | None = None
    quiet_until: time | None = None
    summary_at: time | None = None
    by_text: bool = False


USUAL = Wishes({})


@dataclass(frozen=True, slots=True)
class MessageReader:
    """Who gets a message: the account behind its address, if any, with its clock and what was chosen."""

    address: str
    person: User | None
    zone: ZoneInfo
    wishes: Wishes

    @property
    def locale(self) -> str:
        """Return the language and the way to write numbers and dates; empty for the product's own."""
        return self.person.locale if self.person else ""


@transaction.atomic
def choose_messages(*, person: User, wishes: Wishes, at: datetime) -> MessageChoices:
    """Store everything that a person chose about messages."""
    values = {name: getattr(wishes, name) for name in ("quiet_from", "quiet_until", "summary_at", "by_text")}
    chosen, _ = MessageChoices.objects.update_or_create(
        person=person, defaults={**values, "kinds": dict(wishes.kinds), "changed_at": at}
    )
    return chosen


@transaction.atomic
def turn_kind(*, address: str, kind: Kind, on: bool, at: datetime) -> MessageChoices:
    """Turn a kind of message to an address on or off; that of an account for the account. Idempotent."""
    person = person_at(address)
    owner = {"person": person} if person else {"address": address.lower()}
    before = dict(wishes_of(person=person, address=address).kinds)
    MessageChoices.objects.get_or_create(**owner, defaults={"kinds": before, "changed_at": at})
    chosen = MessageChoices.objects.select_for_update().get(**owner)
    chosen.kinds = chosen.kinds | {kind.name: on}
    chosen.changed_at = at
    chosen.save(update_fields=["kinds", "changed_at"])
    return chosen


def person_at(address: str) -> User | None:
    """Return the active account whose address this is."""
    return User.objects.filter(email=address.lower(), is_active=True).first()


def wishes_of(*, person: User | None = None, address: str = "") -> Wishes:
    """Return what a person or an address without an account chose.

    Until a person chooses, what was chosen with their address before they had an account counts.
    """
    address = (person.email if person else address).lower()
    rows = MessageChoices.objects.filter(Q(address=address) | Q(person=person) if person else Q(address=address))
    row = rows.order_by(F("person").asc(nulls_last=True)).first()
    if row is None:
        return USUAL
    return _wishes_in(row)


def wishes_of_people(people: Collection[User]) -> dict[int, Wishes]:
    """Return what each of several people chose, by their ids, as `wishes_of`; one query."""
    by_address = {person.email.lower(): person.pk for person in people}
    rows = MessageChoices.objects.filter(Q(person__in=people) | Q(address__in=by_address))
    found = {person.pk: USUAL for person in people}
    # What was chosen with the account comes last, and counts.
    for row in rows.order_by(F("person").desc(nulls_first=True)):
        found[row.person_id or by_address[row.address]] = _wishes_in(row)
    return found


def reader_of(message: Message) -> MessageReader:
    """Return who gets a message; their clock is their own, else that of the operator, else UTC."""
    person = person_at(message.recipient)
    told = person.timezone if person else ""
    zone = told or (message.operator.timezone if message.operator else "") or "UTC"
    return MessageReader(
        message.recipient.lower(), person, ZoneInfo(zone), wishes_of(person=person, address=message.recipient)
    )


def end_of_quiet(reader: MessageReader, at: datetime) -> datetime | None:
    """Return when the quiet hours that hold at an instant end; None when none do."""
    begins, ends = reader.wishes.quiet_from, reader.wishes.quiet_until
    if begins is None or ends is None or begins == ends:
        return None
    clock = at.astimezone(reader.zone).time().replace(tzinfo=None)
    is_quiet = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
    return next_at(reader.zone, ends, at) if is_quiet else None


def next_at(zone: ZoneInfo, clock: time, after: datetime) -> datetime:
    """Return the next instant after another at which a clock in the zone shows a time."""
    local = after.astimezone(zone)
    for days in range(3):
        found = datetime.combine(local.date() + timedelta(days=days), clock, tzinfo=zone).astimezone(after.tzinfo)
        if found > after:
            return found
    raise AssertionError  # a time of day comes back within two days


def _wishes_in(row: MessageChoices) -> Wishes:
    return Wishes(row.kinds, row.quiet_from, row.quiet_until, row.summary_at, row.by_text)
