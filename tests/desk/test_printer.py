"""The receipt printer and drawer beside a desk."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from desk.till import printer
from desk.till.slips import WIDTH, SlipRow, slip
from tests.desk.test_pages import Desk
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_at_once(monkeypatch):
    monkeypatch.setattr(printer, "away", printer.Breaker(30))
    monkeypatch.setattr(printer, "_pool", printer.urllib3.PoolManager(timeout=0.3, retries=False))


@pytest.fixture
def printed(settings) -> Iterator[list[bytes]]:
    """What a printer's service was sent."""
    jobs: list[bytes] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            jobs.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_parts: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Service)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.TILL_PRINTER_URL = f"http://127.0.0.1:{server.server_port}/print"
    yield jobs
    server.shutdown()
    server.server_close()


def test_cash_opens_the_drawer_and_prints_its_receipt(printed):
    Desk().cash(tendered="20")

    [job] = printed
    assert job.startswith(b"\x1b@\x1bt\x13\x1bp\x00")
    assert b"CHF 9.00" in job
    assert b"Change: CHF 11.00" in job
    assert job.endswith(b"\x1dVB\x00")


def test_a_card_prints_without_the_drawer(printed):
    Desk().card("tok_ok")

    [job] = printed
    assert b"\x1bp" not in job


def test_a_declined_card_prints_nothing(printed):
    Desk().card("tok_declined")

    assert printed == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://nowhere.invalid/"])
def test_a_printer_that_is_away_stops_no_sale_and_is_left_alone(settings, address):
    settings.TILL_PRINTER_URL = address
    desk = Desk()

    assert desk.cash(tendered="20").status_code == 302

    desk.ticket.refresh_from_db()
    assert desk.ticket.status == TicketStatus.CLOSED
    assert printer.away.is_open


def test_a_car_without_a_plate_gets_its_ticket_from_the_printer_and_again(printed):
    desk = Desk()
    desk.post("/desk/in/", plate="", vehicle_type="regular", note="Camera is down")
    ticket = Ticket.objects.latest("pk")
    desk.client.post(desk.stay("slip/", ticket))

    assert len(printed) == 2
    assert printed[0] == printed[1]
    assert f"/t/{ticket.token}".encode() in printed[0]
    assert ticket.number.encode() in printed[0]


def test_lines_fit_the_roll():
    said = slip(
        title="Acme", head=["Zürich"], rows=[SlipRow("x" * 100, "CHF 1.00")], total=SlipRow("Paid", "€ 1"), foot=[]
    )

    assert max(len(line) for line in said.split(b"\n")[3:] if line.isascii()) <= WIDTH + 6
    assert "Zürich".encode("cp858") in said
