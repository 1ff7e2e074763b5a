"""What stands after a storm: every page that people can reach by its links, opened by each kind of person."""

import re
import traceback
from collections import deque
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.utils.timezone import now

from billing.tasks import conclude_payments
from gates.services import confirm_silent_passages
from lots.models import Lot
from notifications.tasks import deliver_outbox
from tests.entrance.sessions import client_of
from tests.factories import make_user, make_vehicle
from tickets.models import Ticket
from tickets.tasks import end_exit_graces

_LINK = re.compile(rb"""(?:href|src|hx-get)=["']([^"'#]+)""")
_LEFT_OUT = re.compile(r"/(static|accounts/logout|admin/logout|admin/jsi18n|api/v1/docs|api/v1/redoc)")
OFTEN = 40
"""How many addresses of one route are opened: there may be thousands of stays."""


def do_periodic_work() -> None:
    """Do once what the workers do all day."""
    confirm_silent_passages(at=now(), limit=100_000)
    conclude_payments()
    end_exit_graces()
    deliver_outbox()


def broken_pages(lots: list[Lot], plates: Iterable[str], *, at_most: int) -> list[str]:
    """Open what each person can reach and return what was answered with an error of ours, with its trace."""
    operator = lots[0].operator
    driver = make_user()
    for plate in plates:
        make_vehicle(driver, plate)
    apis = [
        f"/api/v1/lots/{lot.slug}{more}" for lot in lots for more in ("", "/availability", "/dashboard", "/activities")
    ]
    apis += ["/api/v1/lots", "/api/v1/tickets?page_size=200", "/api/v1/revenue-summary", "/api/v1/me", "/api/v1/users"]
    apis += ["/api/v1/reservations?page_size=200"]
    orders = ("entry_at", "-entry_at", "-exit_at", "-charge__due_amount", "status", "-pk")
    stays = [stay for order in orders for stay in Ticket.objects.order_by(order)[: at_most // 50]]
    guest = [
        f"/{first}/{stay.token}{last}"
        for stay in stays
        for first, last in (("pay", "/"), ("t", ""), ("pay", "/receipt/"))
    ]
    own = [f"/manage/stays/{stay.number}/" for stay in stays]
    desk = [f"/desk/stays/{stay.number}/" for stay in stays] + [f"/desk/?lot={lot.slug}" for lot in lots]
    back_office = make_user(is_superuser=True, is_staff=True)
    clients = {
        "anybody": (Client(), ["/", *guest]),
        "driver": (client_of(driver), ["/me/", "/me/vehicles/", *apis]),
        "attendant": (client_of(make_user("attendant", operator)), ["/desk/", *desk, *apis]),
        "admin": (client_of(make_user("admin", operator)), ["/manage/", *own, *apis]),
        "back office": (client_of(back_office), ["/admin/"]),
    }
    return [broken for who, (client, starts) in clients.items() for broken in _crawl(who, client, starts, at_most)]


def _crawl(who: str, client: Client, starts: list[str], at_most: int) -> Iterable[str]:
    client.raise_request_exception = False
    waiting, known, opened = deque(starts), set(starts), dict[str, int]()
    while waiting and at_most:
        address = waiting.popleft()
        at_most -= 1
        response = client.get(address)
        if response.status_code >= 500:
            error = getattr(response, "exc_info", None)
            yield f"{who}: {response.status_code} at {address}\n{''.join(traceback.format_exception(*error)[-6:]) if error else ''}"
        content = b"" if response.streaming else response.content
        found = {urljoin(address, unescape(link.decode())) for link in _LINK.findall(content)}
        for link in sorted(found | {urljoin(address, response.get("Location", address))} - known):
            route = re.sub(r"\d+|PS-\w+|[\w-]{22}(?=/|$)", "…", link)
            if link in known or urlsplit(link).netloc or _LEFT_OUT.match(link) or opened.get(route, 0) >= OFTEN:
                continue
            opened[route] = opened.get(route, 0) + 1
            known.add(link)
            waiting.append(link)
