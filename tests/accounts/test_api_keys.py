"""API keys: their text, how long they work, rolling them without a gap, and whose role they hang on."""

import datetime as dt
import hmac
import secrets

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import credentials
from accounts.api_keys import (
    ApiKeyEndedError,
    ApiKeyNameTakenError,
    ApiKeyRolledError,
    note_use,
    roll_api_key,
    withdraw_api_key,
)
from accounts.credentials import TOKEN_LIFE, new_token, presented, presented_by_client
from accounts.erasure import erase_person
from accounts.key_format import client_id_of, new_program_key, parse_program_key
from accounts.models import ApiKey, Membership, User
from accounts.scopes import ALL_SCOPES, Resource, level_of, scopes_of
from accounts.services import change_role, remove_member
from common.errors import InvalidValueError
from tests.at_once import codes_at_once, meeting
from tests.factories import make_api_key, make_operator, make_user

NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def admin():
    return make_user("admin", make_operator())


def works(text, at=NOW):
    return presented(text, at=at) is not None


def test_text_of_a_key_is_read_back_and_no_typing_mistake_is():
    key = new_program_key()
    text = str(key)
    assert text.startswith("parkapi_")
    assert parse_program_key(text) == key
    assert key.secret not in repr(key)
    for place in range(len("parkapi_"), len(text)):
        other = next(one for one in "aB3" if one != text[place])
        assert parse_program_key(text[:place] + other + text[place + 1 :]) is None, place
    for wrong in ("", text[:-1], f"{text} ", f"x{text}", text.replace("parkapi", "pk"), "parkapi_\0"):
        assert parse_program_key(wrong) is None


def test_writing_includes_reading():
    assert scopes_of([("lots", "write"), ("stays", "read"), ("people", "")]) == [
        "lots:read",
        "lots:write",
        "stays:read",
    ]
    assert [level_of(["lots:read", "lots:write", "stays:read"], one) for one in ("lots", "stays", "people")] == [
        "write",
        "read",
        "",
    ]
    assert len(ALL_SCOPES) == 2 * len(Resource)


@pytest.mark.django_db
def test_only_a_hash_of_a_key_is_stored(admin):
    made = make_api_key(admin, at=NOW)
    secret = parse_program_key(made.key).secret
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key::text, actor::text FROM accounts_apikey key JOIN accounts_user actor ON actor.id = acts_as_id"
        )
        stored = " ".join(cursor.fetchone())
    assert secret not in stored
    assert made.row.public_id in stored
    assert works(made.key)


@pytest.mark.django_db
def test_key_works_until_it_ends_or_is_withdrawn(admin):
    made = make_api_key(admin, at=NOW, ends_at=NOW + HOUR)
    assert works(made.key, NOW + HOUR - dt.timedelta(seconds=1))
    assert not works(made.key, NOW + HOUR)
    other = make_api_key(admin, at=NOW)
    withdraw_api_key(key=other.row, at=NOW, by=admin)
    withdraw_api_key(key=other.row, at=NOW + HOUR, by=make_user())
    assert not works(other.key)
    stored = ApiKey.objects.get(pk=other.row.pk)
    assert (stored.withdrawn_at, stored.withdrawn_by) == (NOW, admin)
    assert make_api_key(admin, at=NOW, name=other.row.name).key != other.key


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"scopes": ["lots:delete"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"lot_ids": []}, "lots"),
        ({"lot_ids": [1], "scopes": ["lots:read", "people:read"]}, "lots"),
        ({"ends_at": NOW}, "ends_on"),
    ],
)
def test_key_that_makes_no_sense_is_refused(admin, terms, path):
    with pytest.raises(InvalidValueError) as refused:
        make_api_key(admin, at=NOW, **terms)
    assert refused.value.errors[0].path == path
    assert not User.objects.filter(program_of__isnull=False).exists()


@pytest.mark.django_db
def test_two_keys_of_an_operator_have_two_names(admin):
    make_api_key(admin, at=NOW, name="Books")
    with pytest.raises(ApiKeyNameTakenError):
        make_api_key(admin, at=NOW, name="Books")
    make_api_key(make_user("admin", make_operator()), at=NOW, name="Books")
    assert User.objects.filter(program_of__isnull=False).count() == 2


@pytest.mark.django_db
def test_rolled_key_leaves_no_gap(admin):
    made = make_api_key(admin, at=NOW)
    rolled = roll_api_key(key=made.row, seen_rolled_at=None, keep_old_for=HOUR, at=NOW)
    assert works(made.key)
    assert works(rolled.key)
    assert rolled.row.public_id == made.row.public_id
    assert works(made.key, NOW + HOUR - dt.timedelta(seconds=1))
    assert not works(made.key, NOW + HOUR)
    assert works(rolled.key, NOW + 9 * HOUR)


@pytest.mark.django_db
def test_key_in_use_works_on_when_the_one_that_follows_it_was_lost(admin):
    made = make_api_key(admin, at=NOW)
    lost = roll_api_key(key=made.row, seen_rolled_at=None, keep_old_for=HOUR, at=NOW)
    again = roll_api_key(key=made.row, seen_rolled_at=NOW, keep_old_for=HOUR, at=NOW + HOUR / 2)
    at = NOW + HOUR
    assert [works(key, at) for key in (made.key, lost.key, again.key)] == [True, False, True]
    assert not works(made.key, NOW + 1.5 * HOUR)


@pytest.mark.django_db
def test_ended_key_is_not_rolled(admin):
    made = make_api_key(admin, at=NOW)
    withdraw_api_key(key=made.row, at=NOW, by=admin)
    with pytest.raises(ApiKeyEndedError):
        roll_api_key(key=made.row, seen_rolled_at=None, keep_old_for=HOUR, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_roll_a_key_at_once_one_is_told(admin):
    made = make_api_key(admin, at=NOW)
    rolling = [lambda: roll_api_key(key=made.row, seen_rolled_at=None, keep_old_for=HOUR, at=NOW)] * 2
    results = codes_at_once(rolling)
    assert results.count(ApiKeyRolledError.code) == 1
    (rolled,) = (result for result in results if result != ApiKeyRolledError.code)
    assert works(made.key)
    assert works(rolled.key)


@pytest.mark.django_db(transaction=True)
def test_rolling_without_the_lock_would_lose_a_key(admin, monkeypatch):
    """What the lock is for: both read the row before either has written it."""
    made = make_api_key(admin, at=NOW)
    monkeypatch.setattr(type(ApiKey.objects.all()), "select_for_update", lambda rows, **_: rows)
    rows = type(ApiKey.objects.all())
    monkeypatch.setattr(rows, "standing", meeting(rows.standing))
    rolling = [lambda: roll_api_key(key=made.row, seen_rolled_at=None, keep_old_for=HOUR, at=NOW)] * 2
    results = codes_at_once(rolling)
    monkeypatch.undo()
    assert sorted(works(result.key) for result in results) == [False, True]


@pytest.mark.django_db
def test_unknown_key_and_wrong_key_take_the_same_way(admin, monkeypatch):
    made = make_api_key(admin, at=NOW)
    parsed = parse_program_key(made.key)
    compared = []
    monkeypatch.setattr(
        credentials, "compare_digest", lambda one, other: compared.append(len(one)) or hmac.compare_digest(one, other)
    )
    ways = {}
    texts = {"right": made.key, "wrong": str(new_program_key(parsed.public_id)), "unknown": str(new_program_key())}
    for name, text in texts.items():
        compared.clear()
        with CaptureQueriesContext(connection) as queries:
            found = presented(text, at=NOW)
        assert (found is not None) == (name == "right")
        ways[name] = (len(queries), tuple(compared))
    assert ways["wrong"] == ways["unknown"] == ways["right"] == (1, (32, 32))


@pytest.mark.django_db
def test_nobodys_hash_is_no_key(admin, monkeypatch):
    """The stand-in for a missing hash is no hash of anything that could be sent."""
    made = make_api_key(admin, at=NOW)
    monkeypatch.setattr(credentials, "_NOBODYS", secrets.token_bytes(32))
    assert works(made.key)
    assert not works(str(new_program_key()))


@pytest.mark.django_db
def test_use_is_noted_once_a_minute(admin):
    made = make_api_key(admin, at=NOW)

    def use(seconds):
        key = ApiKey.objects.get(pk=made.row.pk)
        with CaptureQueriesContext(connection) as queries:
            note_use(key=key, at=NOW + dt.timedelta(seconds=seconds))
        return len(queries), ApiKey.objects.get(pk=key.pk).last_used_at

    assert use(0) == (1, NOW)
    assert use(59) == (0, NOW)
    assert use(60) == (1, NOW + dt.timedelta(seconds=60))
    stale = ApiKey(pk=made.row.pk, last_used_at=None)
    note_use(key=stale, at=NOW + dt.timedelta(seconds=90))
    assert ApiKey.objects.get(pk=made.row.pk).last_used_at == NOW + dt.timedelta(seconds=60)


@pytest.mark.django_db
@pytest.mark.parametrize("leaving", ["removed", "demoted", "erased", "shut_out", "lost_by_sql"])
def test_key_ends_with_the_role_of_who_made_it(admin, leaving):
    operator = admin.memberships.get().operator
    make_user("admin", operator)
    made = make_api_key(admin, at=NOW)
    token = new_token(presented(made.key, at=NOW), frozenset({"lots:read"}), at=NOW)
    membership = admin.memberships.get()
    {
        "removed": lambda: remove_member(membership=membership, at=NOW),
        "demoted": lambda: change_role(membership=membership, role="attendant", at=NOW),
        "erased": lambda: erase_person(person=admin, at=NOW),
        "shut_out": lambda: User.objects.filter(pk=admin.pk).update(is_active=False),
        "lost_by_sql": lambda: Membership.objects.filter(user=admin).update(role="attendant"),
    }[leaving]()
    assert not works(made.key)
    assert not works(token)


@pytest.mark.django_db
def test_key_stays_ended_when_its_maker_comes_back(admin):
    operator = admin.memberships.get().operator
    make_user("admin", operator)
    made = make_api_key(admin, at=NOW)
    change_role(membership=admin.memberships.get(), role="attendant", at=NOW)
    change_role(membership=admin.memberships.get(), role="admin", at=NOW)
    assert not works(made.key)


@pytest.mark.django_db
def test_token_may_what_it_was_issued_for_until_it_ends(admin):
    made = make_api_key(admin, "lots:read", "gates:read", at=NOW)
    token = new_token(presented(made.key, at=NOW), frozenset({"lots:read"}), at=NOW)
    shown = presented(token, at=NOW + TOKEN_LIFE - dt.timedelta(seconds=1))
    assert (shown.row, shown.scopes) == (made.row, frozenset({"lots:read"}))
    assert not works(token, NOW + TOKEN_LIFE)
    assert not works(token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert not works(token.replace("parktok_", "parkapi_"))


@pytest.mark.django_db
def test_tokens_of_a_key_end_with_it(admin):
    made = make_api_key(admin, at=NOW)
    token = new_token(presented(made.key, at=NOW), frozenset({"lots:read"}), at=NOW)
    roll_api_key(key=made.row, seen_rolled_at=None, keep_old_for=dt.timedelta(minutes=1), at=NOW)
    assert works(token, NOW)
    assert not works(token, NOW + dt.timedelta(minutes=1))
    other = make_api_key(admin, at=NOW)
    token = new_token(presented(other.key, at=NOW), frozenset({"lots:read"}), at=NOW)
    withdraw_api_key(key=other.row, at=NOW, by=admin)
    assert not works(token)


@pytest.mark.django_db
def test_client_is_proved_by_its_own_key_alone(admin):
    one, other = make_api_key(admin, at=NOW), make_api_key(admin, at=NOW)
    client_id = client_id_of(one.row.public_id)
    assert presented_by_client(client_id, one.key, at=NOW).row == one.row
    assert presented_by_client(client_id, other.key, at=NOW) is None
    assert presented_by_client(client_id, "", at=NOW) is None
    assert presented_by_client("parkapi_", one.key, at=NOW) is None


@pytest.mark.django_db
def test_program_can_never_work_in_the_back_office(admin):
    program = make_api_key(admin, at=NOW).row.acts_as
    assert str(program) == f"key {program.name}"
    assert not program.has_usable_password()
    with pytest.raises(IntegrityError, match="user_program_has_no_rights"), transaction.atomic():
        User.objects.filter(pk=program.pk).update(is_staff=True)
