"""What stands in exported files: the rows of the list, and nothing that a spreadsheet runs."""

import datetime as dt
import io
import re
from decimal import Decimal
from zipfile import ZipFile

import pytest
from django.db.models import Sum
from django.utils.timezone import now

from billing.books import book_postings
from billing.models import BookLine, Payment
from billing.services import refund_payment, take_payment
from common.errors import DomainError
from exports.export_kinds import all_kinds, kind_named
from exports.models import WhoseRows
from gates.models import GateEvent
from notifications.services import queue_message
from passes.services import HeldBy
from tests.entrance.sessions import client_of
from tests.exports.orders import asked, content, rows, written
from tests.factories import (
    make_blocked_plate,
    make_charge,
    make_device,
    make_gate,
    make_lot,
    make_proof,
    make_reservation,
    make_ticket,
    make_user,
    make_vehicle,
)
from tests.passes.sold import granted, offered

pytestmark = pytest.mark.django_db(transaction=True)
ENTRY = dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)


@pytest.fixture
def lot():
    return make_lot(slug="ours", timezone="Europe/Zurich")


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator)


def left(lot, plate="ZH 1", entry_at=ENTRY, **fields):
    times = {"entry_at": entry_at, "exit_at": entry_at + dt.timedelta(hours=2)}
    return make_ticket(lot, plate, status="closed", closed_reason="paid", **times | fields)


def paid(lot, amount, **fields):
    return take_payment(
        charge=make_charge(lot, amount, **fields),
        method="terminal",
        amount=None,
        idempotency_key=f"k{amount}",
        at=now(),
    )


def test_stays_are_told_with_the_offset_of_their_lot_and_in_whole_money(lot, admin):
    left(lot, charge=make_charge(lot, 1250))
    export = written(admin)

    assert export.state == "ready", export.failure
    (row,) = rows(export)
    assert (row["entry_time"], row["exit_time"]) == ("2026-03-29T01:30:00+01:00", "2026-03-29T04:30:00+02:00")
    assert (row["currency"], row["due"], row["paid"], row["owed"]) == ("CHF", "12.50", "0.00", "12.50")
    assert (export.rows, export.total, export.size) == (1, 1, len(content(export)))


@pytest.mark.parametrize(
    ("zone", "currency", "entry", "due"),
    [
        ("America/St_Johns", "USD", "2026-03-28T22:00:00-02:30", "12.50"),
        ("America/New_York", "KWD", "2026-03-28T20:30:00-04:00", "1.250"),
        ("Asia/Kathmandu", "JPY", "2026-03-29T06:15:00+05:45", "1250"),
        ("UTC", "CLF", "2026-03-29T00:30:00+00:00", "0.1250"),
    ],
)
def test_zones_and_currencies_of_the_world(zone, currency, entry, due):
    lot = make_lot(timezone=zone, currency=currency)
    left(lot, charge=make_charge(lot, 1250))
    (row,) = rows(written(make_user("admin", lot.operator)))

    assert (row["entry_time"], row["due"], row["owed"]) == (entry, due, due)


WRITTEN = pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("-12.50", "-12.50"),
        ("+41791234567", "+41791234567"),
        ("-12.50\n=1", "'-12.50\n=1"),
        ('a;b,"c"\nd <script>alert(1)</script> é', 'a;b,"c"\nd <script>alert(1)</script> é'),
        (",=1+1", ",=1+1"),
        ("", ""),
    ],
)
DELIMITERS = pytest.mark.parametrize("delimiter", [",", ";"])


@WRITTEN
@DELIMITERS
def test_what_people_wrote_is_no_formula_and_keeps_its_lines(lot, admin, typed, cell, delimiter):
    paid(lot, 100, label=typed)
    export = written(admin, "payments", delimiter=delimiter, bom=True)

    (row,) = rows(export)
    assert (row["label"], row["captured"]) == (cell, "1.00")
    assert content(export).startswith(b"\xef\xbb\xbfid" + delimiter.encode())
    # A program that splits at the other delimiter finds it inside quotes, too.
    assert f'"{cell.replace(chr(34), chr(34) * 2)}"'.encode() in content(export)


@WRITTEN
@DELIMITERS
def test_sealed_texts_are_opened_and_written_like_others(lot, admin, typed, cell, delimiter):
    make_blocked_plate(lot.operator, "ZH 1", reason=typed)
    export = written(admin, "blocks", delimiter=delimiter, bom=True)

    (row,) = rows(export)
    assert (row["plate"], row["reason"], row["last_day"]) == ("ZH 1", cell, "")
    assert content(export).startswith(b"\xef\xbb\xbfplate" + delimiter.encode())
    assert f'"{cell.replace(chr(34), chr(34) * 2)}"'.encode() in content(export)


def test_sealed_texts_are_opened_in_sheets(lot, admin):
    make_blocked_plate(lot.operator, "ZH 1", reason="drove off without paying")
    with ZipFile(io.BytesIO(content(written(admin, "blocks", file_format="xlsx")))) as book:
        assert "drove off without paying" in book.read("xl/worksheets/sheet1.xml").decode()


def test_negative_amounts_stay_numbers(lot, admin):
    payment = paid(lot, 500)
    given = refund_payment(payment=payment, amount=200, reason="x", idempotency_key="r", refunded_by=admin, at=now())
    type(given).objects.filter(pk=given.pk).update(returned_at=now())
    amounts = [row["amount"] for row in rows(written(admin, "revenue", asked="kind=all"))]

    assert sorted(amounts) == ["2.00", "5.00", "5.00"]


def test_xlsx_has_numbers_and_texts_and_no_formula(lot, admin):
    paid(lot, 1250, label="=1+1")
    paid(lot, 7, label="A <b> & \x0b b")
    export = written(admin, "payments", file_format="xlsx", words=True)

    with ZipFile(io.BytesIO(content(export))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<v>12.5</v>" in sheet
    assert "=1+1" in sheet
    assert "Asked for" in sheet
    assert export.rows == 2


def test_words_or_names_head_the_columns(lot, admin):
    assert content(written(admin)).startswith(b"number,status,lot,plate,vehicle_type,entry_time,exit_time,spot,level,")
    assert content(written(admin, words=True)).startswith(b"Ticket,Status,Lot,Plate,Vehicle,In,Out,Spot,Level,")


FILTERS = ["", "status=active", "q=ZH+2", "from=2026-03-30&to=2026-03-30", "lot=ours", "long=on", "status=review&q=x"]


@pytest.mark.parametrize("query", FILTERS)
def test_stays_are_those_of_the_list_and_in_its_order(lot, admin, query):
    other = make_lot(lot.operator)
    for number, place in enumerate((lot, lot, other)):
        left(place, f"ZH {number}", ENTRY + dt.timedelta(days=number))
    make_ticket(lot, "ZH 2")
    left(make_lot(), "ZH 2")
    page = client_of(admin).get(f"/manage/stays/?{query}").context["page"]

    assert [row["number"] for row in rows(written(admin, asked=query))] == [one.number for one in page]


def test_instants_limit_to_the_second(lot, admin):
    inside, _ = left(lot, "ZH 1"), left(lot, "ZH 2", ENTRY + dt.timedelta(seconds=1))
    query = "from=2026-03-29T01:30:00%2B01:00&to=2026-03-29T00:30:01Z"

    assert [row["number"] for row in rows(written(admin, asked=query))] == [inside.number]


def test_drivers_get_their_own_rows_alone(lot):
    driver, other = make_user(), make_user()
    mine, theirs = left(lot, "ZH 1"), left(lot, "ZH 2")
    make_proof(mine, driver)
    make_proof(theirs, other)
    make_vehicle(driver, "ZH 1")
    make_vehicle(other, "ZH 2")
    booking = make_reservation(lot, "ZH 1", now() + dt.timedelta(days=1), driver=driver, email=driver.email)
    make_reservation(lot, "ZH 2", now() + dt.timedelta(days=1), driver=other, email=other.email)

    assert [row["number"] for row in rows(written(driver, "stays", "own"))] == [mine.number]
    assert [row["plate"] for row in rows(written(driver, "vehicles", "own"))] == ["ZH 1"]
    assert [row["code"] for row in rows(written(driver, "reservations", "own"))] == [booking.code]
    assert rows(written(driver, "stays", "own", asked="from=2026-03-30")) == []
    assert rows(written(driver, "documents", "own", asked="from=2026-03-30&lot=ours")) == []
    with pytest.raises(DomainError) as refused:
        asked(driver, "stays", "lots")
    assert refused.value.status == 403


def test_passes_come_with_their_holders_and_plates(lot, admin):
    driver, other = make_user(), make_user()
    offer = offered(lot, name="Month", most_plates=2)
    granted(
        offer, "ZH 1", "ZH 2", to=HeldBy(user=driver, name="Ada", email=driver.email), at=now(), valid_from=now().date()
    )
    granted(offer, "BE 1", to=HeldBy(user=other), at=now(), valid_from=now().date())

    [own] = rows(written(driver, "passes", "own"))
    assert (own["holder"], own["plates"], own["email"]) == ("Ada", "ZH 1 ZH 2", driver.email)
    assert [row["plates"] for row in rows(written(admin, "passes", asked="q=be1"))] == ["BE 1"]
    assert len(rows(written(admin, "passes"))) == 2


def test_exported_payments_add_up_to_the_books(lot, admin):
    first, second = paid(lot, 1000), paid(lot, 350)
    refund_payment(payment=first, amount=250, reason="x", idempotency_key="r", refunded_by=admin, at=now())
    paid(make_lot(), 9900)
    book_postings()
    lines = (
        BookLine.objects.filter(lot=lot, kind__in=["captured", "refunded"]).values("kind").annotate(sum=Sum("amount"))
    )
    books = {line["kind"]: Decimal(line["sum"]) / 100 for line in lines}
    payments, postings = rows(written(admin, "payments")), rows(written(admin, "revenue"))

    for kind in ("captured", "refunded"):
        assert sum(Decimal(row[kind]) for row in payments) == books[kind]
        assert sum(Decimal(row["amount"]) for row in postings if row["kind"] == kind) == books[kind]
    assert (
        {row["id"] for row in payments}
        == {str(first.pk), str(second.pk)}
        == {str(pk) for pk in Payment.objects.filter(charge__lot=lot).values_list("pk", flat=True)}
    )


def test_every_kind_is_written_with_the_names_of_the_api(lot, admin):
    driver = make_user()
    make_proof(left(lot, "ZH 1", charge=make_charge(lot, 500)), driver)
    left(lot, "ZH 1")
    event = {"answer": {}, "body_hash": b"", "at": ENTRY, "captured_at": ENTRY, "received_at": ENTRY}
    device, _ = make_device(make_gate(lot))
    GateEvent.objects.create(
        lot=lot, gate=device.gate, device=device, event_id="6f9b8bd0-3c33-4a02-a1c2-7c6c1f4a2f3d", action="open",
        reason="ok", plate="=ZH", flags=["held_open"], skew_seconds=300, **event,
    )  # fmt: skip
    queue_message(
        key="m",
        operator=lot.operator,
        recipient="a@example.com",
        template="invitation",
        context={"link": "secret"},
        at=now(),
    )
    for kind in all_kinds():
        export = written(admin if kind.whose == WhoseRows.LOTS else driver, kind.name, kind.whose)
        assert export.state == "ready", (kind.name, export.failure)
        head = content(export).decode().partition("\n")[0]
        assert head == ",".join(column.name for column in kind.columns)
        assert re.fullmatch(r"[a-z_,]+", head)
        assert "secret" not in content(export).decode()
    plates = rows(written(admin, "vehicles"))
    assert [(row["plate"], row["stays"]) for row in plates] == [("ZH1", "2")]
    (row,) = rows(written(admin, "events"))
    assert (row["plate"], row["flags"]) == ("'=ZH", '["held_open"]')
    assert rows(written(admin, "events", asked="exceptions=on&flag=skew"))


@pytest.mark.parametrize("query", ["from=yesterday", "status=gone", "from=2026-99-99T00:00:00Z"])
def test_a_filter_that_does_not_fit_is_refused_before(admin, query):
    with pytest.raises(DomainError) as refused:
        asked(admin, asked=query)
    assert refused.value.status == 422
    assert refused.value.errors[0].path in {"from", "status"}


def test_lots_of_others_are_not_found(admin):
    make_lot(slug="theirs")
    with pytest.raises(DomainError) as refused:
        asked(admin, asked="lot=theirs")
    assert refused.value.status == 404


def test_kinds_are_those_that_are_promised():
    promised = [
        "stays",
        "payments",
        "documents",
        "reservations",
        "passes",
        "debts",
        "events",
        "vehicles",
        "messages",
        "members",
        "blocks",
        "permits",
        "revenue",
    ]
    assert [kind.name for kind in all_kinds() if kind.whose == WhoseRows.LOTS] == promised
    own = ["stays", "payments", "documents", "reservations", "passes", "vehicles"]
    assert [kind.name for kind in all_kinds() if kind.whose == WhoseRows.OWN] == own
    assert kind_named("stays", "own").role == ""
