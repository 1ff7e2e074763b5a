"""Everything that is kept about a person, as one JSON text that is written row by row."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from accounts.erasure import PERSONAL, addresses_of
from accounts.models import ApiKey, Invitation, OperatorApplication, User
from billing.models import Debt, DebtAppeal, PromoUse, Refund
from gates.models import GateEvent
from merchants.models import Validation
from notifications.models import MailAddress, Message, MessageChoices, PhoneCode
from passes.models import PassPlate
from reservations.limits import names_of
from reservations.models import NotParkedReport
from reservations.services import bookings_of
from tickets.access import payments_of
from tickets.models import PlateCorrection, StayAct, StayProof, Ticket
from tickets.queries import charges_about, documents_about

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind with the fields that are told of them; `renamed` are fields of other rows by their name here."""

    name: str
    rows: QuerySet[Any]
    fields: tuple[str, ...]
    renamed: dict[str, str]

    def told(self) -> Iterator[dict[str, Any]]:
        """Yield the rows."""
        renamed = {name: F(path) for name, path in self.renamed.items()}
        yield from self.rows.order_by("pk").values(*self.fields, **renamed).iterator(chunk_size=AT_ONCE)


def own_data(person: User, at: datetime) -> Iterator[str]:
    """Yield the parts of the JSON text: who it is about, then each section with its rows."""
    profile = {name: getattr(person, name) for name in ("email", *PERSONAL, "joined_at", "last_login")}
    yield f'{{\n"made_at": {_json(at)},\n"profile": {_json(profile)}'
    for section in _sections(person):
        yield f",\n{_json(section.name)}: ["
        for number, row in enumerate(section.told()):
            yield f"{',' if number else ''}\n{_json(row)}"
        yield "]"
    yield "\n}\n"


def _sections(person: User) -> Iterator[Section]:
    yield from _of_the_account(person)
    yield from _of_parking(person)
    yield from _of_passes(person)
    yield from _of_money(person)
    told = Message.objects.annotate(to=Lower("recipient")).filter(to__in=addresses_of(person))
    yield _section("messages", told, "created_at sent_at recipient template context state outcome")
    chosen = MessageChoices.objects.filter(person=person)
    yield _section("choices_about_messages", chosen, "kinds quiet_from quiet_until summary_at by_text changed_at")
    marks = MailAddress.objects.filter(address__in=addresses_of(person))
    yield _section("addresses_without_mail", marks, "address outcome since said cleared_at")


def _of_the_account(person: User) -> Iterator[Section]:
    mine, operator = {"user": person}, {"operator_name": "operator__name"}
    yield _section("email_addresses", EmailAddress.objects.filter(**mine), "email verified primary")
    yield _section("sign_in_methods", Authenticator.objects.filter(**mine), "type created_at last_used_at")
    yield _section("sessions", UserSession.objects.filter(**mine), "created_at last_seen_at ip user_agent")
    yield _section("devices", person.signed_in_devices.all(), "first_seen_at last_seen_at")
    codes = PhoneCode.objects.filter(person__in=names_of(person, addresses_of(person)))
    yield _section("phone_codes", codes, "phone created_at verified_at")
    made = ApiKey.objects.filter(made_by=person)
    yield _section("api_keys", made, "name scopes made_at last_used_at ends_at withdrawn_at", **operator)
    yield _section("memberships", person.memberships.all(), "role since", **operator)
    invitations = Invitation.objects.filter(email__in=addresses_of(person))
    yield _section("invitations", invitations, "email role invited_at accepted_at", **operator)
    applied = OperatorApplication.objects.filter(email__in=addresses_of(person))
    facts = "company name email country wishes applied_at confirmed_at accepted_at declined_at answer"
    yield _section("applications_as_operator", applied, facts)
    yield _section("vehicles", person.vehicles.all(), "plate vehicle_type electric added_at")
    facts = "whose kind asked file_format state rows size created_at finished_at expires_at"
    yield _section("exports", person.exports.all(), facts)


def _of_parking(person: User) -> Iterator[Section]:
    stays, lot = Ticket.objects.proven_by(person), {"lot_name": "lot__name", "timezone": "lot__timezone"}
    of_stays, stay = Q(ticket__in=stays.values("pk")), {"stay": "ticket__number"}
    place = {"spot_number": "spot__number", "level_name": "level__name", "booking_code": "reservation__code"}
    facts = "status plate exit_plate region vehicle_type electric permit entry_at exit_at paid_at closed_reason lost"
    yield _section("stays", stays, f"number {facts}", **lot, **place)
    yield _section("proofs_of_stays", StayProof.objects.filter(driver=person), "kind proven_at", **stay)
    corrections = PlateCorrection.objects.filter(of_stays)
    yield _section("discounts_by_shops", Validation.objects.filter(of_stays), "given_at withdrawn_at", **stay, **_SHOP)
    yield _section("corrected_plates", corrections, "from_plate to_plate at", **stay)
    yield _section("acts_of_staff", StayAct.objects.filter(of_stays), "kind before after why at", **stay)
    events = GateEvent.objects.filter(of_stays)
    facts = "at captured_at kind plate confidence read action reason"
    yield _section("events_at_gates", events, facts, **stay, gate_code="gate__code")
    facts = (
        "code status email email_confirmed_at phone plate vehicle_type spot_type starts_at ends_at prepay price_amount"
    )
    facts = f"{facts} fee_amount cancel_free_until cancelled_at missed_at created_at"
    booked = bookings_of(person, addresses_of(person))
    yield _section("bookings", booked, facts, currency="lot__currency", **lot)
    reports = NotParkedReport.objects.filter(booking__in=booked.values("pk"))
    yield _section("bookings_not_parked", reports, "reported_at outcome decided_at word", booking_code="booking__code")


def _of_passes(person: User) -> Iterator[Section]:
    facts = "code name kind status valid_from valid_until price_amount renewal entries_left created_at"
    lot = {"lot_name": "lot__name", "timezone": "lot__timezone", "currency": "lot__currency"}
    yield _section("passes", person.passes.all(), facts, **lot)
    plates = PassPlate.objects.filter(held_pass__holder=person)
    yield _section("plates_of_passes", plates, "plate region label added_at removed_at", code="held_pass__code")
    managed = {"company_name": "company__name", "operator_name": "company__operator__name"}
    yield _section("managed_companies", person.managed_companies.all(), "added_at", **managed)


_SHOP = {"shop": "type__merchant__name", "discount": "type__name"}


def _of_money(person: User) -> Iterator[Section]:
    charges, payments, card = charges_about(person), payments_of(person), {"card": "saved_method__label"}
    of_charge = {"currency": "charge__currency", "stay": "charge__ticket__number", "lot_name": "charge__lot__name"}
    facts = "label currency due_amount lines tax_percent credited_amount captured_amount refunded_amount"
    yield _section("charges", charges, f"{facts} created_at settled_at")
    facts = "method state amount captured_amount authorised_amount receipt_email failure created_at finished_at"
    yield _section("payments", payments, facts, **card, **of_charge)
    used = PromoUse.objects.annotate(of=Lower("email")).filter(Q(person=person) | Q(of__in=addresses_of(person)))
    yield _section("promo_codes", used, "plate taken_at given_back_at lowered_amount", promo_code="code__shown")
    refunds = Refund.objects.filter(payment__in=payments.values("pk"))
    yield _section("refunds", refunds, "amount reason goodwill created_at returned_at")
    facts = "number issued_at currency total_amount tax_amount content"
    yield _section("documents", documents_about(person), facts)
    debts = Debt.objects.filter(charge__in=charges.values("pk"))
    yield _section("debts", debts, "plate amount reason created_at settled_at", **of_charge)
    appeals = DebtAppeal.objects.filter(Q(made_by=person) | Q(debt__in=debts.values("pk")))
    yield _section("appeals", appeals, "text email made_at accepted answer answered_at")
    yield _section("saved_cards", person.saved_methods.all(), "provider label created_at removed_at")
    facts = "plate limit_amount currency agreed_at withdrawn_at withdrawn_why"
    yield _section("automatic_payments", person.automatic_payments.all(), facts, **card)


def _section(name: str, rows: QuerySet[Any], fields: str, **renamed: str) -> Section:
    return Section(name, rows, tuple(fields.split()), renamed)


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
