"""One operator with a bit of everything, another beside it, and one person of each kind."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now

from accounts.models import Membership, User
from audit.models import AuditEntry
from billing.documents.issuing import issue_receipts
from billing.models import Debt, Document, Objection
from billing.services import approve_refund, ask_refund, start_card_setup, take_payment
from billing.services.tariff_drafts import DraftValues, start_draft
from common.web import rate_limits
from events.services import WebhookWish, make_webhook, number_events, plan_deliveries
from exports.services import ExportOrder, ask_export
from gates.services.plate_imports import start_plate_import
from lists.services import save_view, start_batch
from merchants.services import give_validation
from notifications.models import Message, MessageState
from passes.services import HeldBy, start_import
from reports.services import ask_task
from reservations.models import NotParkedReport
from tests.factories import (
    HOURLY,
    make_api_key,
    make_application,
    make_blackout,
    make_blocked_plate,
    make_charge,
    make_closed_shift,
    make_device,
    make_gate,
    make_invitation,
    make_lot,
    make_merchant,
    make_objection,
    make_operator,
    make_permit,
    make_promo_code,
    make_reservation,
    make_saved_method,
    make_shift,
    make_ticket,
    make_user,
    make_validation_type,
    make_validator,
    make_vehicle,
)
from tests.gates.lanes import undone
from tests.passes.sold import company_of, granted, manager_of, offered

PEOPLE = (
    *("anonymous", "driver", "attendant", "admin", "other_attendant", "other_admin", "validator"),
    *("guard", "annex_admin", "annex_attendant"),
)
MEMBER_OF_BOTH = "member_of_both"
"""An attendant of the operator whose rows are asked for, and an admin of the other."""


class World:
    """Rows of one operator, and clients logged in as each kind of person."""

    def __init__(self) -> None:
        ours, theirs = make_operator(), make_operator()
        self.lot = make_lot(ours, slug="ours", spots={"regular": 5})
        self.annex = make_lot(ours, slug="annex")
        make_lot(theirs, slug="theirs")
        self.gate = make_gate(self.lot, "entry", "ours-in")
        make_gate(self.lot, "exit", "ours-out")
        self.device, _ = make_device(self.gate)
        self.ticket = make_ticket(self.lot, "ZH 1", dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))
        self.booking = make_reservation(
            self.lot, "ZH 2", now() + dt.timedelta(days=1), spot=self.lot.spots.latest("pk"), email="guest@example.com"
        )
        self.attendant = make_user("attendant", ours)
        people = {
            "driver": make_user(),
            "attendant": self.attendant,
            "admin": make_user("admin", ours),
            "other_attendant": make_user("attendant", theirs),
            "other_admin": make_user("admin", theirs),
            "guard": make_user("guard", ours),
            "annex_admin": make_user("admin", ours),
            "annex_attendant": make_user("attendant", ours),
            MEMBER_OF_BOTH: make_user("admin", theirs),
        }
        shop = make_merchant(self.lot)
        self.kind = make_validation_type(shop, by_code=True, budget_kind="number", budget_limit=9)
        people["validator"] = make_validator(shop)
        self.given = give_validation(
            kind=self.kind, ticket=make_ticket(self.lot, "ZH 3"), at=now(), by=people["validator"]
        )
        people[MEMBER_OF_BOTH].memberships.create(operator=ours, role="attendant")
        annexed = Membership.objects.filter(user__in=[people["annex_admin"], people["annex_attendant"]])
        annexed.update(lot_ids=[self.annex.pk])
        self.admins_alone = {
            *(
                "ZH 44",
                "ZH44",
                "ZH 66",
                "ZH66",
                "ZH 55",
                "ZH55",
                "ZH 88",
                "ZH88",
                "new@example.com",
                "550 no such mailbox",
                "Secret program",
            ),
            "Secret Applicant",
            self.attendant.email,
            people["admin"].email,
        }
        self.rows = {
            "devices": self.device,
            "keys": make_api_key(people["admin"], name="Secret program").row,
            "spots": self.lot.spots.latest("pk"),
            "zones": self.lot.levels.get().zones.get(),
            "tariffs": self.lot.tariffs.get(),
            "drafts": start_draft(lot=self.lot, values=DraftValues("Spring", HOURLY), at=now()),
            "debts": self._debt(),
            "documents": self._document(),
            "blackouts": make_blackout(self.lot, now() + dt.timedelta(days=50)),
            "blocked": make_blocked_plate(ours, "ZH 66"),
            "permits": make_permit(ours, "ZH 55"),
            "invitations": make_invitation(ours),
            "people": self.attendant.memberships.get(),
            "messages": self._message(),
            "vehicles": make_vehicle(people["driver"], "ZH 77"),
            "cards": make_saved_method(people["driver"]),
            "objections": self._objection(),
            "shifts": make_shift(make_user("attendant", ours), self.lot, drawer="A"),
            "bookings": make_reservation(
                self.lot, "ZH 33", now() + dt.timedelta(days=1), driver=people["driver"], email=people["driver"].email
            ),
            "no-place": make_reservation(self.lot, "ZH 34", now() + dt.timedelta(days=2), place_lost_at=now()),
            "not-parked": NotParkedReport.objects.create(
                booking=make_reservation(self.lot, "ZH 35", now() + dt.timedelta(days=3)), reported_at=now()
            ),
            "shift": make_closed_shift(make_user("attendant", ours), self.lot),
        }
        self._passes(people["driver"], people["admin"])
        self.rows |= {"merchants": shop, "types": self.kind, "promo-codes": make_promo_code(ours)}
        self.rows |= {"applications": make_application()}
        self.export = ask_export(owner=people["driver"], order=ExportOrder("stays", "own"), at=now())
        self.task = ask_task(name="cache_clear", by=people["admin"], at=now())
        self.card_setup = start_card_setup(owner=people["driver"], return_url="/", at=now())
        self.asked = take_payment(
            charge=make_charge(self.lot, 600), method="card", amount=None, idempotency_key="asked", at=now(),
            token="tok_3ds", return_url="/",
        )  # fmt: skip
        self._refunds()
        self._webhook(people["admin"])
        self.rows |= {"audit": AuditEntry.objects.filter(operator=ours).latest("pk")}
        self.people = people
        self.clients = {name: self._client(person) for name, person in people.items()} | {"anonymous": Client()}

    def _debt(self) -> Debt:
        owed = {"plate": "ZH 44", "plate_normalised": "ZH44", "amount": 600, "reason": "declined twice"}
        operator = self.lot.operator
        return Debt.objects.create(operator=operator, charge=make_charge(self.lot, 600), created_at=now(), **owed)

    def _refunds(self) -> None:
        """Add a payment with a refund that waits to be handed over, and one of which a refund waits to be approved."""
        self.lot.operator.refund_limit = 0
        self.lot.operator.save()
        asked = []
        for number in range(2):
            charge = make_charge(self.lot, 600)
            paid = take_payment(
                charge=charge, method="terminal", amount=None, idempotency_key=f"paid-{number}", at=now()
            )
            asked.append(
                ask_refund(
                    payment=paid, amount=600, reason="x", idempotency_key=f"r-{number}", by=self.attendant, at=now()
                )
            )
        approved = approve_refund(asked=asked[0], by=make_user("admin", self.lot.operator), at=now())
        self.rows |= {"payments": paid, "refunds": approved.refund, "requests": asked[1]}

    def _webhook(self, admin: User) -> None:
        """Add a webhook with a message that waits."""
        wish = WebhookWish(url="https://example.com/")
        webhook, _secret = make_webhook(operator=self.lot.operator, wish=wish, by=admin, at=now())
        number_events()
        plan_deliveries(at=now())
        self.delivery = webhook.deliveries.latest("number")
        self.rows |= {"webhooks": webhook}

    def _passes(self, driver: User, admin: User) -> None:
        """Add what is sold, a company with a pass that the driver manages, and a pass of the driver."""
        offer, company = offered(self.lot), company_of(self.lot, "Secret Ltd")
        self.manager = manager_of(company, driver, at=now())
        self.admins_alone |= {"fleet@example.com"}
        days = {"valid_from": now().date(), "by": admin, "at": now()}
        granted(offer, "ZH 99", to=HeldBy(company=company), **days)
        self.held = granted(offer, "ZH 90", to=HeldBy(user=driver, email=driver.email), **days)
        file = f"name,plates,valid_from\nSecret Holder,ZH 89,{now().date()}".encode()
        started = start_import(offer=offer, content=file, invoiced=False, by=admin, at=now())
        self.admins_alone |= {"Secret Holder"}
        self.rows |= {"offers": offer, "companies": company, "imports": started}
        batch = start_batch(owner=admin, act="write_off", rows=[], given={}, key=uuid4(), at=now())
        view = save_view(owner=admin, listing="stays", name="Mine", asked="status=closed", at=now())
        self.rows |= {"batches": batch, "saved-views": view}
        blocked = b"plate,reason\nZH 87,Secret reason"
        self.rows["plate-imports"] = start_plate_import(
            operator=self.lot.operator, kind="blocks", content=blocked, by=admin, at=now()
        )
        self.admins_alone |= {"Secret reason"}

    def _document(self) -> Document:
        charge = make_charge(self.lot, 600)
        payment = take_payment(charge=charge, method="terminal", amount=None, idempotency_key="world", at=now())
        return issue_receipts([payment], at=now())[0]

    def _objection(self) -> Objection:
        return make_objection(self.lot, make_vehicle(make_user(), "ZH 88"))

    def _message(self) -> Message:
        return Message.objects.create(
            key="world",
            operator=self.lot.operator,
            recipient=self.attendant.email,
            template="receipt",
            state=MessageState.PARKED,
            error="550 no such mailbox",
            created_at=now(),
            next_attempt_at=now(),
        )

    def _client(self, person: Any) -> Client:
        client = Client()
        client.force_login(person)
        return client

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Undo what is written in the block, what the browsers keep of it, and what is counted."""
        kept = {name: deepcopy(client.cookies) for name, client in self.clients.items()}
        with undone():
            yield
        for name, cookies in kept.items():
            self.clients[name].cookies = cookies
        cache.clear()
        rate_limits._throttle.cache_clear()

    def ask(self, person: str, method: str, route: str) -> HttpResponse:
        """Ask for a route as a person, with an empty form or JSON object where something is sent."""
        client, path = self.clients[person], "/" + self.fill(route)
        if route.startswith("api/") and method != "GET":
            return client.generic(method, path, "{}", content_type="application/json")
        return client.post(path, {"csrfmiddlewaretoken": "sent"}) if method == "POST" else client.get(path)

    def fill(self, route: str) -> str:
        """Put the keys of the operator's own rows where a route has arguments."""
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(self.value(match[1], route)), route)

    def value(self, name: str, route: str) -> Any:
        """Return the key that an argument of a route stands for."""
        if name == "pk":
            return next(row.pk for part, row in self.rows.items() if f"/{part}/<int:pk>" in route)
        return {
            "slug": "desk" if route.startswith("help/") else self.lot.slug,
            "name": "document",
            "provider": "unused",
            "operator": self.lot.operator.slug,
            "act": "write_off",
            "listing": "stays",
            "code": self.gate.code,
            "command_id": 1,
            "lot": self.lot.slug,
            "city": "zurich",
            "ticket_number": self.ticket.number,
            "reference": self.booking.token if "bookings" in route else self.ticket.number,
            "token": self.ticket.token,
            "signed": "unknown",
            "vehicle_id": self.rows["vehicles"].pk,
            "booking_id": self.rows["bookings"].pk,
            "card_id": self.rows["cards"].pk,
            "setup_reference": self.card_setup.reference,
            "bank_reference": self.asked.idempotency_key,
            "key": "unknown",
            "pass_code": self.held.code,
            "pass_id": self.held.pk,
            "manager_id": self.manager.pk,
            "offer_id": self.rows["offers"].pk,
            "company_id": self.rows["companies"].pk,
            "kind_id": self.kind.pk,
            "validation_id": self.given.pk,
            "whose": "lots",
            "kind": "stays",
            "month": "2026-01",
            "digest": "0" * 64,
            "export_id": self.export.pk,
            "webhook_id": self.rows["webhooks"].pk,
            "delivery_id": self.delivery.pk,
            "delivery_pk": self.delivery.pk,
            "task_id": self.task.pk,
            "payment_id": self.rows["payments"].pk,
            "refund_id": f"w{self.rows['requests'].pk}",
            "document_id": self.rows["documents"].pk,
            "shift_id": self.rows["shifts"].pk,
            "number": self._number(route),
            "tariff_id": self.rows["tariffs"].pk,
            "zone_id": self.rows["zones"].pk,
            "member_id": self.rows["people"].pk,
            "invitation_id": self.rows["invitations"].pk,
        }[name]

    def _number(self, route: str) -> Any:
        if "spots" in route:
            return self.rows["spots"].number
        return self.ticket.number if "stays" in route or "tickets" in route else 0
