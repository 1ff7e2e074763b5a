"""Documents over the API: as data with lines and tax, as a PDF, and for whom."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.documents.issuing import issue_credit_notes, issue_receipts
from billing.services import refund_payment, take_payment
from tests.api.bookings_sent import refusal
from tests.api.documented import get
from tests.factories import make_charge, make_lot, make_operator, make_proof, make_ticket, make_user

pytestmark = pytest.mark.django_db
AT = now().replace(microsecond=0)
PDF = {"Accept": "application/pdf"}


@pytest.fixture
def lot():
    return make_lot(make_operator("acme"), slug="central")


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator)


def receipt(lot, plate="ZH 1", *, driver=None, at=AT):
    charge = make_charge(lot, 600, tax_percent="8.1", lines=[{"label": "Parking", "amount": 600}], at=at)
    came = at - dt.timedelta(hours=2)
    ticket = make_ticket(lot, plate, came, status="closed", exit_at=at, closed_reason="paid", charge=charge)
    if driver:
        make_proof(ticket, driver)
    key = f"payment-{charge.pk}"
    payment = take_payment(charge=charge, method="terminal", amount=None, idempotency_key=key, at=at)
    [issued] = issue_receipts([payment], at=at)
    return issued


def listed(person, query=""):
    answer = get(person, f"/documents{query}")
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["items"]]


def test_document_is_told_with_lines_and_tax(lot, admin):
    document = receipt(lot)

    said = get(admin, f"/documents/{document.pk}").json()

    assert (said["number"], said["kind"], said["lot"], said["operator"]) == (
        *(document.number, "receipt", "central", "acme"),
    )
    assert (said["total"], said["tax"], said["currency"], said["about"]) == (600, 45, "CHF", None)
    assert [(line["label"], line["amount"], line["tax_percent"]) for line in said["lines"]] == [("Parking", 600, "8.1")]
    assert said["taxes"] == [{"percent": "8.1", "net": 555, "tax": 45, "total": 600}]
    assert (said["items"][0]["plate"], said["payments"][0]["method"], said["corrections"]) == ("", "terminal", [])
    assert sum(line["amount"] for line in said["lines"]) == said["total"] == said["payments"][0]["amount"]
    [row] = get(admin, "/documents").json()["items"]
    assert row == {name: said[name] for name in row}


def test_credit_note_names_its_document_and_is_named_by_it(lot, admin):
    document = receipt(lot)
    refund = refund_payment(
        payment=document.payments.get(), amount=200, reason="Mistake", idempotency_key="r", at=AT, goodwill=True
    )
    [note] = issue_credit_notes([refund], at=AT)

    said = get(admin, f"/documents/{note.pk}").json()

    assert (said["kind"], said["about"], said["total"], said["reason"]) == (
        "credit_note",
        document.number,
        -200,
        "Mistake",
    )
    assert get(admin, f"/documents/{document.pk}").json()["corrections"] == [note.number]
    assert listed(admin, "?kind=credit_note") == [note.number]


def test_pdf_comes_when_it_is_what_is_wanted(lot, admin):
    path = f"/documents/{receipt(lot).pk}"
    for accept in ("application/pdf", "application/pdf;q=0.9, application/json;q=0.1", "text/html, application/pdf"):
        answer = get(admin, path, Accept=accept)
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-"), accept
        assert "Accept" in answer["Vary"].split(", ")
    for accept in (
        "*/*",
        "application/json",
        "text/html",
        "application/json, application/pdf;q=0.5",
        "",
        "\x00",
        "nan;q=nan",
    ):
        answer = get(admin, path, Accept=accept)
        assert answer["Content-Type"].startswith("application/json"), accept
        assert "Accept" in answer["Vary"].split(", ")
    assert get(admin, f"{path}?paper=roll", **PDF).content != get(admin, path, **PDF).content


def test_documents_are_seen_by_whom_they_concern(lot, admin):
    driver, attendant = make_user(), make_user("attendant", lot.operator)
    mine, stranger = receipt(lot, driver=driver), receipt(lot, "ZH 2")
    other = make_user("admin", make_lot().operator)

    assert listed(admin) == listed(attendant) == [stranger.number, mine.number]
    assert listed(driver) == [mine.number]
    assert listed(other) == []
    assert get(None, "/documents").status_code == 401
    for person, statuses in {driver: (200, 404), attendant: (200, 200), other: (404, 404), None: (401, 401)}.items():
        for headers in ({}, PDF):
            got = tuple(get(person, f"/documents/{one.pk}", **headers).status_code for one in (mine, stranger))
            assert got == statuses, person
    assert get(admin, f"/documents/{'9' * 40}").status_code == 404


def test_documents_are_found_and_paged(lot, admin):
    second = make_lot(lot.operator, slug="second")
    early, late, there = (
        receipt(lot, at=AT - dt.timedelta(days=3)),
        receipt(lot, "ZH 2", driver=make_user()),
        receipt(second, "ZH 3"),
    )
    day = (AT - dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    for query, rows in {
        f"?number={late.number.lower()}": [late],
        "?number=R-1999-000001": [],
        "?plate=zh2": [late],
        "?plate=…": [],
        "?lot=second": [there],
        "?kind=receipt": [there, late, early],
        "?kind=invoice": [],
        f"?from={day}": [there, late],
        f"?to={day}": [early],
        "?page_size=1&page=3": [early],
    }.items():
        assert listed(admin, query) == [row.number for row in rows], query
    for query, path in {
        "?kind=R": "kind",
        f"?number={'x' * 25}": "number",
        "?from=now": "from",
        "?page=x": "page",
    }.items():
        assert refusal(get(admin, f"/documents{query}"))[2] == [path], query
