"""Stays, and whose they are."""

from collections.abc import Sequence

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import VEHICLE_LABELS, User
from accounts.vehicles import VehicleType
from billing.models import Charge, Tariff
from common.db.choices import choices_of
from common.notes import LONGEST_NOTE
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH
from common.regions import LONGEST_KEY, LONGEST_REGION
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Level, Lot, Spot
from passes.models import Pass
from reservations.models import Reservation


class TicketStatus(models.TextChoices):
    ENTERING = "entering", _("Entering")
    ACTIVE = "active", _("Parked")
    PAID = "paid", _("Paid")
    CLOSED = "closed", _("Left")
    VOID = "void", _("Void")
    REVIEW = "review", _("In review")


OPEN = (TicketStatus.ENTERING, TicketStatus.ACTIVE, TicketStatus.PAID)


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Filters of tickets."""

    def open(self) -> "TicketQuerySet":
        """Keep the stays whose car is inside."""
        return self.filter(status__in=OPEN)

    def proven_by(self, driver: User) -> "TicketQuerySet":
        """Keep the stays of a driver: those whose ticket the account has proven, or that it prepaid.

        The only rule of ownership. A plate proves nothing: anybody may add any plate to their vehicles.
        """
        proofs, booked = proven_halves([driver.pk])
        # A union, not an OR: each half uses an index, an OR would read every ticket.
        return self.filter(pk__in=proofs.values("ticket").union(booked.values("pk")))

    def provers(self) -> set[int]:
        """Return the keys of the accounts whose stays any of these are, by the rule of `proven_by`; two queries."""
        booked = self.filter(reservation__driver__isnull=False, reservation__charge__settled_at__isnull=False)
        proofs = StayProof.objects.filter(ticket__in=self.order_by().values("pk"))
        return {
            *proofs.values_list("driver", flat=True),
            *booked.order_by().values_list("reservation__driver", flat=True),
        }

    def in_review(self) -> "TicketQuerySet":
        """Keep the stays in review."""
        return self.filter(status=TicketStatus.REVIEW)


def proven_halves(drivers: Sequence[int]) -> tuple[models.QuerySet["StayProof"], TicketQuerySet]:
    """Return what makes stays those of some drivers: proofs of tickets, and the stays that they prepaid."""
    prepaid = Reservation.objects.filter(driver__in=drivers, charge__settled_at__isnull=False)
    proofs = StayProof.objects.filter(driver__in=drivers).order_by()
    return proofs, Ticket.objects.filter(reservation__in=prepaid).order_by()


class Ticket(models.Model):
    """One stay.

    In a lot that counts spots an open ticket has a `spot`; in one that only counts cars it has a `level` and
    `spot_type` whose counter it took. An offline entry into a full lot has neither, until the database gives it a
    place that frees: to the fitting car that has waited longest. `region` is where its plate is from as it was read;
    `plate_region` is that as the key by which the lot tells its car from others, '' where it doesn't. `priced_as` is
    the spot type the tariff sees, which a later place doesn't change. It is not charged for what its `held_pass`
    covers; the database keeps the use of the pass. `stays_before` is counted at the entry, and only where the tariff
    has a discount for regulars. `discounts` lower its fee, each with the `key` of the row that gave it, its `name` and
    its `discount` as the pricing engine takes it. `changed_*` describe the last change of state; the database copies
    them into the history.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="tickets", db_index=False)
    number = models.CharField(max_length=13)
    token = models.CharField(max_length=32)
    status = models.CharField(max_length=10, choices=TicketStatus.choices)
    plate = models.CharField(max_length=MAX_RAW_LENGTH, null=True, blank=True)
    plate_normalised = models.CharField(max_length=MAX_LENGTH, null=True, blank=True)
    plate_skeleton = models.CharField(max_length=MAX_LENGTH, null=True, blank=True)
    region = models.CharField(max_length=LONGEST_REGION, blank=True)
    plate_region = models.CharField(max_length=LONGEST_KEY, blank=True, editable=False)
    exit_plate = models.CharField(max_length=MAX_RAW_LENGTH, null=True, blank=True)
    vehicle_type = models.CharField(max_length=12, choices=choices_of(VEHICLE_LABELS), default=VehicleType.REGULAR)
    electric = models.BooleanField(default=False)
    permit = models.BooleanField(default=False)
    spot = models.ForeignKey(Spot, models.PROTECT, null=True, blank=True, related_name="tickets")
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS), null=True, blank=True)
    priced_as = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS), default=SpotType.REGULAR)
    entry_at = models.DateTimeField()
    exit_at = models.DateTimeField(null=True, blank=True)
    no_grace = models.BooleanField(_("re-entry: no grace and no free minutes"), default=False)
    stays_before = models.PositiveSmallIntegerField(
        _("paid stays of the plate in the month before this one"), default=0, db_default=0
    )
    lost = models.BooleanField(_("lost-ticket fee applies"), default=False)
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, blank=True, related_name="tickets")
    multiplier = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    reservation = models.ForeignKey(
        Reservation, models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False
    )
    held_pass = models.ForeignKey(Pass, models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False)
    discounts = models.JSONField(default=list, blank=True, db_default=[])
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="ticket")
    paid_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=20, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    changed_why = models.CharField(max_length=LONGEST_NOTE)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-entry_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TicketStatus.values), name="ticket_status_known"),
            models.UniqueConstraint(fields=["number"], name="ticket_number_once"),
            models.UniqueConstraint(fields=["token"], name="ticket_token_once"),
            models.UniqueConstraint(
                fields=["lot", "plate_normalised", "plate_region"],
                condition=Q(status__in=OPEN, plate_normalised__isnull=False),
                name="ticket_one_open_per_plate_and_lot",
            ),
            # Without the stays that have no spot, so that nobody reads all open stays along it to find those.
            models.UniqueConstraint(
                fields=["spot"],
                condition=Q(status__in=OPEN, spot__isnull=False),
                name="ticket_one_open_per_spot",
            ),
            models.CheckConstraint(
                condition=Q(exit_at__isnull=True) | Q(exit_at__gte=F("entry_at")), name="ticket_leaves_after_entry"
            ),
            models.CheckConstraint(
                condition=~Q(status=TicketStatus.CLOSED) | (Q(exit_at__isnull=False) & ~Q(closed_reason="")),
                name="ticket_closed_has_exit_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(spot__isnull=True) | (Q(level__isnull=False) & Q(spot_type__isnull=False)),
                name="ticket_spot_has_level_and_type",
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "plate_skeleton"], condition=Q(status__in=OPEN), name="ticket_inside_by_plate"),
            models.Index(fields=["lot", "-entry_at"], condition=Q(status__in=OPEN), name="ticket_inside_by_entry"),
            models.Index(
                fields=["lot", "entry_at", "id"],
                condition=Q(status__in=OPEN, level__isnull=True),
                name="ticket_without_place",
            ),
            models.Index(fields=["lot", "-entry_at"], name="ticket_by_entry"),
            models.Index(fields=["lot", "-exit_at"], condition=Q(exit_at__isnull=False), name="ticket_by_exit"),
            models.Index(fields=["plate_normalised", "lot", "-exit_at"], name="ticket_of_plate"),
            models.Index(fields=["reservation"], condition=Q(reservation__isnull=False), name="ticket_of_reservation"),
            models.Index(fields=["held_pass"], condition=Q(held_pass__isnull=False), name="ticket_of_pass"),
            models.Index(fields=["changed_by"], condition=Q(changed_by__isnull=False), name="ticket_changed_by"),
            models.Index(fields=["lot", "changed_at"], condition=Q(status="review"), name="ticket_in_review"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Return whether the car is inside."""
        return self.status in OPEN


class ProofKind(models.TextChoices):
    NUMBER = "number", _("Typed its number")
    TOKEN = "token", _("Opened its link")
    PAYMENT = "payment", _("Paid its whole fee")


class StayProof(models.Model):
    """An account's proof that a stay is its own: it held the ticket, or paid the whole fee.

    There is one per account and stay; the first is kept.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="proofs")
    driver = models.ForeignKey(User, models.CASCADE, related_name="stay_proofs", db_index=False)
    kind = models.CharField(max_length=8, choices=ProofKind.choices)
    proven_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["driver", "ticket"], name="stay_proof_once_per_account"),
            models.CheckConstraint(condition=Q(kind__in=ProofKind.values), name="stay_proof_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.driver} · {self.ticket} · {self.get_kind_display()}"
