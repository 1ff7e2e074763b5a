"""The monthly mail to drivers, its PDF, and the same PDF at `/me/`."""

import datetime as dt
import re
from io import BytesIO

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from billing.documents.worker import issue_due
from billing.services import take_payment
from notifications.models import Message
from notifications.rendering import render_message
from reports.driver_month import month_of
from reports.driver_month_mail import DRIVER_MONTH, plan_driver_months
from reports.driver_month_pdf import driver_month_pdf
from reports.monthly_reports import MONTHLY_REPORTS
from reports.occasions import DueTime, Occasion, occasion_of, planned_named
from reports.services import notice_due, work_runs
from tests.factories import make_charge, make_lot, make_proof, make_ticket, make_user
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

UTC = dt.UTC
TEN = DueTime(dt.time(10), monthly=True)
OCTOBER, FIRST = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
AT = dt.datetime(2026, 11, 1, 9, tzinfo=UTC)
"""Ten in Zurich."""
WILD = ("<script>alert(1)</script>\nBcc: x@example.com", "محطة القطار المركزية", "N" * 120)


def occasion(zone: str = "Europe/Zurich") -> Occasion:
    planned = planned_named(MONTHLY_REPORTS)
    assert planned is not None
    return occasion_of(planned, zone=zone, day=FIRST, begins_at=AT)


def park(driver, lot, plate, out, paid=700) -> Ticket:
    charge = make_charge(lot, paid, at=out, tax_percent="8.1")
    take_payment(charge=charge, amount=None, idempotency_key=f"paid-{charge.pk}", at=out, method="card", token="tok_ok")
    ticket = make_ticket(
        lot, plate, out - dt.timedelta(minutes=95), exit_at=out, status="closed", closed_reason="paid", charge=charge
    )  # fmt: skip
    make_proof(ticket, driver)
    return ticket


@pytest.fixture
def driver():
    driver = make_user(password="s3cret-words", name="Carla Rossi", timezone="Europe/Zurich")
    for number, name in enumerate(WILD):
        lot = make_lot(name=name, spots={"regular": 1})
        for visit in range(number + 1):
            park(driver, lot, f"ZH {number}{visit}", AT - dt.timedelta(days=5 + number, hours=visit))
    issue_due(at=AT)
    return driver


def words_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def figures_in(text: str) -> set[str]:
    return {" ".join(found.split()) for found in re.findall(r"CHF\s\d+\.\d\d|\d+\sh\s\d\d\smin", text)}


def test_mail_and_pdf_say_the_same_and_names_forge_nothing(driver):
    [message] = plan_driver_months([driver.pk, make_user().pk], occasion(), AT)
    assert (message.key, message.recipient) == (f"driver_month:{driver.pk}:2026-10", driver.email)
    assert message.expires_at == AT + dt.timedelta(hours=24)
    message.save()
    email = render_message(Message.objects.get(template=DRIVER_MONTH))
    [(name, content, kind)] = email.attachments
    assert (name, kind) == ("parking-2026-10.pdf", "application/pdf")
    text, html, paper = email.body, str(email.alternatives[0][0]), words_of(content)
    assert email.subject == "Your parking in October 2026"
    assert figures_in(text) == {"9 h 30 min", "CHF 42.00", "CHF 3.12"}
    assert figures_in(text) <= figures_in(paper)
    assert "<script>" not in html
    assert "\nBcc:" not in text
    assert "List-Unsubscribe-Post" in email.extra_headers
    assert paper.count("R-2026-") == 6
    assert "Total" in paper
    assert driver_month_pdf(month_of(driver.pk, OCTOBER, at=AT, zone="Europe/Zurich"), "Carla Rossi").name == name


def test_monthly_run_tells_each_driver_once_at_ten_of_their_clock(driver):
    EmailAddress.objects.filter(user=driver).update(verified=True, primary=True)
    type(driver).objects.filter(pk=driver.pk).update(joined_at=AT - dt.timedelta(days=60))
    make_user(password="s3cret-words", timezone="Europe/Zurich", joined_at=AT - dt.timedelta(days=60))
    for minutes in (-1, 0, 1, 90):
        at = AT + dt.timedelta(minutes=minutes)
        notice_due(at=at)
        work_runs(clock=lambda at=at: at, seconds=60)
        assert Message.objects.filter(template=DRIVER_MONTH).count() == (minutes >= 0)
    assert Message.objects.get(template=DRIVER_MONTH).recipient == driver.email


def test_planning_a_batch_takes_as_many_queries_for_many_as_for_one(driver):
    people = [driver.pk]
    taken = [queries_of(people)]
    lot = make_lot(spots={"regular": 9})
    for number in range(5):
        another = make_user()
        park(another, lot, f"BE {number}", AT - dt.timedelta(days=number + 1))
        people.append(another.pk)
    taken.append(queries_of(people))
    assert taken == [3, 3]


def queries_of(people) -> int:
    with CaptureQueriesContext(connection) as taken:
        plan_driver_months(people, occasion(), AT)
    return len(taken)


def test_month_can_be_downloaded_and_is_only_ones_own(client, driver):
    client.force_login(driver)
    answer = client.get("/me/months/2026-10.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert {"CHF 42.00", "CHF 3.12"} <= figures_in(words_of(answer.content))
    assert "You did not park in this month." in words_of(client.get("/me/months/2026-09.pdf").content)
    assert reverse("driver:own_month", args=["2026-10"]) in client.get("/me/spending/").content.decode()
    client.force_login(make_user())
    assert "You did not park in this month." in words_of(client.get("/me/months/2026-10.pdf").content)


def test_receipts_of_a_month_are_one_file_in_the_order_of_the_month(client, driver):
    client.force_login(driver)
    answer = client.get("/me/months/2026-10/receipts.pdf")
    pages = [page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages]
    listed = month_of(driver.pk, OCTOBER, at=AT, zone="Europe/Zurich").receipts

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert [re.search(r"[RC]-2026-\d{6}", page)[0] for page in pages] == [one.number for one in listed]
    assert reverse("driver:month_receipts", args=["2026-10"]) in client.get("/me/spending/").content.decode()
    assert client.get("/me/months/2026-09/receipts.pdf").status_code == 404
    client.force_login(make_user())
    assert client.get("/me/months/2026-10/receipts.pdf").status_code == 404


@pytest.mark.parametrize(
    "month",
    ["2026-13", "2026-00", "0000-01", "9999-12", "1999-12", "2099-01", "2026-1", "2026-10-01", "٢٠٢٦-١٠", "x", "%00"],
)
def test_other_months_are_not_there(client, driver, month):
    client.force_login(driver)
    assert client.get(f"/me/months/{month}.pdf").status_code == 404
    assert client.get(f"/me/months/{month}/receipts.pdf").status_code == 404


def test_five_thousand_receipts_are_bounded(driver, django_assert_num_queries):
    month = month_of(driver.pk, OCTOBER, at=AT, zone="Europe/Zurich")
    assert month.others == 0
    [one] = month.sums
    many = type(month)(
        **{name: getattr(month, name) for name in ("month", "at", "zone", "favourites")},
        sums=(one,), receipts=month.receipts * 80, others=4520,
    )  # fmt: skip
    with django_assert_num_queries(0):
        file = driver_month_pdf(many, "x" * 200)
    assert len(PdfReader(BytesIO(file.content)).pages) <= 25
    assert "4520 more are added up" in " ".join(words_of(file.content).split())
