"""What is kept of a change: only what changed, no secrets; every column of a kept table is decided about."""

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection
from django.utils.timezone import now

from accounts.api_keys import roll_api_key
from accounts.models import BlockedPlate, Membership, User
from accounts.services import change_role
from audit.kept_tables import KEPT_TABLES, KeptTable
from audit.models import AuditEntry
from audit.telling import is_kept
from billing.models import Tariff
from events.services import WebhookWish, make_webhook, roll_secret
from tests.factories import (
    make_api_key,
    make_blocked_plate,
    make_device,
    make_gate,
    make_lot,
    make_merchant,
    make_operator,
    make_permit,
    make_ticket,
    make_user,
)

TABLES = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}

pytestmark = pytest.mark.django_db


def since(key: int = 0, **wanted) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(pk__gt=key, **wanted).order_by("id"))


def newest() -> int:
    return AuditEntry.objects.order_by("id").values_list("id", flat=True).last() or 0


@pytest.mark.parametrize("subject", KEPT_TABLES, ids=lambda subject: subject.table)
def test_every_column_is_decided_about(subject):
    columns = {field.column for field in TABLES[subject.table]._meta.local_fields}

    assert {*subject.columns, *subject.left} == columns
    assert len(subject.columns) + len(subject.left) == len(columns)


@pytest.mark.parametrize("subject", KEPT_TABLES, ids=lambda subject: subject.table)
def test_triggers_say_what_the_subjects_say(subject: KeptTable):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, string_to_array(encode(tgargs, 'escape'), '\\000'), ARRAY(SELECT attname::text FROM"
            " pg_attribute WHERE attrelid = tgrelid AND attnum = ANY(tgattr) ORDER BY attnum), tgqual IS NOT NULL"
            " FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE 'audit%%' ORDER BY tgname",
            [subject.table],
        )
        found = cursor.fetchall()
    kinds = (subject.told, subject.masked, subject.hosts, subject.hidden, subject.told_by_digest)
    arguments = [subject.belongs, subject.named_by, *(",".join(kind) for kind in kinds), ""]

    acts = zip(("audit_added", "audit_changed", "audit_removed"), subject.when, strict=True)
    expected = [(name, arguments, condition != "true") for name, condition in acts if condition]
    assert [(name, said, has_condition) for name, said, _columns, has_condition in found] == expected
    changing = [columns for name, _said, columns, _ in found if name == "audit_changed"]
    assert [set(columns) for columns in changing] == [set(subject.columns)] * len(changing)


def test_no_secret_is_kept():
    """Whatever a column that holds one is called, the declared kinds are the only way into an entry."""
    secrets = {"password", "key_hash", "old_hash", "secret", "old_secret", "nonce", "data", "token", "phone"}
    told = {column for subject in KEPT_TABLES for column in (*subject.told, *subject.masked, *subject.hosts)}
    assert told & secrets == set()

    lot = make_lot()
    admin = make_user("admin", lot.operator, password="a-long-enough-password")
    key = make_api_key(admin)
    rolled = roll_api_key(key=key.row, seen_rolled_at=None, keep_old_for=now() - now(), at=now())
    _device, device_key = make_device(make_gate(lot))
    hook, secret = make_webhook(
        operator=lot.operator, wish=WebhookWish("https://example.com/t0ken?x=1"), by=admin, at=now()
    )
    Authenticator.objects.create(user=admin, type="totp", data={"secret": "seed"})
    admin.set_password("another-long-password")
    admin.save()

    hidden = [key.key, rolled.key, device_key, secret, "t0ken", "seed", "argon2", admin.email]
    written = [f"{one.before} {one.after} {one.shown}" for one in since()]
    assert [word for word in hidden for text in written if word in text] == []
    assert since(subject="accounts_user")[-1].after == {"password": "***"}
    assert since(subject="accounts_apikey")[-1].before["key_hash"] == "***"
    assert since(subject="mfa_authenticator")[-1].after == {"type": "totp"}
    assert since(subject="events_webhook", row=str(hook.pk))[0].after["url"] == "https://example.com/…"


def test_plates_and_addresses_are_masked():
    operator = make_operator()
    blocked, permit = make_blocked_plate(operator, "ZH 123456"), make_permit(operator, "BE 98")
    make_merchant(make_lot(operator), email="shop@example.com")

    told = {one.subject: one for one in since(operator=operator)}
    assert (told["accounts_blockedplate"].shown, told["accounts_blockedplate"].after["plate"]) == ("…456", "…456")
    assert told["accounts_merchant"].after["email"] == "s…@example.com"
    assert told["accounts_permit"].after["plate"] == "…98"
    for one in told.values():
        assert blocked.plate not in str(one.after)
        assert permit.plate not in str(one.after)


def test_only_what_changed_is_told_and_nothing_of_a_save_without_a_change():
    lot = make_lot(name="Central")
    key = newest()
    lot.save()
    assert since(key) == []
    lot.name, lot.early_minutes = "Centre", 45
    lot.save()

    (entry,) = since(key)
    assert entry.before == {"name": "Central", "early_minutes": 30}
    assert entry.after == {"name": "Centre", "early_minutes": 45}
    assert (entry.shown, entry.row, entry.lot, entry.operator) == ("Centre", str(lot.pk), lot.pk, lot.operator)


def test_rules_of_a_tariff_are_kept_by_digest():
    tariff = make_lot().tariffs.get()
    Tariff.objects.filter(pk=tariff.pk).update(rules=tariff.rules | {"grace_minutes": 1})

    entry = since(subject="billing_tariff")[-1]
    assert entry.act == "changed"
    assert len(entry.before["rules"]) == len(entry.after["rules"]) == 64
    assert entry.before["rules"] != entry.after["rules"]


def test_role_belongs_to_its_operator_and_a_person_to_each():
    first, second = make_operator(), make_operator()
    person = make_user("attendant", first)
    Membership.objects.create(user=person, operator=second, role="admin")
    make_user("admin", first)
    key = newest()
    change_role(membership=person.memberships.get(operator=first), role="admin", at=now())
    User.objects.filter(pk=person.pk).update(is_active=False)

    told = [(one.subject, one.operator, one.before, one.after) for one in since(key)]
    assert told[0] == ("accounts_membership", first, {"role": "attendant"}, {"role": "admin"})
    assert sorted(told[1:], key=lambda one: one[1].pk) == [
        ("accounts_user", operator, {"is_active": True}, {"is_active": False}) for operator in (first, second)
    ]


def test_drivers_own_settings_are_not_kept():
    driver = make_user(password="a-long-enough-password")
    driver.email = "other@example.com"
    driver.save()
    Authenticator.objects.create(user=driver, type="totp", data={})

    assert since() == []
    User.objects.filter(pk=driver.pk).update(is_staff=True)
    assert [(one.operator, one.after) for one in since()] == [(None, {"is_staff": True})]


def test_what_runs_all_day_is_not_kept():
    lot = make_lot()
    key = newest()
    make_ticket(lot, "ZH 1")
    lot.spots.update(maintenance=True)
    make_blocked_plate(lot.operator, "ZH 2", for_debts=True)
    BlockedPlate.objects.update(lifted_at=now())

    assert since(key) == []


def test_rolled_secret_of_a_webhook_is_seen_by_its_end():
    operator = make_operator()
    hook, _secret = make_webhook(operator=operator, wish=WebhookWish("https://example.com/"), by=None, at=now())
    key = newest()
    roll_secret(webhook=hook, at=now())

    (entry,) = since(key)
    assert list(entry.after) == ["old_secret_until"]


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ('UPDATE "lots_lot" SET "name" = %s', True),
        ("update lots_lot set name = 'x'", False),  # Django writes capitals; what it does not write names the role
        ('UPDATE "accounts_user" SET "last_login" = %s WHERE "accounts_user"."id" = %s', False),
        ('INSERT INTO "accounts_membership" ("user_id") VALUES (%s)', True),
        ('DELETE FROM "lots_gate" WHERE "lots_gate"."id" IN (%s)', True),
        ('SELECT "lots_lot"."name" FROM "lots_lot" FOR UPDATE', False),
        ("WITH x AS (SELECT 1) UPDATE lots_lot SET name = 'x'", True),
        ('INSERT INTO "tickets_ticket" ("lot_id") VALUES (%s)', False),
    ],
)
def test_statements_that_are_kept_are_known(statement, kept):
    assert is_kept(statement) is kept
