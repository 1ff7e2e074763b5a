"""A year of stays whose clocks run out night by night: nothing is older than its clock, and no sum of the books moves."""

import pytest
from django.db import connection
from django.utils.timezone import now

from billing.books import book_postings, close_days
from billing.services import record_debt, refund_payment, take_payment
from gates.models import GateEvent
from retention.services import end_clocks
from tests.api.documented import get
from tests.entrance.sessions import client_of
from tests.factories import make_charge, make_gate, make_lot, make_proof, make_user
from tests.invariants import broken, issue_documents
from tests.retention.kept_rows import DAY, left, read_at
from tickets.models import Ticket
from verification import prove
from verification.retention_invariants import INVARIANTS

pytestmark = pytest.mark.django_db
BOOKS = (
    *("billing_charge", "billing_credit", "billing_payment", "billing_refund", "billing_posting", "billing_bookline"),
    *("billing_hourlysum", "billing_monthlysum", "billing_operatorsum", "billing_dailyclose"),
    *("billing_document", "billing_documentcounter"),
)
KINDS = ("anonymous", "proven", "owed and settled", "owing", "free", "given back")


class Year:
    """A lot, and stays of every kind through a year."""

    def __init__(self, stays: int) -> None:
        self.lot = make_lot()
        self.gate = make_gate(self.lot)
        self.owner = make_user()
        self.person = make_user("admin", self.lot.operator)
        self.admin = client_of(self.person)
        self.stays = stays
        self.kinds: dict[int, str] = {}

    def run(self, nights: int) -> None:
        """Let the stays come, and the night now and then."""
        for number in range(self.stays):
            days = 365 * (self.stays - number) / self.stays
            self.kinds[self.stay(number, KINDS[number % len(KINDS)], days).pk] = KINDS[number % len(KINDS)]
            if number % (self.stays // nights) == 0:
                close_days(at=now() - days * DAY)
                end_clocks(at=now() - days * DAY)

    def stay(self, number: int, kind: str, days: float) -> Ticket:
        at, plate = now() - days * DAY, f"ZH {number}"
        charge = make_charge(self.lot, 0 if kind == "free" else 600, at=at, tax_percent="8.1")
        ticket = left(self.lot, days, plate, charge=charge)
        for _ in range(2):
            read_at(self.gate, days, plate, ticket=ticket)
        read_at(self.gate, days, plate, action="deny", reason="full")
        if kind == "proven":
            make_proof(ticket, self.owner)
        if kind.startswith("owed") or kind == "owing":
            record_debt(charge=charge, plate=plate, reason="declined", at=at)
        if kind in {"anonymous", "proven", "owed and settled", "given back"}:
            paid = at + 2 * DAY if kind.startswith("owed") else at
            payment = take_payment(charge=charge, method="terminal", amount=None, idempotency_key=plate, at=paid)
            if kind == "given back":
                refund_payment(
                    payment=payment, amount=200, reason="kind", goodwill=True, idempotency_key=plate, at=paid
                )
        return ticket

    def sums(self) -> dict[str, object]:
        """Return every row of the books, and what the pages and the API make of them."""
        found: dict[str, object] = {}
        with connection.cursor() as cursor:
            for table in BOOKS:
                cursor.execute(f"SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} t")  # noqa: S608
                found[table] = cursor.fetchone()
        since = (now() - 366 * DAY).date()
        asked = {"since": f"{since}", "until": f"{now().date()}"}
        report = self.admin.get("/manage/revenue/", asked).context["report"]
        found["page"] = (str(report.total), report.opening, report.closing)
        found["file"] = b"".join(self.admin.get("/manage/revenue/lines/csv/", asked).streaming_content)
        found["summary"] = get(self.person, f"/revenue-summary?from={since}&to={now().date()}").json()
        return found


def check(year: Year, nights: int) -> None:
    year.run(nights)
    issue_documents()
    book_postings()
    before, rules = year.sums(), broken()

    ended = end_clocks(at=now())

    assert ended["stays"] > 0
    after = year.sums()
    assert {name for name in before if after[name] != before[name]} == set()
    assert rules == broken() == []
    assert [(proof.invariant.name, proof.rows) for proof in prove(INVARIANTS) if proof.total] == []
    kept = Ticket.objects.exclude(plate=None)
    for ticket in kept:
        age, kind = (now() - ticket.exit_at) / DAY, year.kinds[ticket.pk]
        assert age < {"anonymous": 2, "given back": 2, "free": 2, "owed and settled": 32.1}.get(kind, 366), kind
    assert {year.kinds[ticket.pk] for ticket in kept} >= {"proven", "owing"}
    assert Ticket.objects.filter(plate=None).count() > year.stays / 2
    reads = GateEvent.objects.exclude(plate=None)
    assert not reads.filter(ticket=None, received_at__lt=now() - 2 * DAY).exists()
    assert not reads.filter(ticket__plate=None, ticket__isnull=False).exists()
    assert not GateEvent.objects.filter(read__has_key="image_url", received_at__lt=now() - 28 * DAY).exists()
    documents = str(list(year.lot.operator.documents.values_list("content", flat=True)))
    anonymous = [pk for pk, kind in year.kinds.items() if kind == "anonymous"]
    numbers = Ticket.objects.filter(pk__in=anonymous).values_list("number", flat=True)
    assert all(number in documents for number in numbers)
    assert "ZH 0" not in documents


def test_a_year_of_stays_obeys_its_clocks():
    check(Year(stays=90), nights=6)


@pytest.mark.proof
def test_a_year_of_many_stays_obeys_its_clocks():
    check(Year(stays=12_000), nights=365)
