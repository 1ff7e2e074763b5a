"""The monthly mail to an operator's admins, its PDF, and the page of all months."""

import datetime as dt
import json
from io import BytesIO
from types import SimpleNamespace

import pytest
from pypdf import PdfReader

from billing.models import PaymentMethod, PaymentState
from billing.services import take_payment
from common.translation import money_said
from notifications.models import Message
from notifications.rendering import render_message
from notifications.services import queue_messages
from reports import operator_month_mail
from reports.month_names import bare_money
from reports.monthly_reports import MONTHLY_REPORTS
from reports.occasions import Occasion, occasion_of, planned_named
from reports.operator_month import month_from_json
from reports.operator_month_mail import OPERATOR_MONTH, plan_operator_months
from reports.operator_month_pdf import operator_month_pdf
from tests.factories import make_charge, make_lot, make_operator, make_user

pytestmark = pytest.mark.django_db

UTC = dt.UTC
OCTOBER, FIRST = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
AT = dt.datetime(2026, 11, 1, 9, tzinfo=UTC)
WILD = "محطة <script>alert(1)</script> " + "N" * 80


def occasion(zone: str, at: dt.datetime) -> Occasion:
    planned = planned_named(MONTHLY_REPORTS)
    assert planned is not None
    return occasion_of(planned, zone=zone, day=FIRST, begins_at=at)


def take(lot, amount, at) -> None:
    charge = make_charge(lot, amount, at=at, tax_percent="8.1")
    paid = take_payment(
        charge=charge, amount=None, idempotency_key=f"c{charge.pk}", at=at, method="card", token="tok_ok"
    )
    assert (paid.state, paid.method) == (PaymentState.CAPTURED, PaymentMethod.CARD)


@pytest.fixture
def world():
    operator, another = make_operator(name="Acme"), make_operator(name="Other")
    lot = make_lot(operator, name=WILD)
    for day in range(1, 4):
        take(lot, 1000 * day, dt.datetime(2026, 10, day, 10, tzinfo=UTC))
    take(make_lot(another), 77_700, dt.datetime(2026, 10, 5, 10, tzinfo=UTC))
    return SimpleNamespace(
        operator=operator, another=another, lot=lot,
        admins=[make_user("admin", operator) for _ in range(3)],
        attendant=make_user("attendant", operator),
        idle=make_user("admin", make_operator(name="Idle")),
    )  # fmt: skip


def plan(people, zone="Europe/Zurich", at=AT) -> list[Message]:
    return plan_operator_months([one.pk for one in people], occasion(zone, at), at)


def words_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_each_admin_gets_what_was_added_up_once(world, monkeypatch):
    asked = []
    real = operator_month_mail.operator_month
    monkeypatch.setattr(
        operator_month_mail, "operator_month", lambda operator, *args, **more: asked.append(operator) or real(operator, *args, **more)
    )  # fmt: skip
    first = plan([*world.admins[:2], world.attendant, world.idle])
    assert [message.recipient for message in first] == [admin.email for admin in world.admins[:2]]
    queue_messages(first)
    take(world.lot, 5000, dt.datetime(2026, 10, 30, 10, tzinfo=UTC))
    [later] = plan([world.admins[2], world.attendant], "America/New_York", AT + dt.timedelta(hours=5))
    assert json.loads(json.dumps(later.context)) == json.loads(json.dumps(first[0].context))
    assert [operator.name for operator in asked] == ["Acme", "Idle"]
    assert later.key == f"operator_month:{world.operator.pk}-{world.admins[2].pk}:2026-10"
    assert later.expires_at == AT + dt.timedelta(hours=29)


def test_admin_in_the_east_is_told_that_the_month_goes_on(world):
    early = dt.datetime(2026, 10, 31, 21, tzinfo=UTC)
    [message] = plan(world.admins[:1], "Pacific/Auckland", early)
    queue_messages([message])
    assert "The month is not over yet" in render_message(Message.objects.get(pk=Message.objects.first().pk)).body
    take(world.lot, 5000, dt.datetime(2026, 10, 31, 22, tzinfo=UTC))
    [later] = plan(world.admins[1:2])
    assert (message.context["is_over"], later.context["is_over"]) == (False, True)
    assert later.context["takings"][0]["total"]["net"] == message.context["takings"][0]["total"]["net"] + 5000


def test_mail_and_pdf_say_the_same(world):
    queue_messages(plan(world.admins[:1]))
    message = Message.objects.get(template=OPERATOR_MONTH)
    email = render_message(message)
    [(name, content, kind)] = email.attachments
    assert (name, kind, email.subject) == ("report-2026-10.pdf", "application/pdf", "October 2026 at Acme")
    paper, total = words_of(content), month_from_json(message.context).takings[0].total
    for amount in (total.net, total.refunded, total.tax):
        assert money_said(amount, "CHF") in email.body
        assert bare_money(amount, "CHF") in paper
    assert (total.net, total.stays) == (6000, 3)
    assert "77,700" not in paper
    assert "<script>" not in str(email.alternatives[0][0])
    assert "Occupancy by weekday and hour" in paper


def test_pdf_of_many_lots_is_bounded_and_one_of_nothing_says_so(world, django_assert_num_queries):
    [message] = plan(world.admins[:1])
    month = month_from_json(message.context)
    [taken] = month.takings
    many = type(month)(**{name: getattr(month, name) for name in month.__slots__} | {
        "takings": tuple(type(taken)(code, taken.total, taken.lots * 40, taken.methods, 460) for code in ("CHF", "EUR", "USD")),
        "lots": month.lots * 40,
    })  # fmt: skip
    with django_assert_num_queries(1):
        file = operator_month_pdf(many)
    assert len(PdfReader(BytesIO(file.content)).pages) <= 20
    assert "460 more lots are in the total." in words_of(file.content)
    nothing = type(month)("2026-10-01", month.at, month.zone, world.operator.pk, "Acme", is_over=True)
    assert "Nothing happened in this month." in words_of(operator_month_pdf(nothing).content)


def test_page_lists_own_months_and_their_reports(client, world):
    client.force_login(world.admins[0])
    page = client.get("/manage/reports/").content.decode()
    assert f"/manage/reports/{world.operator.slug}/2026-10.pdf" in page
    assert world.another.slug not in page
    answer = client.get(f"/manage/reports/{world.operator.slug}/2026-10.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "60.00" in words_of(answer.content)
    assert client.get(f"/manage/reports/{world.another.slug}/2026-10.pdf").status_code == 404
    for month in ("2026-13", "0000-01", "9999-12", "2099-01", "x"):
        assert client.get(f"/manage/reports/{world.operator.slug}/{month}.pdf").status_code == 404
    client.force_login(world.attendant)
    assert client.get("/manage/reports/").status_code == 403
    assert client.get(f"/manage/reports/{world.operator.slug}/2026-10.pdf").status_code == 403
