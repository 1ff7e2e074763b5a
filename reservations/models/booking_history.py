"""What became of bookings: what people did with them, and what who booked says of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from common.db.sealed_fields import EncryptedTextField
from common.notes import LONGEST_NOTE
from reservations.models.reservations import Reservation


class ReportOutcome(models.TextChoices):
    REFUNDED = "refunded", _("Given back")
    REJECTED = "rejected", _("Rejected")
    PARKED = "parked", _("Came in after all")


class NotParkedReportQuerySet(models.QuerySet["NotParkedReport"]):
    """Filters of reports."""

    def waiting(self) -> "NotParkedReportQuerySet":
        """Keep those that nobody has decided yet."""
        return self.filter(decided_at=None)

    def for_a_person(self) -> "NotParkedReportQuerySet":
        """Keep those that only a person can decide."""
        return self.waiting().filter(turned_away_at=None)


class NotParkedReport(models.Model):
    """What who booked says of a booking: "I could not park".

    `turned_away_at` is when a lane last answered its car that all is full: then it is decided by itself once the car
    has not come in for a while. Without that a person decides, with a word to who booked.
    """

    booking = models.OneToOneField(Reservation, models.PROTECT, related_name="not_parked")
    reported_at = models.DateTimeField()
    turned_away_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=ReportOutcome.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    word = EncryptedTextField(max_length=LONGEST_NOTE, blank=True)

    objects = NotParkedReportQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", *ReportOutcome.values]), name="not_parked_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="not_parked_decided_with_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["reported_at"], condition=Q(decided_at__isnull=True), name="not_parked_waiting")
        ]

    def __str__(self) -> str:
        return f"Not parked: {self.booking}"


class ActKind(models.TextChoices):
    CHANGED = "changed", _("Changed")
    CANCELLED = "cancelled", pgettext_lazy("booking", "Cancelled")
    FORGIVEN = "forgiven", _("No-show forgiven")
    MOVED = "moved", _("Moved for a closure")


class BookingAct(models.Model):
    """What somebody did with a booking after it was made; `by` is the operator's person, None who booked.

    `changes` are the values before and after by field: instants as RFC 3339, amounts in minor units.
    """

    booking = models.ForeignKey(Reservation, models.CASCADE, related_name="acts")
    kind = models.CharField(max_length=12, choices=ActKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    why = models.CharField(max_length=LONGEST_NOTE, blank=True)
    changes = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["booking_id", "id"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=ActKind.values), name="booking_act_kind_known")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.booking_id}"
