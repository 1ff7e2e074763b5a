"""What people do most, each as one request, and every statement that PostgreSQL gets from it."""

import datetime as dt
import re
from collections.abc import Callable
from itertools import pairwise

from allauth.mfa.models import Authenticator
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.desk.test_pages import Desk
from tests.retention.kept_rows import read_at

Act = Callable[[], HttpResponse]
WHEN = {"entry": "2026-03-02T10:00", "exit": "2026-03-02T12:00", "spot_type": "regular"}
BOUNDARY = re.compile(r"BEGIN|COMMIT|SAVEPOINT|RELEASE")


def listen(act: Callable[[], object]) -> list[str]:
    """Do it and return all statements in their order, those of `common.db.flush` and of transactions too."""
    with CaptureQueriesContext(connection) as captured:
        response = act()
    assert not isinstance(response, HttpResponse) or response.status_code in {200, 302}, response.content.decode()
    return [query["sql"] for query in captured.captured_queries]


def without_session(statements: list[str]) -> list[str]:
    """Leave out what every page of a signed-in person asks: the session, the person, the session's own transaction."""
    numbers = [number for number, statement in enumerate(statements) if '"django_session"' in statement]
    left_out = set(numbers)
    for number in numbers:
        around = statements[number - 1 : number + 2]
        if len(around) == 3 and BOUNDARY.match(around[0]) and BOUNDARY.match(around[2]):
            left_out |= {number - 1, number + 1}
    kept = [statement for number, statement in enumerate(statements) if number not in left_out]
    return [one for one in kept if not one.startswith('SELECT "accounts_user"."id"')]


def quote_page(desk: Desk) -> Act:
    return lambda: Client().get(f"/lots/{desk.lot.slug}/", WHEN)


def quote(desk: Desk) -> Act:
    body = {name: f"{WHEN[name]}:00Z" for name in ("entry", "exit")}
    return lambda: Client().post(f"/api/v1/lots/{desk.lot.slug}/quote", body, content_type="application/json")


def pay_page(desk: Desk) -> Act:
    return lambda: Client().get(f"/pay/{desk.ticket.token}/")


def pay(desk: Desk) -> Act:
    card = {"token": "tok_ok", "receipt_email": "", "key": "a key", "amount": 900}
    return lambda: Client().post(f"/pay/{desk.ticket.token}/", card)


def read_fee(desk: Desk) -> Act:
    return lambda: Client().get(f"/api/v1/tickets/{desk.ticket.token}/fee")


def pay_by_program(desk: Desk) -> Act:
    address, card = f"/api/v1/tickets/{desk.ticket.token}/pay", {"method": "card", "token": "tok_ok"}
    return lambda: Client().post(address, card, content_type="application/json", headers={"Idempotency-Key": "a key"})


def stay_page(desk: Desk) -> Act:
    return lambda: desk.get(desk.stay())


def cash(desk: Desk) -> Act:
    return desk.cash


def cash_after_a_declined_card(desk: Desk) -> Act:
    desk.card("tok_declined")
    return desk.cash


def card(desk: Desk) -> Act:
    return lambda: desk.card("tok_ok")


def leave_owing(desk: Desk) -> Act:
    return lambda: desk.post(desk.stay("out/"), how="debt", note="card machine broken")


def allow_waivers(desk: Desk) -> None:
    desk.operator.waiver_limit = desk.operator.waiver_day_limit = 5000
    desk.operator.save()


def waive(desk: Desk) -> Act:
    allow_waivers(desk)
    return lambda: desk.post(desk.stay("out/"), how="waive", note="card machine broken")


def lose_a_ticket(desk: Desk) -> Act:
    return lambda: desk.post("/desk/lost/fee/", plate="ZH 99")


def pay_for_a_lost_ticket(desk: Desk) -> Act:
    stay = lose_a_ticket(desk)()["Location"].split("?")[0]
    return lambda: desk.post(f"{stay}cash/", agreed=4000)


def pay_a_debt(desk: Desk) -> Act:
    leave_owing(desk)()
    return lambda: desk.post(desk.stay("debt/cash/"), agreed=900)


def overview(desk: Desk) -> Act:
    admin = Desk("admin")
    read_at(admin.entry.gate, 0)
    Authenticator.objects.create(user=admin.user, type=Authenticator.Type.TOTP, data={})
    admin.get("/manage/")
    return lambda: admin.get("/manage/")


def drive_in(desk: Desk) -> Act:
    return lambda: desk.entry.send({"event_id": "00000000-0000-4000-8000-000000000001", "plate": "ZH 7"})


def drive_out_paid(desk: Desk) -> Act:
    pay(desk)()
    at = dt.datetime.now(dt.UTC).isoformat()
    body = {"event_id": "00000000-0000-4000-8000-000000000002", "plate": "ZH 123456", "captured_at": at}
    return lambda: desk.exit.send(body)


def drive_out_owing(desk: Desk) -> Act:
    """A record of a car that has left although it had not paid."""
    at = dt.datetime.now(dt.UTC).isoformat()
    body = {"event_id": "00000000-0000-4000-8000-000000000003", "plate": "ZH 123456", "captured_at": at}
    return lambda: desk.exit.send(body | {"offline": True})


ACTIONS: dict[str, Callable[[Desk], Act]] = {
    "a quote page": quote_page,
    "a quote by a program": quote,
    "the page of a fee": pay_page,
    "a driver's card": pay,
    "a fee by a program": read_fee,
    "a card by a program": pay_by_program,
    "a stay at the desk": stay_page,
    "cash at the desk": cash,
    "cash after a declined card": cash_after_a_declined_card,
    "a card at the desk": card,
    "an exit that owes": leave_owing,
    "an exit that is waived": waive,
    "a lost ticket": lose_a_ticket,
    "cash for a lost ticket": pay_for_a_lost_ticket,
    "cash for a debt": pay_a_debt,
    "the office's overview": overview,
    "a car that comes in": drive_in,
    "a paid car that leaves": drive_out_paid,
    "a car that left owing": drive_out_owing,
}


def transactions(statements: list[str]) -> list[list[str]]:
    """Split statements at the ends of transactions."""
    ends = [0, *(number + 1 for number, one in enumerate(statements) if one == "COMMIT"), len(statements)]
    return [statements[start:end] for start, end in pairwise(ends)]
