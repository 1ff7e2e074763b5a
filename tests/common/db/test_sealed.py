"""Sealed columns: what is stored, how it is found, and how a key is rolled while others write."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection
from django.utils.timezone import now

from accounts.models import User
from common.db import sealed_roll
from common.db.sealed_roll import left_to_seal, seal_again, sealed_tables
from common.sealing import SealBrokenError, is_sealed, keyed_hash, seal, unseal
from notifications.models import PhoneCode
from notifications.phone_codes import is_phone_verified
from tests.factories import make_saved_method, make_user

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = "an old key of thirty-two letters", "a new key of thirty-two letters."
PHONE = "+41791112233"


@pytest.fixture
def keys(settings):
    """Let the old key seal, and return what gives others their turn."""

    def given(*listed):
        settings.FIELD_KEYS = list(listed)

    given(OLD)
    return given


def stored(table, column, key):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [key])  # noqa: S608 our own names
        return cursor.fetchone()[0]


def make_code(**fields):
    times = {"created_at": now(), "expires_at": now(), "verified_at": now()}
    return PhoneCode.objects.create(**{"person": "account 1", "phone": PHONE, "digest": "x", **times, **fields})


def test_stored_texts_say_nothing_and_come_back_whole(keys):
    person = make_user(phone=PHONE, address="Hohlgasse 12\n8001 Zürich", postal_code="")
    texts = [stored("accounts_user", name, person.pk) for name in ("phone", "address", "postal_code")]

    assert [is_sealed(text) for text in texts] == [True, True, False]
    assert texts[2] == ""
    assert PHONE not in texts[0]
    known = User.objects.get(pk=person.pk)
    assert (known.phone, known.address, known.postal_code) == (PHONE, "Hohlgasse 12\n8001 Zürich", "")
    assert list(User.objects.filter(pk=person.pk).values_list("phone", flat=True)) == [PHONE]


def test_same_text_is_sealed_differently_and_what_looks_sealed_is_sealed_as_well(keys):
    assert seal(PHONE) != seal(PHONE)
    person = make_user(address=seal("not mine"))
    assert User.objects.get(pk=person.pk).address == person.address
    assert unseal("typed before columns were sealed") == "typed before columns were sealed"


def test_sealed_columns_are_only_compared_with_an_empty_text(keys):
    make_user(phone=PHONE)
    assert User.objects.filter(phone="").count() == 0
    for lookup in ({"phone": PHONE}, {"phone__contains": "79"}, {"phone__in": [PHONE]}):
        with pytest.raises(FieldError):
            User.objects.filter(**lookup).exists()


def test_text_without_its_key_is_an_error_and_never_an_empty_one(keys):
    person = make_user(phone=PHONE)
    keys(NEW)
    with pytest.raises(SealBrokenError):
        User.objects.get(pk=person.pk)


def test_what_the_secret_key_sealed_opens_when_a_key_of_its_own_is_given(keys):
    keys()
    person = make_user(phone=PHONE)
    keys(NEW)
    assert User.objects.get(pk=person.pk).phone == PHONE
    assert seal_again() == 1
    keys(NEW, OLD)
    assert left_to_seal() == {}


def test_every_sealed_column_is_rolled_with_its_hash(keys):
    person = make_user(phone=PHONE)
    code, card = make_code(), make_saved_method(person, "tok_1")
    keys(NEW, OLD)
    assert is_phone_verified(person="account 1", phone=PHONE, since=code.created_at)
    assert left_to_seal() == {"accounts_user": 1, "notifications_phonecode": 1, "billing_savedmethod": 1}

    assert (seal_again(batch=1), seal_again()) == (3, 0)

    keys(NEW)
    assert left_to_seal() == {}
    assert is_phone_verified(person="account 1", phone=PHONE, since=code.created_at)
    card.refresh_from_db()
    assert (card.reference, card.reference_hash) == ("tok_1", keyed_hash("tok_1", purpose="reference"))


def test_roll_goes_on_where_it_was_stopped(keys, monkeypatch):
    people = [make_user(phone=PHONE) for _ in range(5)]
    keys(NEW, OLD)
    written, real = [], sealed_roll._write

    def stopped(connection, table, rows):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.extend(rows)
        real(connection, table, rows)

    with monkeypatch.context() as patched:
        patched.setattr(sealed_roll, "_write", stopped)
        with pytest.raises(KeyboardInterrupt):
            seal_again(batch=1)

    assert left_to_seal() == {"accounts_user": 3}
    assert seal_again() == 3
    keys(NEW)
    assert {person.phone for person in User.objects.filter(pk__in=[one.pk for one in people])} == {PHONE}


def change_while_rolled(person, monkeypatch):
    """Roll, and let somebody give a new phone after the row was read and before it is written."""
    read, real = Barrier(2, timeout=30), sealed_roll._write
    tried = Event()

    def change():
        try:
            read.wait()
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
                try:
                    User.objects.filter(pk=person.pk).update(phone="+41790000000")
                except Exception:  # noqa: BLE001 the row is locked: wait for it
                    tried.set()
                    cursor.execute("SET lock_timeout = 0")
                    User.objects.filter(pk=person.pk).update(phone="+41790000000")
        finally:
            tried.set()
            connection.close()

    def slow(connection, table, rows):
        if rows and table.name == "accounts_user" and not tried.is_set():
            read.wait()
            assert tried.wait(10)
        real(connection, table, rows)

    with monkeypatch.context() as patched, ThreadPoolExecutor(1) as pool:
        patched.setattr(sealed_roll, "_write", slow)
        changing = pool.submit(change)
        seal_again()
        changing.result(timeout=20)
    return User.objects.get(pk=person.pk).phone


def test_without_the_lock_a_roll_takes_back_what_was_written_beside_it(keys, monkeypatch):
    person = make_user(phone=PHONE)
    keys(NEW, OLD)
    monkeypatch.setattr(sealed_roll, "_UNTIL_WRITTEN", "")
    assert change_while_rolled(person, monkeypatch) == PHONE


def test_what_is_written_beside_a_roll_stays(keys, monkeypatch):
    person = make_user(phone=PHONE)
    keys(NEW, OLD)
    assert change_while_rolled(person, monkeypatch) == "+41790000000"
    assert left_to_seal() == {}


def test_roll_runs_beside_writers_and_readers(keys):
    people = [make_user(phone=PHONE).pk for _ in range(60)]
    keys(NEW, OLD)
    over = Event()

    def work(mine):
        rounds = 0
        try:
            while not over.is_set() or not rounds:
                rounds += 1
                for key in mine:
                    person = User.objects.get(pk=key)
                    person.phone = f"+4179{key:05d}{rounds % 100:02d}"
                    person.save(update_fields=["phone"])
                    assert User.objects.get(pk=key).phone == person.phone
            return {key: f"+4179{key:05d}{rounds % 100:02d}" for key in mine}
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        working = [pool.submit(work, people[start::3]) for start in range(3)]
        seal_again(batch=4)
        over.set()
        last = {key: phone for one in working for key, phone in one.result(timeout=30).items()}

    keys(NEW)
    assert left_to_seal() == {}
    assert dict(User.objects.filter(pk__in=people).values_list("pk", "phone")) == last


def test_row_that_somebody_holds_is_waited_for_by_nobody_and_comes_next(keys):
    free, held = make_user(phone=PHONE), make_user(phone=PHONE)
    keys(NEW, OLD)
    taken, go = Event(), Event()

    def hold():
        try:
            with sealed_roll.transaction.atomic():
                User.objects.select_for_update().get(pk=held.pk)
                taken.set()
                assert go.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert taken.wait(10)
        assert seal_again() == 1
        go.set()
        holding.result(timeout=10)
    assert free.pk < held.pk
    assert (left_to_seal(), seal_again()) == ({"accounts_user": 1}, 1)


def test_command_says_what_is_left(keys, capsys):
    make_user(phone=PHONE)
    keys(NEW, OLD)
    call_command("roll_field_keys", "--check")
    call_command("roll_field_keys")
    assert capsys.readouterr().out.splitlines() == [
        "accounts_user: 1 rows are left",
        "1 rows sealed by the first key",
        "no row is left: earlier keys can be taken out",
    ]


def test_sealed_tables_are_these():
    assert {table.name: table.columns for table in sealed_tables()} == {
        "accounts_user": ("phone", "address", "postal_code"),
        "accounts_merchant": ("address",),
        "accounts_blockedplate": ("reason",),
        "accounts_operatorapplication": ("wishes", "answer"),
        "events_webhook": ("secret", "old_secret"),
        "notifications_textmessage": ("phone", "text"),
        "notifications_phonecode": ("phone",),
        "billing_savedmethod": ("reference",),
        "billing_objection": ("word",),
        "billing_debtappeal": ("text", "answer"),
        "passes_company": ("address",),
        "passes_pass": ("note",),
        "reservations_reservation": ("phone",),
        "reservations_notparkedreport": ("word",),
    }
