"""Deleting an account: refused while something goes on; what the books must keep stays without the person."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.erasure import addresses_of, erase_person
from accounts.models import User
from billing.models import Debt, Payment, PaymentState
from billing.services import addresses_paid_with, erase_payer, forget_debt_plates, forget_removed_method
from common.errors import ConflictError
from events.services import forget_plates_of_subjects
from exports.services import erase_exports
from gates.services import forget_read_plates
from lists.services import erase_lists
from notifications.phone_codes import erase_phone_codes
from notifications.services import erase_messages
from passes.models import Pass
from passes.services import erase_holder
from reservations.limits import lock_names, names_of
from reservations.models import LIVE, Reservation
from reservations.services import bookings_of, erase_booker
from tickets.models import Ticket
from tickets.queries import charges_about, documents_about
from tickets.services import forget_plates, forget_proofs


class AccountNeededError(ConflictError):
    """The account can't be deleted while something of it goes on."""

    code = "account_needed"


@dataclass(frozen=True, slots=True)
class KeptBy:
    """What stands against deleting an account.

    `works` at an operator or for the back office, `debts` that are open, stays that are `inside`, bookings that are
    `live`, `passes` that have not ended, and payments that are still `settling`.
    """

    works: bool
    debts: list[Debt]
    inside: list[Ticket]
    live: list[Reservation]
    passes: list[Pass]
    settling: bool

    def __bool__(self) -> bool:
        """Return whether anything stands against it."""
        return bool(self.works or self.debts or self.inside or self.live or self.passes or self.settling)


def what_keeps_account(person: User) -> KeptBy:
    """Return what stands against deleting an account now."""
    stays, charges = Ticket.objects.proven_by(person), charges_about(person)
    booked = bookings_of(person, addresses_of(person))
    debts = Debt.objects.open().filter(charge__in=charges.values("pk")).select_related("charge__lot", "charge__ticket")
    running = [PaymentState.PENDING, PaymentState.AUTHORISED]
    payments = Payment.objects.filter(Q(charge__in=charges.values("pk")) | Q(paid_by=person), state__in=running)
    return KeptBy(
        works=person.is_staff or person.is_superuser or person.memberships.exists(),
        debts=list(debts.order_by("created_at", "pk")),
        inside=list(stays.open().select_related("lot").order_by("entry_at", "pk")),
        live=list(booked.filter(status__in=LIVE).select_related("lot").order_by("starts_at", "pk")),
        passes=list(person.passes.not_ended().order_by("valid_until", "pk")),
        settling=payments.exists() or booked.filter(unsettled_since__isnull=False).exists(),
    )


def delete_account(*, person: User, at: datetime) -> None:
    """Delete an account for good: its person can't sign in any more and is found in no record but those that stay.

    Documents stay as they were issued. Of plates in reads at the gates, stays, debts and agreements a hash stays. Saved
    cards are dropped by their providers, and plates in events for programs removed, after the commit. Must not be
    called inside a transaction. Raises AccountNeededError (409).
    """
    with transaction.atomic():
        # A booking on its way under the account or its addresses is written before, or finds that there is none.
        lock_names(names_of(person, addresses_of(person)))
        person = User.objects.select_for_update().get(pk=person.pk)
        if what_keeps_account(person):
            raise AccountNeededError(_("Your account can’t be deleted yet. What to do first stands below."))
        addresses, booked = addresses_of(person), Reservation.objects.filter(driver=person)
        typed = addresses_paid_with(person) | {email.lower() for email in booked.values_list("email", flat=True)}
        about = {
            *booked.values_list("code", flat=True),
            *person.passes.values_list("code", flat=True),
            *map(str, documents_about(person).values_list("pk", flat=True)),
        }
        stays = dict(Ticket.objects.proven_by(person).values_list("pk", "number"))
        owed = list(Debt.objects.filter(charge__in=charges_about(person).values("pk")).values_list("pk", flat=True))
        codes = bookings_of(person, addresses).values_list("code", flat=True)
        subjects = [*(f"stay:{one}" for one in stays.values()), *(f"reservation:{code}" for code in codes)]
        subjects += [f"debt:{key}" for key in owed]
        cards = erase_payer(person=person, addresses=addresses, at=at)
        erase_holder(person=person, addresses=addresses)
        erase_booker(person=person, addresses=addresses)
        erase_phone_codes(persons=names_of(person, addresses))
        erase_messages(addresses=addresses, typed=typed, about=about)
        forget_proofs(driver=person)
        forget_read_plates(tickets=stays)
        forget_plates(tickets=stays)
        forget_debt_plates(debts=owed)
        erase_exports(person=person)
        erase_lists(person=person)
        erase_person(person=person, at=at)
    forget_plates_of_subjects(subjects=subjects)
    for card in cards:
        forget_removed_method(method=card, at=at)
