"""What people choose is obeyed when a message is due: kinds, quiet hours, a daily summary, texts."""

import datetime as dt
from email import message_from_bytes

import pytest
from django.core.signing import dumps

from accounts.models import Membership, Role, User
from notifications.delivery import deliver_due
from notifications.kinds import kind_of
from notifications.models import Message, MessageChoices, MessageState, PhoneCode, TextMessage
from notifications.services import new_message, queue_messages
from notifications.unsubscribing import unsubscribe_link
from notifications.wishes import Wishes, choose_messages, next_at, turn_kind, wishes_of
from tests.factories import make_operator, make_user

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)
ZURICH = "Europe/Zurich"
HOUR = dt.timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user(email="ada@example.com", timezone=ZURICH)


def queue(kind, key=None, *, to="ada@example.com", at=AT, expires_at=None):
    """Queue a message of an operator, of which a person with the address is an admin."""
    operator = make_operator()
    for person in User.objects.filter(email=to):
        Membership.objects.create(user=person, operator=operator, role=Role.ADMIN)
    message = new_message(
        key=key or f"{kind}:1",
        operator_id=operator.pk,
        recipient=to,
        template=kind,
        context=kind_of(kind).sample,
        at=at,
        expires_at=expires_at,
    )
    queue_messages([message])
    return Message.objects.get(key=message.key)


def state(message):
    message.refresh_from_db()
    return message.state


def choose(person, **wishes):
    return choose_messages(person=person, wishes=Wishes(**{"kinds": {}} | wishes), at=AT)


def test_what_is_turned_off_is_left_out_and_says_why(mailbox, ada):
    turn_kind(address="ADA@example.com", kind=kind_of("lot_full"), on=False, at=AT)
    message = queue("lot_full")

    assert deliver_due(at=AT) == 0
    assert state(message) == MessageState.LEFT_OUT
    assert "turned" in message.error
    assert mailbox.mails == []


def test_essential_ones_come_whatever_was_chosen(mailbox, ada):
    choose(
        ada,
        kinds={"debt_reminder": False},
        quiet_from=dt.time(0, 0),
        quiet_until=dt.time(23, 59),
        summary_at=dt.time(18),
    )
    message = queue("debt_reminder")

    assert deliver_due(at=AT) == 1
    assert state(message) == MessageState.SENT
    assert "List-Unsubscribe" not in message_from_bytes(mailbox.mails[0].content)


def test_who_asked_for_nothing_gets_nothing_that_has_to_be_asked_for(mailbox, ada):
    assert not deliver_due(at=AT)
    first = queue("stay_opened", "a:1")
    deliver_due(at=AT)
    choose(ada, kinds={"stay_opened": True})
    second = queue("stay_opened", "a:2")
    deliver_due(at=AT)

    assert (state(first), state(second)) == (MessageState.LEFT_OUT, MessageState.SENT)


def test_quiet_hours_hold_back_until_they_end_on_the_persons_clock(mailbox, ada):
    choose(ada, quiet_from=dt.time(22), quiet_until=dt.time(7))
    night = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
    message = queue("shift_short", at=night)

    assert deliver_due(at=night) == 0
    message.refresh_from_db()
    assert message.next_attempt_at == dt.datetime(2026, 3, 3, 6, 0, tzinfo=dt.UTC)
    assert message.attempts == 0
    assert deliver_due(at=message.next_attempt_at) == 1


def test_what_is_too_late_after_the_quiet_hours_is_left_out(mailbox, ada):
    choose(ada, quiet_from=dt.time(22), quiet_until=dt.time(7))
    night = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
    message = queue("booking_starts_soon", at=night, expires_at=night + HOUR)

    deliver_due(at=night)
    assert state(message) == MessageState.LEFT_OUT


def test_an_optional_message_that_waited_too_long_is_left_out(mailbox, ada):
    message = queue("lot_full")

    deliver_due(at=AT + 3 * HOUR)
    assert state(message) == MessageState.LEFT_OUT
    assert "late" in message.error


def test_a_summary_comes_instead_of_many(mailbox, ada):
    choose(ada, summary_at=dt.time(18))
    evening = dt.datetime(2026, 3, 2, 17, 0, tzinfo=dt.UTC)
    parts = [queue("shift_short", f"shift_short:{number}", at=AT + number * HOUR) for number in range(3)]
    urgent = queue("lot_full")

    assert deliver_due(at=AT + 2 * HOUR) == 0 or state(urgent) == MessageState.SENT
    assert [state(part) for part in parts] == [MessageState.QUEUED] * 3
    assert {part.next_attempt_at for part in parts} == {evening}

    deliver_due(at=evening)

    assert [state(part) for part in parts] == [MessageState.LEFT_OUT] * 3
    summary = Message.objects.get(template="summary")
    assert {part.summary for part in parts} == {summary}
    assert summary.state == MessageState.SENT
    words = message_from_bytes(mailbox.mails[-1].content).get_payload()[0].get_payload(decode=True).decode()
    assert words.count("CHF 12.50 missing") == 3


def test_a_message_that_cant_be_written_holds_up_no_summary(mailbox, ada):
    choose(ada, summary_at=dt.time(18))
    evening = dt.datetime(2026, 3, 2, 17, 0, tzinfo=dt.UTC)
    parts = [queue("payments_unresolved", f"payments_unresolved:{number}") for number in range(3)]
    Message.objects.filter(pk=parts[0].pk).update(context={"count": "many"})
    later = queue("debt_reminder", at=evening)
    deliver_due(at=AT)

    deliver_due(at=evening)

    assert [state(part) for part in parts] == [MessageState.PARKED, MessageState.LEFT_OUT, MessageState.LEFT_OUT]
    assert state(later) == MessageState.SENT


def test_an_alert_that_waited_does_not_go_to_who_is_no_admin_any_more(mailbox, ada):
    choose(ada, summary_at=dt.time(18))
    evening = dt.datetime(2026, 3, 2, 17, 0, tzinfo=dt.UTC)
    parts = [queue("shift_short", f"shift_short:{number}") for number in range(4)]
    deliver_due(at=AT)
    for lost in (parts[0], parts[2]):
        ada.memberships.filter(operator=lost.operator).delete()

    deliver_due(at=evening)

    assert [state(part) for part in parts] == [MessageState.LEFT_OUT] * 4
    assert [part.summary is None for part in parts] == [True, False, True, False]
    assert "no admin" in parts[0].error
    assert Message.objects.get(template="summary").context["count"] == 2


def test_what_is_too_late_is_in_no_summary(mailbox, ada):
    choose(ada, summary_at=dt.time(18))
    evening = dt.datetime(2026, 3, 2, 17, 0, tzinfo=dt.UTC)
    parts = [queue("shift_short", f"shift_short:{number}", expires_at=evening + HOUR) for number in range(3)]
    deliver_due(at=AT)
    Message.objects.filter(pk=parts[2].pk).update(expires_at=evening + HOUR * 2, next_attempt_at=evening)
    Message.objects.filter(pk=parts[1].pk).update(expires_at=evening + HOUR * 5)
    Message.objects.filter(pk=parts[0].pk).update(expires_at=evening + HOUR * 5)

    deliver_due(at=evening + HOUR * 3)

    assert state(parts[2]) == MessageState.LEFT_OUT
    assert (parts[2].summary, "too late" in parts[2].error) == (None, True)
    assert Message.objects.get(template="summary").context["count"] == 2


def test_one_message_alone_is_no_summary(mailbox, ada):
    choose(ada, summary_at=dt.time(18))
    message = queue("shift_short")

    deliver_due(at=dt.datetime(2026, 3, 2, 17, 0, tzinfo=dt.UTC))
    assert state(message) == MessageState.SENT


def test_what_cant_wait_comes_as_a_text_too_if_wanted(mailbox, ada):
    User.objects.filter(pk=ada.pk).update(phone="+41791234567")
    choose(ada, by_text=True)
    queue("lot_full", "lot_full:1")
    deliver_due(at=AT)
    assert not TextMessage.objects.exists(), "the phone is not verified"

    PhoneCode.objects.create(
        person=f"driver {ada.pk}", phone="+41791234567", digest="x", created_at=AT, expires_at=AT, verified_at=AT
    )
    queue("lot_full", "lot_full:2")
    queue("shift_short")
    deliver_due(at=AT)

    assert TextMessage.objects.get().text == "City Garage is full"


def test_a_link_turns_one_kind_off_with_one_click_and_no_session(client, mailbox):
    message = queue("booking_starts_soon", to="guest@example.com")
    deliver_due(at=AT)
    mail = message_from_bytes(mailbox.mails[0].content)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = "".join(mail["List-Unsubscribe"].split()).strip("<>")
    path = address.removeprefix("http://127.0.0.1:8000")

    for _ in range(2):
        answer = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert MessageChoices.objects.get(address="guest@example.com").kinds == {"booking_starts_soon": False}

    queue("booking_starts_soon", "booking_starts_soon:2", to="Guest@example.com")
    assert deliver_due(at=AT) == 0
    other = queue("booking_ends_soon", to="guest@example.com")
    deliver_due(at=AT)
    assert state(other) == MessageState.SENT
    assert state(message) == MessageState.SENT


def test_looking_at_the_link_changes_nothing_and_it_can_be_taken_back(client, ada):
    path = unsubscribe_link("ada@example.com", kind_of("lot_full")).removeprefix("http://127.0.0.1:8000")

    assert "Stop these emails?" in client.get(path).content.decode()
    assert wishes_of(person=ada).kinds == {}
    assert "have stopped" in client.post(path).content.decode()
    assert wishes_of(person=ada).kinds == {"lot_full": False}
    client.post(path, {"turn": "on"})
    assert wishes_of(person=ada).kinds == {"lot_full": True}


def test_what_a_guest_turned_off_stays_off_with_an_account():
    turn_kind(address="ada@example.com", kind=kind_of("lot_full"), on=False, at=AT)
    ada = make_user(email="ada@example.com")
    assert wishes_of(person=ada).kinds == {"lot_full": False}

    turn_kind(address="ada@example.com", kind=kind_of("shift_short"), on=False, at=AT)
    assert wishes_of(person=ada).kinds == {"lot_full": False, "shift_short": False}


@pytest.mark.parametrize(
    "signed",
    [
        dumps(["ada@example.com", "lot_full"], salt="another"),
        dumps(["ada@example.com", "document"], salt="notifications.unsubscribing"),
        dumps(["ada@example.com"], salt="notifications.unsubscribing"),
        "nonsense",
        dumps(["ada@example.com", "lot_full"], salt="notifications.unsubscribing")[:-1] + "_",
    ],
    ids=["other salt", "essential", "short", "nonsense", "changed"],
)
def test_a_forged_link_is_refused(client, ada, signed):
    for answer in (client.get(f"/unsubscribe/{signed}/"), client.post(f"/unsubscribe/{signed}/", {"turn": "off"})):
        assert answer.status_code == 404
    assert not MessageChoices.objects.exists()


@pytest.mark.parametrize(
    ("after", "clock", "expected"),
    [
        ("2026-03-28T23:00+01:00", dt.time(2, 30), "2026-03-29T01:30+00:00"),
        ("2026-10-24T23:00+02:00", dt.time(2, 30), "2026-10-25T00:30+00:00"),
        ("2026-03-02T18:00+01:00", dt.time(18), "2026-03-03T17:00+00:00"),
    ],
    ids=["no 02:30 that day", "two 02:30 that day", "not now but tomorrow"],
)
def test_a_time_of_day_comes_on_every_day(after, clock, expected):
    from zoneinfo import ZoneInfo

    found = next_at(ZoneInfo(ZURICH), clock, dt.datetime.fromisoformat(after).astimezone(dt.UTC))
    assert found == dt.datetime.fromisoformat(expected)


def test_own_choices_are_saved_and_shown(client, ada):
    client.force_login(ada)
    assert client.get("/me/messages/").status_code == 200
    given = {"kind_booking_starts_soon": "on", "quiet_from": "22:00", "quiet_until": "07:00", "summary_at": ""}

    assert client.post("/me/messages/", given | {"kind_stay_closed": "on"}).status_code == 302

    chosen = wishes_of(person=ada)
    unticked = ("booking_ends_soon", "daily_reminder", "driver_month", "pass_ends_soon", "pass_ends_today")
    assert chosen.kinds == dict.fromkeys(unticked, False) | {"stay_closed": True}
    assert (chosen.quiet_from, chosen.quiet_until, chosen.summary_at) == (dt.time(22), dt.time(7), None)


@pytest.mark.parametrize(
    "given", [{"quiet_from": "22:00"}, {"quiet_from": "22:00", "quiet_until": "22:00"}, {"summary_at": "25:99"}]
)
def test_half_of_the_quiet_hours_is_refused(client, ada, given):
    client.force_login(ada)

    assert client.post("/me/messages/", given).status_code == 422
    assert not MessageChoices.objects.exists()
