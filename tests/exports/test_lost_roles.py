"""Who loses a role or the account gets no file, whenever that happens."""

import pytest
from django.core import mail
from django.utils.timezone import now

from accounts.models import Membership, Role
from exports.queries import may_have
from exports.services import cancel_export, run_exports
from exports.services import running as running_service
from notifications.delivery import deliver_due
from notifications.models import Message, MessageState
from tests.entrance.sessions import client_of
from tests.exports.orders import asked, content, rows, written
from tests.factories import make_lot, make_operator, make_ticket, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lot():
    return make_lot(slug="ours")


@pytest.fixture
def admin(lot):
    make_ticket(lot, "ZH 1")
    return make_user("admin", lot.operator)


def test_of_two_operators_the_one_that_is_left_is_written(admin):
    other = make_lot(make_operator())
    make_ticket(other, "BE 2")
    Membership.objects.create(user=admin, operator=other.operator, role=Role.ADMIN)
    export = asked(admin)
    admin.memberships.filter(operator=other.operator).delete()
    run_exports(clock=now)

    export.refresh_from_db()
    assert [row["plate"] for row in rows(export)] == ["ZH 1"]
    assert may_have(export)


@pytest.mark.parametrize("kind", ["messages", "stays"])
def test_the_role_lost_while_the_rows_are_chosen_takes_the_file_away(admin, lot, monkeypatch, kind):
    """No row of the operator is written, and what is written is not handed over."""
    other = make_lot(make_operator())
    Membership.objects.create(user=admin, operator=other.operator, role=Role.ADMIN)
    values = {"template": "document", "created_at": now(), "next_attempt_at": now()}
    Message.objects.create(key="x", operator=other.operator, recipient="theirs@example.com", **values)
    real = running_service.kind_named

    def lost_just_now(*names):
        admin.memberships.filter(operator=other.operator).delete()
        return real(*names)

    monkeypatch.setattr(running_service, "kind_named", lost_just_now)
    export = written(admin, kind)

    assert export.state == "ready"
    assert "theirs@example.com" not in content(export).decode()
    assert not may_have(export)
    assert client_of(admin).get(f"/me/exports/{export.pk}/file/").status_code == 404


@pytest.mark.parametrize(
    "lose",
    [
        lambda person, _: person.memberships.all().delete(),
        lambda person, _: type(person).objects.filter(pk=person.pk).update(is_active=False),
        lambda _, export: cancel_export(export=export, at=now()),
    ],
    ids=["role lost", "account closed", "cancelled"],
)
def test_a_file_that_may_not_be_had_any_more_is_not_attached(admin, lose):
    export = written(admin, mail=True, attach=True)
    lose(admin, export)
    deliver_due(at=now())

    assert mail.outbox == []
    assert Message.objects.get().state == MessageState.PARKED


def test_no_rows_are_a_file_too():
    admin = make_user("admin", make_operator())
    for kind in ("stays", "payments", "events", "revenue", "vehicles"):
        for file_format in ("csv", "xlsx"):
            export = written(admin, kind, file_format=file_format)
            assert (export.state, export.rows, export.attempt) == ("ready", 0, 1), (kind, export.failure)


@pytest.mark.parametrize("asked_for", ["tariff=999999999999999999999", "cashier=99999999999999999999"])
def test_numbers_that_nothing_can_have_find_nothing(admin, asked_for):
    export = written(admin, "revenue", asked=asked_for)
    assert (export.state, export.rows) == ("ready", 0)
