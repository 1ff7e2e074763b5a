"""Rows of each list of the office, all different, and in plain words which of them a filter asks for."""

import datetime as dt
import random
import uuid
from zoneinfo import ZoneInfo

from django.urls import reverse
from hypothesis import strategies as st

from billing.models import Debt, Document, Payment, Shift, ShiftCount
from common.plates import normalise, skeleton
from gates.models import GateEvent
from lots.models import Gate
from notifications.models import Message
from office.bookings.booking_list import BOOKINGS_LIST
from office.exception_list import EXCEPTIONS
from office.gates.gate_list import GATES
from office.messages.outbox_list import MESSAGES
from office.money.debt_list import DEBTS
from office.money.document_list import DOCUMENTS
from office.money.payment_filter import PAYMENTS
from office.money.shift_list import SHIFTS
from office.stays.activity_list import ACTIVITY
from office.stays.stay_list import REVIEWS, STAYS
from reservations.models import Reservation
from tests.entrance.sessions import client_of
from tests.factories import make_charge, make_device, make_gate, make_lot, make_operator, make_reservation, make_user
from tickets.models import Ticket
from tickets.numbers import new_number

NOW = dt.datetime(2026, 3, 20, 11, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DAYS = st.dates(dt.date(2026, 3, 1), dt.date(2026, 3, 21)).map(str)
AMOUNTS = st.sampled_from(["0", "3", "7.50", "20", "300"])


class World:
    """Two lots of an operator in two timezones, their admin, and `rows` of a list."""

    listing, model = STAYS, Ticket
    asked: dict[str, st.SearchStrategy[str]] = {}

    def __init__(self, rows: int = 0) -> None:
        self.random = random.Random(rows)
        self.operator = make_operator()
        zones = ("Europe/Zurich", "America/New_York")
        self.lots = [make_lot(self.operator, slug=f"list-{n}", timezone=zone) for n, zone in enumerate(zones)]
        self.gates = [make_gate(lot, code=f"list-{n}") for n, lot in enumerate(self.lots)]
        self.devices = [make_device(gate)[0] for gate in self.gates]
        self.admin = make_user("admin", self.operator, name="Anna Keller")
        self.client = client_of(self.admin)
        self.add(rows)

    def add(self, rows: int, first: int = 0) -> None:
        self.model.objects.bulk_create([self.made(number) for number in range(first, first + rows)])

    def page(self, **query):
        answer = self.client.get(self.path, query)
        assert answer.status_code == 200, answer.content.decode()[-3000:]
        return answer.context["page"]

    @property
    def path(self):
        return reverse(self.listing.url)

    def keys(self, **query) -> list[int]:
        """The keys of all rows that an address asks for, page by page and as far as there are any."""
        found, query = [], {"per": "25"} | query
        while True:
            page = self.page(**query)
            found += [self.key(row) for row in page.object_list]
            if page.has_next():
                query["page"] = str(page.next_page_number())
            elif page.edge:
                query = {**query, "beyond": page.beyond, "page": "1"}
            else:
                return found

    def key(self, row) -> int:
        return row.pk

    def stored(self):
        return list(self.model.objects.all())

    def wanted(self, asked: dict[str, str]) -> set[int]:
        return {row.pk for row in self.stored() if self.fits(row, asked)}

    def fits(self, row, asked) -> bool:
        raise NotImplementedError

    # What all kinds share.

    def any_lot(self):
        return self.random.choice(self.lots)

    def moment(self, number):
        # Several rows of the same instant, so that only their keys tell them apart.
        return NOW - (number // 3) * dt.timedelta(hours=7, minutes=13)

    def plate(self, number):
        return f"ZH {1000 + number * 37 % 9000 + number // 9000 * 10_000}"

    def charged(self, lot, amount, **fields):
        return make_charge(lot, amount, at=NOW, **fields)


def on_days(at, zone, asked) -> bool:
    day = at.astimezone(ZoneInfo(zone)).date().isoformat()
    return asked.get("from", "0000") <= day <= asked.get("to", "9999")


def within(amount, asked) -> bool:
    least, most = (asked.get(name) for name in ("least", "most"))
    if amount is None:
        return not least and not most
    return (not least or amount >= float(least) * 100) and (not most or amount <= float(most) * 100)


def at_lot(lot, asked) -> bool:
    return asked.get("lot", lot.slug) == lot.slug


LOTS = st.sampled_from(["list-0", "list-1"])
PARTS = st.sampled_from(["1", "10", "zh 1", "ZH 1037", "O1", "?", "37 "])


class StaysWorld(World):
    asked = {
        "q": PARTS,
        "lot": LOTS,
        "gate": st.just("of the lot"),
        "status": st.sampled_from(["active", "closed", "review", "void", "paid"]),
        "from": DAYS,
        "to": DAYS,
        "length": st.sampled_from(["1", "4", "24", "72"]),
        "least": AMOUNTS,
        "most": AMOUNTS,
    }

    def made(self, number):
        lot, entry = self.any_lot(), self.moment(number)
        status = self.random.choice(["active", "closed", "closed", "closed", "review", "void", "paid"])
        amount = self.random.choice([None, 300, 750, 1200, 4000])
        left = {"exit_at": entry + self.random.choice([HOUR, 5 * HOUR, 3 * DAY]), "closed_reason": "paid"}
        return Ticket(
            lot=lot,
            number=new_number(self.random.randrange),
            token=uuid.UUID(int=self.random.getrandbits(128)).hex,
            status=status,
            plate=self.plate(number),
            plate_normalised=normalise(self.plate(number)),
            plate_skeleton=skeleton(normalise(self.plate(number))),
            entry_at=entry,
            changed_at=entry + self.random.choice([HOUR, DAY]),
            changed_why="made for a test",
            charge=None if amount is None else self.charged(lot, amount, captured_amount=amount),
            **(left if status == "closed" else {}),
        )

    def page(self, **query):
        """Return the page; the lanes are called as their lots, and another lot's lane is no choice."""
        return super().page(**query | ({"gate": query.get("lot", "list-0")} if query.get("gate") else {}))

    def add(self, rows, first=0):
        """Add stays, most of which were let in at a lane of their lot, and some turned away there."""
        super().add(rows, first)
        GateEvent.objects.bulk_create(self._seen(stay) for stay in Ticket.objects.filter(events=None).order_by("pk"))

    def _seen(self, stay):
        gate, device = next(
            pair for pair in zip(self.gates, self.devices, strict=True) if pair[0].lot_id == stay.lot_id
        )
        moments = dict.fromkeys(("captured_at", "at", "received_at"), stay.entry_at)
        return GateEvent(
            lot=stay.lot,
            gate=gate,
            device=device,
            event_id=uuid.UUID(int=stay.pk),
            body_hash=b"",
            **moments,
            action=self.random.choice(["open", "open", "deny"]),
            reason="ok",
            ticket=stay,
            answer={},
        )

    def fits(self, row, asked):
        lanes = {seen.gate.code for seen in row.events.all() if seen.action == "open"}
        long = dt.timedelta(hours=int(asked.get("length") or 0))
        stayed = (row.exit_at - row.entry_at) if row.exit_at else dt.datetime.now(dt.UTC) - row.entry_at
        paid = row.charge.captured_amount if row.charge else None
        return (
            named(row, asked)
            and at_lot(row.lot, asked)
            and (not asked.get("gate") or asked.get("lot", "list-0") in lanes)
            and asked.get("status", row.status) == row.status
            and on_days(row.entry_at, row.lot.timezone, asked)
            and stayed >= long
            and within(paid, asked)
        )


def named(row, asked) -> bool:
    text = normalise(asked.get("q", "")) if asked.get("q") else ""
    return text is not None and skeleton(text) in row.plate_skeleton


class ReviewsWorld(StaysWorld):
    listing = REVIEWS
    asked = {"q": PARTS, "lot": LOTS, "from": DAYS, "to": DAYS}

    def made(self, number):
        row = super().made(number)
        row.status, row.exit_at, row.closed_reason = "review", None, ""
        row.changed_at = row.entry_at
        return row

    def fits(self, row, asked):
        return named(row, asked) and at_lot(row.lot, asked) and on_days(row.changed_at, row.lot.timezone, asked)


class PaymentsWorld(World):
    listing, model = PAYMENTS, Payment
    asked = {
        "lot": LOTS,
        "method": st.sampled_from(["cash", "terminal", "online"]),
        "state": st.sampled_from(["captured", "failed"]),
        "from": DAYS,
        "to": DAYS,
        "least": AMOUNTS,
        "most": AMOUNTS,
        "by": st.just("me"),
    }

    def made(self, number):
        amount, state = self.random.choice([300, 750, 2000]), self.random.choice(["captured", "failed"])
        return Payment(
            charge=self.charged(self.any_lot(), amount),
            method=self.random.choice(["cash", "terminal", "online"]),
            state=state,
            amount=amount,
            captured_amount=amount if state == "captured" else 0,
            idempotency_key=f"list-{number}",
            taken_by=self.random.choice([None, self.admin]),
            created_at=self.moment(number),
            finished_at=self.moment(number),
        )

    def page(self, **query):
        return super().page(**query | ({"by": self.admin.pk} if query.get("by") else {}))

    def stored(self):
        return list(Payment.objects.select_related("charge__lot"))

    def fits(self, row, asked):
        return (
            at_lot(row.charge.lot, asked)
            and asked.get("method", row.method) == row.method
            and asked.get("state", row.state) == row.state
            and (not asked.get("by") or row.taken_by_id == self.admin.pk)
            and on_days(row.created_at, row.charge.lot.timezone, asked)
            and within(row.amount, asked)
        )


class DebtsWorld(World):
    listing, model = DEBTS, Debt
    asked = {"q": PARTS, "lot": LOTS, "from": DAYS, "to": DAYS, "least": AMOUNTS, "most": AMOUNTS}

    def made(self, number):
        amount = self.random.choice([300, 750, 2000])
        return Debt(
            operator=self.operator,
            charge=self.charged(self.any_lot(), amount),
            plate=self.plate(number),
            plate_normalised=normalise(self.plate(number)),
            amount=amount,
            reason=self.random.choice(["left without paying", "card declined twice"]),
            created_at=self.moment(number),
        )

    def fits(self, row, asked):
        text = normalise(asked.get("q", "")) if asked.get("q") else ""
        return (
            text is not None
            and text in row.plate_normalised
            and at_lot(row.charge.lot, asked)
            and on_days(row.created_at, row.charge.lot.timezone, asked)
            and within(row.charge.balance_amount, asked)
        )


class DocumentsWorld(World):
    listing, model = DOCUMENTS, Document
    asked = {
        "q": st.sampled_from(["ZH 1037", "R-2026-000003", "zz 1"]),
        "lot": LOTS,
        "kind": st.sampled_from(["R", "I"]),
        "amount": st.sampled_from(["3", "7.50", "9"]),
        "from": DAYS,
        "to": DAYS,
    }

    def made(self, number):
        lot, at, kind = self.any_lot(), self.moment(number), self.random.choice("RI")
        here = at.astimezone(ZoneInfo(lot.timezone))
        return Document(
            operator=self.operator,
            lot=lot,
            kind=kind,
            year=2026,
            sequence=number + 1,
            number=f"{kind}-2026-{number + 1:06}",
            token=f"list-{number}",
            currency="CHF",
            total_amount=self.random.choice([300, 750, 2000]),
            tax_amount=22,
            plate_normalised=normalise(self.plate(number)),
            issued_at=at,
            content={"issued": here.isoformat(), "items": [{"plate": self.plate(number)}]},
            hash=f"list-{number}",
        )

    def fits(self, row, asked):
        text = asked.get("q", "").upper()
        return (
            (not text or text == row.number or normalise(text) == row.plate_normalised)
            and at_lot(row.lot, asked)
            and asked.get("kind", row.kind) == row.kind
            and (not asked.get("amount") or row.total_amount == float(asked["amount"]) * 100)
            and on_days(row.issued_at, row.lot.timezone, asked)
        )


class BookingsWorld(World):
    listing, model = BOOKINGS_LIST, Reservation
    asked = {
        "q": st.sampled_from(["1", "ZH 10", "anna", "BERN", "ZH 1037"]),
        "lot": LOTS,
        "status": st.sampled_from(["confirmed", "completed", "cancelled", "lapsed", "no_show"]),
        "from": DAYS,
        "to": DAYS,
        "least": AMOUNTS,
        "most": AMOUNTS,
    }

    def add(self, rows, first=0):
        for number in range(first, first + rows):
            at = self.moment(number)
            status = self.random.choice(["confirmed", "completed", "cancelled", "lapsed", "no_show"])
            ended = {"cancelled": {"cancelled_at": at}, "no_show": {"missed_at": at}}.get(status, {})
            make_reservation(
                self.any_lot(),
                self.plate(number),
                at,
                at + self.random.choice([HOUR, 3 * HOUR]),
                status=status,
                **ended,
                email=self.random.choice(["anna@example.com", "urs@bern.example"]),
                created_at=at - DAY,
            )

    def fits(self, row, asked):
        text = asked.get("q", "")
        named_so = skeleton(normalise(text) or "?") in row.plate_skeleton or text.lower() in row.email
        return (
            (not text or named_so)
            and at_lot(row.lot, asked)
            and (asked["status"] == row.status if asked.get("status") else row.status != "lapsed")
            and on_days(row.starts_at, row.lot.timezone, asked)
            and within(row.price_amount, asked)
        )


class MessagesWorld(World):
    listing, model = MESSAGES, Message
    asked = {
        "q": st.sampled_from(["anna", "LIST-1", "@bern"]),
        "state": st.sampled_from(["queued", "sent", "parked"]),
        "kind": st.sampled_from(["document", "invitation"]),
        "from": DAYS,
        "to": DAYS,
    }

    def made(self, number):
        state = self.random.choice(["queued", "sent", "parked"])
        return Message(
            key=f"list-{number}",
            operator=self.operator,
            recipient=self.random.choice(["anna@example.com", "urs@bern.example"]),
            template=self.random.choice(["document", "invitation"]),
            state=state,
            error="it came back" if state == "parked" else "",
            created_at=self.moment(number),
            next_attempt_at=self.moment(number),
        )

    def fits(self, row, asked):
        text = asked.get("q", "").lower()
        return (
            (text in row.recipient or text in row.key)
            and asked.get("state", row.state) == row.state
            and asked.get("kind", row.template) == row.template
            and on_days(row.created_at, self.lots[0].timezone, asked)
        )


class ActivityWorld(World):
    listing, model = ACTIVITY, GateEvent
    asked = {
        "q": st.sampled_from(["1", "ZH 10", "ZH 1037", "?"]),
        "gate": st.sampled_from(["list-0", "list-1"]),
        "by": st.just("me"),
        "kind": st.sampled_from(["read", "person"]),
        "from": DAYS,
        "to": DAYS,
    }

    def made(self, number):
        place, at = self.random.randrange(2), self.moment(number)
        kind = self.random.choice(["read", "read", "person"])
        return GateEvent(
            lot=self.lots[place],
            gate=self.gates[place],
            device=self.devices[place] if kind == "read" else None,
            person=None if kind == "read" else self.admin,
            kind=kind,
            event_id=uuid.UUID(int=number + 1),
            body_hash=b"",
            captured_at=at,
            at=at,
            received_at=at,
            plate=self.plate(number),
            plate_normalised=normalise(self.plate(number)),
            action="open",
            reason="ok",
            answer={},
        )

    def key(self, row):
        return row.id

    def page(self, **query):
        return super().page(**query | ({"by": self.admin.pk} if query.get("by") else {}))

    def fits(self, row, asked):
        text = normalise(asked.get("q", "")) if asked.get("q") else ""
        return (
            text is not None
            and text in row.plate_normalised
            and at_lot(row.lot, asked)
            and asked.get("gate", row.gate.code) == row.gate.code
            and (not asked.get("by") or row.person_id == self.admin.pk)
            and asked.get("kind", row.kind) == row.kind
            and on_days(row.at, row.lot.timezone, asked)
        )


class ShiftsWorld(World):
    listing, model = SHIFTS, Shift
    asked = {
        "lot": LOTS,
        "person": st.just("me"),
        "state": st.sampled_from(["open", "closed"]),
        "off": st.sampled_from(["short", "over", "exact"]),
        "from": DAYS,
        "to": DAYS,
    }

    def add(self, rows, first=0):
        """Add shifts of the admin that were counted, and open ones of others."""
        super().add(rows, first)
        counted = {"round": 1, "tender": "cash", "currency": "CHF", "counted_by": self.admin, "counted_at": NOW}
        ShiftCount.objects.bulk_create(
            ShiftCount(
                shift=shift, counted_amount=self.random.choice([9800, 10000, 10300]), expected_amount=10000, **counted
            )
            for shift in Shift.objects.filter(state="closed", counts=None).order_by("pk")
        )

    def made(self, number):
        at, is_closed = self.moment(number), number == 0 or self.random.random() < 0.7
        times = dict.fromkeys(("counting_at", "counted_at", "closed_at"), at + HOUR) if is_closed else {}
        return Shift(
            person=self.admin if is_closed else make_user("attendant", self.operator),
            lot=self.any_lot(),
            drawer=f"Till {number}",
            currency="CHF",
            state="closed" if is_closed else "open",
            float_amount=10000,
            opened_at=at,
            **times,
        )

    def page(self, **query):
        return super().page(**query | ({"person": self.admin.pk} if query.get("person") else {}))

    def fits(self, row, asked):
        counted = row.counts.first()
        size = counted.counted_amount - counted.expected_amount if counted else None
        sizes = {"short": size is not None and size < 0, "over": size is not None and size > 0, "exact": size == 0}
        return (
            at_lot(row.lot, asked)
            and (not asked.get("person") or row.person_id == self.admin.pk)
            and asked.get("state", row.state) == row.state
            and sizes.get(asked.get("off", ""), True)
            and on_days(row.opened_at, row.lot.timezone, asked)
        )


class ExceptionsWorld(ActivityWorld):
    listing = EXCEPTIONS
    asked = {
        "gate": st.sampled_from(["list-0", "list-1"]),
        "by": st.just("me"),
        "flag": st.sampled_from(["skew", "no_spot", "waived"]),
        "from": DAYS,
        "to": DAYS,
        "day": DAYS,
    }

    def made(self, number):
        row = super().made(number)
        row.flags = self.random.choice([["no_spot"], ["waived", "no_spot"], []])
        row.skew_seconds = None if row.flags else 90
        return row

    def fits(self, row, asked):
        kinds = ["skew"] if row.skew_seconds else row.flags
        days = {"from": asked["day"], "to": asked["day"]} if asked.get("day") else asked
        return (
            asked.get("gate", row.gate.code) == row.gate.code
            and (not asked.get("by") or row.person_id == self.admin.pk)
            and (not asked.get("flag") or asked["flag"] in kinds)
            and on_days(row.at, row.lot.timezone, days)
        )


class GatesWorld(World):
    listing, model = GATES, Gate
    asked = {
        "lot": LOTS,
        "direction": st.sampled_from(["entry", "exit"]),
        "state": st.sampled_from(["open", "closed", "no_key"]),
    }

    def made(self, number):
        return Gate(
            lot=self.any_lot(),
            code=f"list-gate-{number}",
            direction=self.random.choice(["entry", "exit"]),
            is_closed=self.random.random() < 0.3,
        )

    def fits(self, row, asked):
        has_key = row.devices.exists()
        states = {"open": not row.is_closed, "closed": row.is_closed, "no_key": not has_key}
        return (
            at_lot(row.lot, asked)
            and asked.get("direction", row.direction) == row.direction
            and states.get(asked.get("state", ""), True)
        )


WORLDS = [
    StaysWorld,
    ReviewsWorld,
    PaymentsWorld,
    DebtsWorld,
    DocumentsWorld,
    BookingsWorld,
    MessagesWorld,
    ActivityWorld,
    ExceptionsWorld,
    ShiftsWorld,
    GatesWorld,
]
