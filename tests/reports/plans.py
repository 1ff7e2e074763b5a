"""Something that is told to many people, made up for a test, and the people."""

import datetime as dt

from allauth.account.models import EmailAddress

from accounts.models import User
from notifications.models import Message
from notifications.services import new_message
from reports import occasions

NINE = dt.time(9)


def people(zone, number, *, joined=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)):
    """Make drivers of a time zone with verified addresses."""
    place, known = zone.replace("/", "-").lower(), User.objects.count()
    made = User.objects.bulk_create(
        User(email=f"{place}-{known + one}@example.com", timezone=zone, joined_at=joined) for one in range(number)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in made
    )
    return made


def plan_everybody(people, occasion, at):
    """Plan a message to each person, as reminders do."""
    addresses = User.objects.in_bulk(people)
    return [
        new_message(
            key=f"daily_reminder:{person}:{occasion.day:%Y%m%d}",
            operator_id=None,
            recipient=addresses[person].email,
            template="daily_reminder",
            context={},
            at=at,
            expires_at=occasion.expires_at,
        )
        for person in people
    ]


def only_planned(monkeypatch, *, plan=plan_everybody, clock=NINE, monthly=False, name="daily_reminders"):
    """Let nothing be told but what this plan says."""
    planned = occasions.Planned(name, "Reminders", occasions.DueTime(clock, monthly=monthly), plan)
    monkeypatch.setattr(occasions, "_planned", {planned.name: planned})
    return planned


def told():
    """Return who is told on which days, as the keys of the messages say."""
    return sorted(Message.objects.filter(template="daily_reminder").values_list("key", flat=True))
